using System.Security.Cryptography.X509Certificates;
using System.Text;
using k8s;
using k8s.KubeConfigModels;

namespace BitbucketOperator.Runtime.Client;

/// <summary>Makes the one client of the process.</summary>
public static class KubernetesClientFactory
{
    private const string ServiceAccountCa = "/var/run/secrets/kubernetes.io/serviceaccount/ca.crt";

    /// <summary>
    /// Reads <paramref name="kubeconfig"/> if given; else the service account when running in a cluster; else
    /// <c>KUBECONFIG</c> or <c>~/.kube/config</c>. Fails with the client's exceptions when none of them works.
    /// </summary>
    /// <param name="kubeconfig">Path of a kubeconfig file.</param>
    /// <param name="context">Context within it. Default: its current context.</param>
    /// <param name="userAgent">Sent with each request.</param>
    public static Kubernetes Create(string? kubeconfig = null, string? context = null, string? userAgent = null) =>
        Create(Configure(kubeconfig, context, userAgent));

    /// <summary>The configuration that such a client is made from; its namespace is the context's.</summary>
    public static KubernetesClientConfiguration Configure(string? kubeconfig, string? context, string? userAgent)
    {
        var config = Configuration(kubeconfig, context);
        config.UserAgent = userAgent ?? config.UserAgent;
        return config;
    }

    /// <summary>The same for a configuration made elsewhere.</summary>
    public static Kubernetes Create(KubernetesClientConfiguration config)
    {
        var setup = config.FirstMessageHandlerSetup;
        config.FirstMessageHandlerSetup = handler =>
        {
            setup?.Invoke(handler);

            // All requests share one HTTP/2 connection: a dead one must be noticed before leases and watches run out.
            handler.KeepAlivePingPolicy = HttpKeepAlivePingPolicy.WithActiveRequests;
            handler.KeepAlivePingDelay = TimeSpan.FromSeconds(15);
            handler.KeepAlivePingTimeout = TimeSpan.FromSeconds(10);
            handler.ConnectTimeout = TimeSpan.FromSeconds(10);
        };
        return new Kubernetes(config);
    }

    private static KubernetesClientConfiguration Configuration(string? kubeconfig, string? context)
    {
        if (kubeconfig is null && context is null && KubernetesClientConfiguration.IsInCluster())
        {
            var account = KubernetesClientConfiguration.InClusterConfig();
            account.SslCaCerts = Bundle(File.ReadAllText(ServiceAccountCa));
            return account;
        }

        var file = kubeconfig is null && FromEnvironment() is { Length: > 0 } paths
            ? Choose(paths, context)
            : KubernetesClientConfiguration.LoadKubeConfig(kubeconfig);
        var config = KubernetesClientConfiguration.BuildConfigFromConfigObject(file, context);
        config.SslCaCerts = CaOf(file, config.CurrentContext) ?? config.SslCaCerts;
        return config;
    }

    private static string[] FromEnvironment() =>
        (Environment.GetEnvironmentVariable("KUBECONFIG") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);

    // Of several files, the one that has the context; its cluster and user are taken from the same file. Those that are not
    // there are passed over where another one is, as kubectl does.
    private static K8SConfiguration Choose(string[] paths, string? context)
    {
        var present = Array.FindAll(paths, File.Exists);
        var files = Array.ConvertAll(present.Length > 0 ? present : paths, path => KubernetesClientConfiguration.LoadKubeConfig(path));
        var wanted = context ?? Array.Find(files, f => !string.IsNullOrEmpty(f.CurrentContext))?.CurrentContext;
        var chosen = Array.Find(files, f => f.Contexts?.Any(c => c.Name == wanted) is true) ?? files[0];
        chosen.CurrentContext = wanted;
        return chosen;
    }

    // The client takes the first certificate of a bundle only, which may be any of them.
    private static X509Certificate2Collection? CaOf(K8SConfiguration file, string? contextName)
    {
        var context = file.Contexts?.FirstOrDefault(c => c.Name == (contextName ?? file.CurrentContext));
        var cluster = file.Clusters?.FirstOrDefault(c => c.Name == context?.ContextDetails?.Cluster)?.ClusterEndpoint;
        return cluster switch
        {
            { CertificateAuthorityData: { Length: > 0 } data } => Bundle(Encoding.ASCII.GetString(Convert.FromBase64String(data))),
            { CertificateAuthority: { Length: > 0 } path } => Bundle(File.ReadAllText(FullPath(file, path))),
            _ => null,
        };
    }

    private static string FullPath(K8SConfiguration file, string path) =>
        Path.Combine(Path.GetDirectoryName(file.FileName) ?? "", path);

    private static X509Certificate2Collection? Bundle(string pem)
    {
        var certificates = new X509Certificate2Collection();
        certificates.ImportFromPem(pem);
        return certificates.Count > 0 ? certificates : null;
    }
}
