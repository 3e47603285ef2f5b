using BitbucketOperator.Bitbucket.Http;
using BitbucketOperator.Core.Credentials;
using BitbucketOperator.Core.Messages;
using BitbucketOperator.Core.Port;
using BitbucketOperator.Core.Validation;

namespace BitbucketOperator.Cli.Settings;

/// <summary>Settings of <c>bitbucket-operator run</c>; each has a flag and an environment variable.</summary>
internal sealed record RunOptions
{
    public string? Kubeconfig { get; init; }

    public string? Context { get; init; }

    public string[] WatchNamespaces { get; init; } = [];

    public string? WatchSelector { get; init; }

    public string OperatorNamespace { get; init; } = "bitbucket-operator-system";

    public string? ClusterName { get; init; }

    public bool LeaderElection { get; init; } = true;

    public string LeaseName { get; init; } = "bitbucket-operator";

    public int Workers { get; init; } = 32;

    public int MaxRequestsPerHost { get; init; } = 8;

    public int LimitShare { get; init; } = new BitbucketOptions().LimitShare;

    public int MaxRepositories { get; init; } = new BitbucketOptions().MaxRepositories;

    public bool AllowHttp { get; init; }

    public string[] AllowedHosts { get; init; } = [];

    public bool DenyPrivate { get; init; }

    public bool RequireSecretLabel { get; init; }

    public Uri CloudApiUrl { get; init; } = new BitbucketOptions().CloudApiUrl;

    public Uri CloudTokenUrl { get; init; } = new BitbucketOptions().CloudTokenUrl;

    public string HealthAddress { get; init; } = "0.0.0.0:8081";

    /// <summary>Null: off.</summary>
    public string? MetricsAddress { get; init; } = "0.0.0.0:8080";

    /// <summary>Null: as the OTEL_ variables say.</summary>
    public string? OtlpEndpoint { get; init; }

    public string LogLevel { get; init; } = "Information";

    public LogFormat LogFormat { get; init; } = LogFormat.Auto;

    /// <summary>What is worth a warning in these settings; null when nothing is.</summary>
    public string? Warning => AllowedHosts.Length == 0 && WatchNamespaces.Length == 0 ? Sentences.AnyHostEverywhere : null;

    public ConnectionPolicy Policy => new(AllowHttp) { Hosts = new HostRules(AllowedHosts), Secrets = new SecretRules(RequireSecretLabel) };

    public BitbucketOptions Bitbucket => new()
    {
        MaxRequestsPerHost = MaxRequestsPerHost,
        LimitShare = LimitShare,
        MaxRepositories = MaxRepositories,
        AllowedHosts = AllowedHosts,
        DenyPrivate = DenyPrivate,
        CloudApiUrl = CloudApiUrl,
        CloudTokenUrl = CloudTokenUrl,
        ProductVersion = Versions.Product,
    };
}

/// <summary>How log lines look.</summary>
internal enum LogFormat
{
    /// <summary>Text on a terminal, JSON elsewhere.</summary>
    Auto,

    /// <summary>Lines for people.</summary>
    Text,

    /// <summary>Compact JSON, one object a line.</summary>
    Json,
}
