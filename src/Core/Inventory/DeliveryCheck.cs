using BitbucketOperator.Core.Messages;
using BitbucketOperator.Core.Port;

namespace BitbucketOperator.Core.Inventory;

/// <summary>What is known of the deliveries of one webhook.</summary>
/// <param name="Webhook">Name of the entry in spec.webhooks.</param>
/// <param name="Id">The server's id of the webhook.</param>
public sealed record DeliveryCheck(string Webhook, string Id)
{
    /// <summary>After so many failures in a row Bitbucket skips deliveries for a while.</summary>
    public const int FailuresBeforeSkipping = 5;

    /// <summary>When the server was last asked; null when this process did not ask yet.</summary>
    public DateTimeOffset? CheckedAt { get; init; }

    /// <summary>The server was asked since the webhook was found or changed, with or without an answer.</summary>
    public bool IsTried { get; init; }

    /// <summary>What it said; null when it does not tell, or was not asked.</summary>
    public DeliveryHealth? Health { get; init; }

    /// <summary>The server was not asked: the webhook had just been made.</summary>
    public bool IsAssumed { get; init; }

    /// <summary>How many of the latest deliveries failed one after the other, at least.</summary>
    public int FailuresInRow { get; private init; }

    /// <summary>Why the last test failed; null when it did not, or there was none.</summary>
    public string? TestError { get; init; }

    /// <summary>The webhook was changed and is to be tested.</summary>
    public bool TestDue { get; init; }

    /// <summary>What an earlier process reported of it, until this one has asked.</summary>
    public string? Reported { get; init; }

    /// <summary>What fails, for people; null when nothing is known to fail. Holds no number that grows with every delivery.</summary>
    public string? Failure => Health is { IsFailing: true } health
        ? Describe(health)
        : TestError is not null ? Sentences.TestFailed(TestError) : Reported;

    /// <summary>The error alone; null when nothing fails, or an earlier process reported it.</summary>
    public string? Error => Health?.LastError ?? TestError;

    /// <summary>Bitbucket skips deliveries of it.</summary>
    public bool IsCircuitBroken => FailuresInRow >= FailuresBeforeSkipping;

    /// <summary>What is known when the server has answered.</summary>
    public DeliveryCheck Answered(DeliveryHealth? health, DateTimeOffset now) => this with
    {
        CheckedAt = now,
        IsTried = true,
        Health = health,
        FailuresInRow = InRow(health),
        TestError = null,
        TestDue = false,
        IsAssumed = false,
        Reported = null,
    };

    // The server's counts reach back a day: what failed before that, or since a success of that day, only one look after the
    // other can tell.
    private int InRow(DeliveryHealth? health)
    {
        if (health is not { IsFailing: true })
        {
            return 0;
        }

        var noneGotThrough = health.LastSuccess is not null || health.Window is { Successes: 0 };
        return Health is { IsFailing: true } before && before.LastSuccess == health.LastSuccess && noneGotThrough
            ? Math.Max(health.FailuresInRow, FailuresInRow + (before.LastFailure == health.LastFailure ? 0 : 1))
            : health.FailuresInRow;
    }

    private string Describe(DeliveryHealth health) => IsCircuitBroken
        ? Sentences.DeliveriesSkipped(FailuresBeforeSkipping, health.LastError)
        : Sentences.DeliveryFailed(health.LastError, again: FailuresInRow > 1);
}

/// <summary>A webhook of ours whose deliveries matter.</summary>
/// <param name="Scope">Where it is.</param>
/// <param name="Check">What is known.</param>
public sealed record TrackedWebhook(WebhookScope Scope, DeliveryCheck Check);
