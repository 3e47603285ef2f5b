namespace BitbucketOperator.Runtime.Model;

/// <summary>Settings of the runtime.</summary>
public sealed class OperatorOptions
{
    /// <summary>
    /// Namespaces to watch, one list and watch each, so that Roles suffice. Default empty: all namespaces, which needs
    /// a ClusterRole.
    /// </summary>
    public IList<string> Namespaces { get; set; } = [];

    /// <summary>Label selector on the watched entities, to split the work among several releases. Default none.</summary>
    public string? WatchSelector { get; set; }

    /// <summary>Objects of a kind handled at the same time. Default 32: they mostly wait for a server.</summary>
    public int Workers { get; set; } = 32;

    /// <summary>
    /// A reconcile that takes longer is cancelled and counts as failed; so what a controller does in one reconcile must be
    /// bounded. Default 2 min.
    /// </summary>
    public TimeSpan ReconcileDeadline { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>Shown as the source of events and in the user agent. Default <c>operator</c>.</summary>
    public string Name { get; set; } = "operator";

    /// <summary>Where events about cluster-scoped objects and the lease go. Default <c>default</c>.</summary>
    public string OperatorNamespace { get; set; } = "default";

    /// <summary>Leader election among replicas. Default off.</summary>
    public LeaderElectionOptions LeaderElection { get; } = new();

    /// <summary>Whether registered finalizers are put on every object before its first reconcile. Default true.</summary>
    public bool AutoAttachFinalizers { get; set; } = true;

    /// <summary>Enqueues every object again after this time, whatever happened. Default null: never.</summary>
    public TimeSpan? ResyncPeriod { get; set; }

    /// <summary>First delay after a failure, doubled each time. Default 1 s.</summary>
    public TimeSpan BackoffBase { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Longest delay after a failure. Default 5 min.</summary>
    public TimeSpan BackoffCap { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>How long workers may take to stop when asked to. Default 20 s.</summary>
    public TimeSpan ShutdownTimeout { get; set; } = TimeSpan.FromSeconds(20);

    /// <summary>Objects per page of a list. Default 500.</summary>
    public int ListPageSize { get; set; } = 500;

    /// <summary>How long the server is asked to keep a watch open; shortened by up to a tenth at random. Default 290 s.</summary>
    public TimeSpan WatchTimeout { get; set; } = TimeSpan.FromSeconds(290);

    /// <summary>
    /// A watch that brought nothing for this long, not even a bookmark (servers send one a minute), is taken for dead and
    /// reopened. Default 2 min.
    /// </summary>
    public TimeSpan WatchSilenceDeadline { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>Longest pause between attempts to list or watch while the server cannot be reached. Default 10 s.</summary>
    public TimeSpan WatchBackoffCap { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>A reconcile that takes longer ignores its deadline: the liveness check names it. Default 30 min.</summary>
    public TimeSpan StuckAfter { get; set; } = TimeSpan.FromMinutes(30);

    /// <summary>What is listed and watched separately: each namespace, or null for all at once.</summary>
    internal IReadOnlyList<string?> Scopes => Namespaces.Count > 0 ? [.. Namespaces] : AllNamespaces;

    internal static readonly string?[] AllNamespaces = [null];
}

/// <summary>Leader election by a <c>coordination.k8s.io/v1</c> Lease in the operator's namespace.</summary>
public sealed class LeaderElectionOptions
{
    /// <summary>Whether replicas elect a leader. Default false: this process always leads.</summary>
    public bool Enabled { get; set; }

    /// <summary>Name of the Lease. Default <c>operator</c>.</summary>
    public string LeaseName { get; set; } = "operator";

    /// <summary>Namespace of the Lease. Default: the operator's namespace.</summary>
    public string? LeaseNamespace { get; set; }

    /// <summary>Who we are; must be unique per process. Default: host name plus a random part.</summary>
    public string Identity { get; set; } = $"{Environment.MachineName}_{Guid.NewGuid():N}";

    /// <summary>How long others wait after the last renewal they saw. Default 30 s.</summary>
    public TimeSpan LeaseDuration { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// A leader that could not renew for this long steps down; shorter than the duration less the margin, so that it stops before
    /// its writes are refused. Default 20 s.
    /// </summary>
    public TimeSpan RenewDeadline { get; set; } = TimeSpan.FromSeconds(20);

    /// <summary>Pause between attempts to acquire, and to renew after a failed renewal. Default 4 s.</summary>
    public TimeSpan RetryPeriod { get; set; } = TimeSpan.FromSeconds(4);

    /// <summary>
    /// How long a write may be under way before the server acts on it. Nothing is written when the Lease could end within that
    /// time, and a leader that took over from one that did not give up the Lease waits for it before its first write. Default 7 s.
    /// </summary>
    public TimeSpan WriteMargin { get; set; } = TimeSpan.FromSeconds(7);
}
