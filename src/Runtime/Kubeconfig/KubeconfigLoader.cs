using System.Globalization;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace BitbucketOperator.Runtime.Kubeconfig;

/// <summary>
/// Finds the API server as kubectl and controllers do: a file that is named, else the files of <c>KUBECONFIG</c>, else the pod's
/// ServiceAccount, else <c>~/.kube/config</c>.
/// </summary>
public static class KubeconfigLoader
{
    private const string Variable = "KUBECONFIG";

    /// <summary>Reads how to reach the API server; sends nothing.</summary>
    /// <param name="file">A kubeconfig file; null for the usual places.</param>
    /// <param name="context">One of its contexts; null for the current one.</param>
    /// <param name="clock">For what is read again after a while.</param>
    /// <exception cref="KubeconfigException">There is none, or it cannot be used.</exception>
    public static ApiServerAccess Load(string? file, string? context, TimeProvider clock)
    {
        if (file is not null)
        {
            return Of(new KubeconfigFiles([file], mayBeMissing: false), context, clock);
        }

        var paths = (Environment.GetEnvironmentVariable(Variable) ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);
        if (paths.Length > 0)
        {
            return Of(new KubeconfigFiles(paths, mayBeMissing: true), context, clock);
        }

        if (context is null && ServiceAccount.IsPresent)
        {
            return ServiceAccount.Access(clock);
        }

        var own = Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".kube", "config");
        return File.Exists(own)
            ? Of(new KubeconfigFiles([own], mayBeMissing: false), context, clock)
            : throw new KubeconfigException($"No kubeconfig: {own} does not exist. Set {Variable} or pass --kubeconfig");
    }

    internal static ApiServerAccess Of(KubeconfigFiles files, string? contextName, TimeProvider clock)
    {
        var name = contextName ?? files.CurrentContext ?? throw new KubeconfigException(
            $"No current context in {files.Names}. Pass --context, or set one with kubectl config use-context");
        var context = files.Find("context", name) ?? throw new KubeconfigException($"Context \"{name}\" not found in {files.Names}");
        var clusterName = context.Text("cluster") ?? throw new KubeconfigException($"Context \"{name}\" names no cluster");
        var cluster = files.Find("cluster", clusterName)
            ?? throw new KubeconfigException($"Cluster \"{clusterName}\" of context \"{name}\" not found in {files.Names}");
        var userName = context.Text("user");
        var user = userName is null ? null : files.Find("user", userName)
            ?? throw new KubeconfigException($"User \"{userName}\" of context \"{name}\" not found in {files.Names}");
        var server = UriOf(cluster, "server", "http", "https") ?? throw new KubeconfigException($"{cluster.Place} has no server");
        return new ApiServerAccess
        {
            Server = server,
            SkipTlsVerify = SkipsVerification(cluster),
            Authorities = AuthoritiesOf(cluster),
            TlsServerName = cluster.Text("tls-server-name"),
            Proxy = UriOf(cluster, "proxy-url", "http", "https", "socks5"),
            Namespace = context.Text("namespace"),

            // As kubectl, nothing secret is sent in clear text.
            Login = user is null || server.Scheme == Uri.UriSchemeHttp ? FixedLogin.None : LoginOf(user, cluster, clock),
            Impersonation = user is null ? null : ImpersonationOf(user),
        };
    }

    private static Uri? UriOf(KubeconfigNode cluster, string field, params ReadOnlySpan<string> schemes) => cluster.Text(field) switch
    {
        null => null,
        var text when Uri.TryCreate(text, UriKind.Absolute, out var uri) && schemes.Contains(uri.Scheme) => uri,
        _ => throw new KubeconfigException($"{cluster.Place}: {field} is not a URL with {string.Join(" or ", schemes)}"),
    };

    private static X509Certificate2Collection? AuthoritiesOf(KubeconfigNode cluster)
    {
        if (cluster.Content("certificate-authority-data", "certificate-authority") is not { } pem)
        {
            return null;
        }

        try
        {
            var authorities = new X509Certificate2Collection();
            authorities.ImportFromPem(Encoding.ASCII.GetString(pem));
            return authorities.Count > 0 ? authorities : throw new CryptographicException("no certificate in it");
        }
        catch (CryptographicException e)
        {
            throw new KubeconfigException($"{cluster.Place}: certificate-authority cannot be read: {e.Message}", e);
        }
    }

    private static bool SkipsVerification(KubeconfigNode cluster) => cluster.Flag("insecure-skip-tls-verify")
        && (cluster.Text("certificate-authority") ?? cluster.Text("certificate-authority-data")) is not null
            ? throw new KubeconfigException($"{cluster.Place} has a certificate-authority together with insecure-skip-tls-verify. Remove one")
            : cluster.Flag("insecure-skip-tls-verify");

    private static IApiLogin LoginOf(KubeconfigNode user, KubeconfigNode cluster, TimeProvider clock)
    {
        if (user.Map("auth-provider") is not null)
        {
            throw new KubeconfigException($"{user.Place} uses auth-provider, which kubectl does not support any more. Use exec");
        }

        var certificate = CertificateOf(user, clock);
        var token = user.Text("token") is { } text ? BearerToken.Header(text, user.Place) : null;
        if (user.FilePath("tokenFile") is { } tokenFile)
        {
            return new TokenFileLogin(tokenFile, certificate, clock, token);
        }

        if (token is not null)
        {
            return new FixedLogin(token, certificate);
        }

        if (user.Text("username") is { } name)
        {
            var pair = Convert.ToBase64String(Encoding.UTF8.GetBytes($"{name}:{user.Text("password")}"));
            return new FixedLogin(new AuthenticationHeaderValue("Basic", pair), certificate);
        }

        return user.Map("exec") is { } exec && certificate is null
            ? new ExecLogin(ExecCommand.Of(exec.Named($"{user.Place}: exec"), cluster), clock)
            : new FixedLogin(header: null, certificate);
    }

    private static Func<X509Certificate2>? CertificateOf(KubeconfigNode user, TimeProvider clock)
    {
        var certificate = user.Content("client-certificate-data", "client-certificate");
        var key = user.Content("client-key-data", "client-key");
        return (certificate, key) switch
        {
            (null, null) => null,
            (null, _) => throw new KubeconfigException($"{user.Place} has a client-key without a client-certificate"),
            (_, null) => throw new KubeconfigException($"{user.Place} has a client-certificate without a client-key"),
            _ => CertificateOf(user, (Encoding.ASCII.GetString(certificate), Encoding.ASCII.GetString(key)), clock),
        };
    }

    // As in kubectl, data of the kubeconfig itself stays, and so does a file beside it.
    private static Func<X509Certificate2> CertificateOf(KubeconfigNode user, (string Certificate, string Key) content, TimeProvider clock)
    {
        if (user.Text("client-certificate-data") is null && user.Text("client-key-data") is null)
        {
            return new ClientCertificateFiles(user.FilePath("client-certificate")!, user.FilePath("client-key")!, content, user.Place, clock).Current;
        }

        var fixedOne = ClientCertificate.Of(content.Certificate, content.Key, user.Place);
        return () => fixedOne;
    }

    // The values of a header go in one line, which the API server would take for one name with commas in it.
    private static string? OneOf(KubeconfigNode node, string field, string name) => node.Texts(field) switch
    {
        [] => null,
        [var value] => value,
        _ => throw new KubeconfigException($"{node.Place} impersonates with more than one value of {name}, which is not supported"),
    };

    private static Impersonation? ImpersonationOf(KubeconfigNode user)
    {
        var (name, uid, group, extra) = (user.Text("as"), user.Text("as-uid"), OneOf(user, "as-groups", "as-groups"), user.Map("as-user-extra"));
        if (name is not null)
        {
            var fields = extra?.Names.Select(key =>
                KeyValuePair.Create(key.ToLower(CultureInfo.InvariantCulture), OneOf(extra, key, $"as-user-extra.{key}") ?? ""));
            return new Impersonation(name, uid, group, [.. fields ?? []]);
        }

        return uid is null && group is null && extra is null ? null : throw new KubeconfigException(
            $"{user.Place} impersonates a uid, groups or extra fields without a user: set as");
    }
}

/// <summary>A client certificate with its key.</summary>
internal static class ClientCertificate
{
    public static X509Certificate2 Of(string certificate, string key, string place)
    {
        try
        {
            using var pair = X509Certificate2.CreateFromPem(certificate, key);

            // A key that is only in memory is not shown by every platform's TLS.
            return X509CertificateLoader.LoadPkcs12(pair.Export(X509ContentType.Pkcs12), password: null);
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            // An ArgumentException where the key is of another certificate.
            throw new KubeconfigException($"{place}: the client certificate or its key cannot be read: {e.Message}", e);
        }
    }
}
