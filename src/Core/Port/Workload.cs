namespace BitbucketOperator.Core.Port;

/// <summary>What a connection asks of an account whose requests Bitbucket may limit.</summary>
public sealed record Workload
{
    /// <summary>Requests of syncs that wait.</summary>
    public int Waiting { get; init; }

    /// <summary>Listings of the repositories.</summary>
    public required RepeatedWork Discovery { get; init; }

    /// <summary>Reads of every scope's webhooks.</summary>
    public required RepeatedWork Verification { get; init; }
}

/// <summary>Requests that are sent again and again.</summary>
/// <param name="Requests">How many each time.</param>
/// <param name="Interval">How often.</param>
public sealed record RepeatedWork(int Requests, TimeSpan Interval)
{
    /// <summary>Requests per second, on average.</summary>
    public double PerSecond => Requests == 0 ? 0 : Requests / Math.Max(1, Interval.TotalSeconds);
}

/// <summary>What an account's limit makes of a connection's work, shared with the others that use the account as far as they are known.</summary>
/// <param name="UntilSynced">When the waiting syncs will have run, from now; null when none waits, or nothing tells.</param>
/// <param name="Interval">The shortest time between listings that fits; null when they fit as they are.</param>
/// <param name="WebhookInterval">The shortest time between two reads of a scope that fits; null when they fit as they are.</param>
public sealed record Outlook(TimeSpan? UntilSynced, TimeSpan? Interval, TimeSpan? WebhookInterval)
{
    /// <summary>Nothing limits it.</summary>
    public static Outlook Unlimited { get; } = new(UntilSynced: null, Interval: null, WebhookInterval: null);
}
