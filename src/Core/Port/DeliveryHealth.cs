namespace BitbucketOperator.Core.Port;

/// <summary>How the deliveries of a webhook went, as the server tells it.</summary>
/// <param name="LastSuccess">When one last got through; null when none did, or the server was not asked.</param>
/// <param name="LastFailure">When one last failed; null when none did, or the server was not asked.</param>
/// <param name="Window">Counts of the latest time, usually 24 hours; null when the server was not asked.</param>
/// <param name="LastError">Why the latest delivery failed, safe to show; null when it got through, or there was none.</param>
public sealed record DeliveryHealth(DateTimeOffset? LastSuccess, DateTimeOffset? LastFailure, DeliveryCounts? Window, string? LastError)
{
    /// <summary>Nothing was delivered yet.</summary>
    public static DeliveryHealth NeverInvoked { get; } = new(LastSuccess: null, LastFailure: null, Window: null, LastError: null);

    /// <summary>The latest delivery failed.</summary>
    public bool IsFailing => LastError is not null;

    /// <summary>
    /// How many of the latest deliveries failed one after the other, at least: counts do not tell an order, so that it is 1 as
    /// long as one of the window got through.
    /// </summary>
    public int FailuresInRow => !IsFailing ? 0 : Window is { Successes: 0, Failures: var failures } ? Math.Max(failures, 1) : 1;
}

/// <summary>Counts of deliveries.</summary>
/// <param name="Successes">The receiver answered well.</param>
/// <param name="Failures">The receiver refused, or did not answer.</param>
public sealed record DeliveryCounts(int Successes, int Failures);
