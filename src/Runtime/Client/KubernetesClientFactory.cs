using k8s;

namespace BitbucketOperator.Runtime;

/// <summary>Makes the one client of the process.</summary>
public static class KubernetesClientFactory
{
    /// <summary>
    /// Reads <paramref name="kubeconfig"/> if given; else the service account when running in a cluster; else
    /// <c>KUBECONFIG</c> or <c>~/.kube/config</c>. Fails with the client's exceptions when none of them works.
    /// </summary>
    /// <param name="kubeconfig">Path of a kubeconfig file.</param>
    /// <param name="context">Context within it. Default: its current context.</param>
    /// <param name="userAgent">Sent with each request.</param>
    public static Kubernetes Create(string? kubeconfig = null, string? context = null, string? userAgent = null)
    {
        var config = Configuration(kubeconfig, context);
        config.UserAgent = userAgent ?? config.UserAgent;
        return Create(config);
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
        if (kubeconfig is not null || context is not null)
        {
            return KubernetesClientConfiguration.BuildConfigFromConfigFile(kubeconfig, context);
        }

        return KubernetesClientConfiguration.IsInCluster()
            ? KubernetesClientConfiguration.InClusterConfig()
            : KubernetesClientConfiguration.BuildConfigFromConfigFile();
    }
}
