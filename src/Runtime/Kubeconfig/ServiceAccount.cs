using System.Globalization;
using System.Security.Cryptography.X509Certificates;

namespace BitbucketOperator.Runtime.Kubeconfig;

/// <summary>The ServiceAccount of the pod that this process is in.</summary>
internal static class ServiceAccount
{
    private const string Folder = "/var/run/secrets/kubernetes.io/serviceaccount";
    private const string TokenFile = $"{Folder}/token";

    private static string? Host => Environment.GetEnvironmentVariable("KUBERNETES_SERVICE_HOST");

    private static string? Port => Environment.GetEnvironmentVariable("KUBERNETES_SERVICE_PORT");

    /// <summary>Whether this process is in a pod that has one.</summary>
    public static bool IsPresent => !string.IsNullOrEmpty(Host) && !string.IsNullOrEmpty(Port) && File.Exists(TokenFile);

    /// <summary>How to reach the API server with it.</summary>
    public static ApiServerAccess Access(TimeProvider clock)
    {
        try
        {
            var authorities = new X509Certificate2Collection();
            authorities.ImportFromPemFile($"{Folder}/ca.crt");
            var ns = $"{Folder}/namespace";
            return new ApiServerAccess
            {
                Server = new UriBuilder(Uri.UriSchemeHttps, Host, int.Parse(Port!, CultureInfo.InvariantCulture)).Uri,
                Authorities = authorities,

                // A proxy is there to leave the cluster, and may not know its addresses.
                IsDirect = true,
                Namespace = File.Exists(ns) ? File.ReadAllText(ns).Trim() : null,
                Login = new TokenFileLogin(TokenFile, certificate: null, clock),
            };
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or FormatException
            or System.Security.Cryptography.CryptographicException)
        {
            throw new KubeconfigException($"The pod's ServiceAccount cannot be used: {e.Message}", e);
        }
    }
}
