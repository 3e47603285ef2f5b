using System.Net;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using BitbucketOperator.Runtime.Kubeconfig;

namespace BitbucketOperator.Runtime.Client;

/// <summary>
/// The connection to the API server, of which a process has one. KubernetesClient's own has the JSON of every kind of Kubernetes
/// within reach, which would be two fifths of the binary, and reads less of a kubeconfig than kubectl does.
/// </summary>
public sealed class ApiServerClient : IDisposable
{
    private readonly ApiServerAccess _access;

    /// <summary>Prepares the connection; nothing is sent yet.</summary>
    /// <param name="access">The server.</param>
    /// <param name="userAgent">Sent with each request.</param>
    public ApiServerClient(ApiServerAccess access, string? userAgent = null)
    {
        _access = access;
        Http = new HttpClient(HandlerFor(access)) { Timeout = Timeout.InfiniteTimeSpan };
        Http.DefaultRequestHeaders.TryAddWithoutValidation("User-Agent", userAgent ?? "bitbucket-operator");
    }

    /// <summary>Reads how to reach the server and prepares the connection.</summary>
    /// <param name="kubeconfig">Path of a kubeconfig file; null for the usual places, see <see cref="KubeconfigLoader"/>.</param>
    /// <param name="context">Context within it. Default: its current context.</param>
    /// <param name="userAgent">Sent with each request.</param>
    /// <exception cref="KubeconfigException">There is none, or it cannot be used.</exception>
    public static ApiServerClient Open(string? kubeconfig = null, string? context = null, string? userAgent = null) =>
        new(KubeconfigLoader.Load(kubeconfig, context, TimeProvider.System), userAgent);

    /// <summary>The namespace of the context, or of the pod; null when there is none.</summary>
    public string? Namespace => _access.Namespace;

    /// <summary>The server.</summary>
    public Uri Server => _access.Server;

    internal HttpClient Http { get; }

    /// <inheritdoc/>
    public void Dispose()
    {
        Http.Dispose();
        (_access.Login as IDisposable)?.Dispose();
    }

    /// <summary>Adds what proves who sends a request, and whom to act as.</summary>
    internal async Task AuthorizeAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        request.Headers.Authorization = await _access.Login.HeaderAsync(cancellationToken);
        _access.Impersonation?.AddTo(request);
    }

    /// <summary>The server did not accept the login.</summary>
    internal void LoginRefused() => _access.Login.Refused();

    private static SocketsHttpHandler HandlerFor(ApiServerAccess access)
    {
        var handler = new SocketsHttpHandler
        {
            EnableMultipleHttp2Connections = true,

            // All requests share one HTTP/2 connection: a dead one must be noticed before leases and watches run out.
            KeepAlivePingPolicy = HttpKeepAlivePingPolicy.WithActiveRequests,
            KeepAlivePingDelay = TimeSpan.FromSeconds(15),
            KeepAlivePingTimeout = TimeSpan.FromSeconds(10),
            ConnectTimeout = TimeSpan.FromSeconds(10),
            AllowAutoRedirect = false,
            UseCookies = false,
            SslOptions = TlsFor(access),
        };
        if (access.Proxy is not null)
        {
            handler.Proxy = new WebProxy(access.Proxy) { Credentials = LoginIn(access.Proxy) };
        }

        return handler;
    }

    private static SslClientAuthenticationOptions TlsFor(ApiServerAccess access)
    {
        var options = new SslClientAuthenticationOptions { TargetHost = access.TlsServerName };
        if (access.Login.MayHaveCertificate)
        {
            options.LocalCertificateSelectionCallback = (_, _, _, _, _) => access.Login.Certificate!;
        }

        if (access.SkipTlsVerify)
        {
#pragma warning disable CA5359 // It is what insecure-skip-tls-verify asks for.
            options.RemoteCertificateValidationCallback = (_, _, _, _) => true;
#pragma warning restore CA5359
        }
        else if (access.Authorities is { } authorities)
        {
            options.CertificateChainPolicy = new X509ChainPolicy
            {
                TrustMode = X509ChainTrustMode.CustomRootTrust,
                RevocationMode = X509RevocationMode.NoCheck,
            };
            options.CertificateChainPolicy.CustomTrustStore.AddRange(authorities);
        }

        return options;
    }

    private static NetworkCredential? LoginIn(Uri proxy) => proxy.UserInfo.Split(':', 2) is [{ Length: > 0 } name, .. var password]
        ? new NetworkCredential(Uri.UnescapeDataString(name), Uri.UnescapeDataString(password is [var text] ? text : ""))
        : null;
}
