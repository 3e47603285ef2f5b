namespace BitbucketOperator.Core.Port;

/// <summary>What requests are for, the most urgent first. Each class has a share of the work, so that none starves.</summary>
public enum WorkClass
{
    /// <summary>Removes webhooks, or replaces a rotated secret.</summary>
    Cleanup,

    /// <summary>A scope that never had its webhook.</summary>
    Missing,

    /// <summary>A scope whose webhook was changed in the spec.</summary>
    Changed,

    /// <summary>A scope that failed, after its back-off.</summary>
    Retry,

    /// <summary>Looks whether a webhook is still as it was written.</summary>
    Verification,

    /// <summary>Listings and logins: at most a quarter of the requests while other work waits for some.</summary>
    Discovery,
}
