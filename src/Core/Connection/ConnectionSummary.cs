using BitbucketOperator.Core.Api;
using BitbucketOperator.Core.Api.V1Alpha1;

namespace BitbucketOperator.Core.Connection;

/// <summary>A change that was tried.</summary>
/// <param name="Change">What was to be done.</param>
/// <param name="Fault">Why it was not; null when it was.</param>
public sealed record AppliedChange(WebhookChange Change, Fault? Fault)
{
    /// <summary>The server's id of the webhook that was created or changed; null when it was not.</summary>
    public string? WebhookId { get; init; }
}

/// <summary>All of a pass.</summary>
/// <param name="Connection">The resource as it was when the pass began.</param>
/// <param name="Observed">What was read.</param>
/// <param name="Plan">What was to be done.</param>
/// <param name="Applied">What was done of it.</param>
public sealed record ConnectionPass(
    BitbucketConnection Connection, ConnectionObserved Observed, ConnectionPlan Plan, IReadOnlyList<AppliedChange> Applied)
{
    /// <summary>What was wanted of the webhooks, as <see cref="VisitSchedule.DesiredFingerprint"/> tells it.</summary>
    public required string DesiredFingerprint { get; init; }

    /// <summary>The id that webhooks of the connection are marked with; null where it could not be told.</summary>
    public string? OwnerId { get; init; }

    /// <summary>True when nothing of the plan is to be done: there is none, or spec.mode asks to be told of it only.</summary>
    public bool WritesNothing => Connection.Spec.Mode == Mode.Plan || !Plan.Changes.Any();
}

/// <summary>What becomes of a pass: the whole status, the next visit, and what to remember.</summary>
/// <param name="Status">All of status.</param>
/// <param name="Next">When to come back.</param>
/// <param name="Checks">What the pass found in each place, by id.</param>
public sealed record ConnectionSummary(
    BitbucketConnectionStatus Status, NextVisit Next, IReadOnlyDictionary<string, PlaceCheck> Checks)
{
    /// <summary>Folds a finished pass. Never decides from earlier conditions; those only keep their transition times.</summary>
    public static ConnectionSummary Of(ConnectionPass pass)
    {
        var tally = WebhookTally.Of(pass);
        var faults = StageFaults(pass.Observed);
        var status = StatusWriter.Write(pass, tally, faults);
        return new ConnectionSummary(status, NextVisit.Of([.. faults, .. tally.Failures.Select(f => f.Fault)], pass, tally.MoveStarted), tally.Checks);
    }

    /// <summary>The status while changes are being made: says so, and records where webhooks of ours will be.</summary>
    public static BitbucketConnectionStatus InProgress(ConnectionPass pass) =>
        StatusWriter.WriteProgress(pass, WebhookTally.Of(pass));

    /// <summary>The request for a full pass that the annotations hold; null when there is none.</summary>
    public static string? RequestedAt(BitbucketConnection connection) => StatusWriter.RequestedAt(connection);

    /// <summary>The status of a suspended connection: the last findings stay, Ready says that nobody looks.</summary>
    public static BitbucketConnectionStatus Suspended(BitbucketConnection connection, DateTimeOffset now) =>
        StatusWriter.WriteSuspended(connection, now);

    /// <summary>The version that Data Center must have at least, from which on all that the operator calls exists.</summary>
    public static Fault? VersionFault(ServerInfo server) =>
        ServerVersion.TryParse(server.Version, out var version) && version < ServerVersion.Minimum
            ? Fault.Waiting(
                Reasons.VersionNotSupported,
                $"the server at spec.url is version {server.Version}; at least {ServerVersion.Minimum} is needed. Upgrade the server")
            : null;

    /// <summary>What failed before the webhooks, in the order of the steps.</summary>
    internal static List<Fault> StageFaults(ConnectionObserved observed)
    {
        Fault?[] steps =
        [
            observed.Refusal,
            observed.Preparation,
            observed.Credential?.Fault,
            observed.WebhookCredential?.Fault,
            observed.Server is { } server ? server.Fault ?? VersionFault(server.Value!) : null,
            observed.Account?.Fault,
            observed.WebhookAccount?.Fault,
        ];
        return [.. steps.OfType<Fault>(), .. observed.Inventory?.Faults ?? []];
    }
}

/// <summary>When a connection is looked at again, unless something changes before.</summary>
/// <param name="After">A set time; null for the back-off of failed passes.</param>
public sealed record NextVisit(TimeSpan? After)
{
    /// <summary>
    /// The back-off of failed passes when a fault may heal by itself, else the time that a fault names, else the interval, or
    /// sooner where a warning of a credential's end is due before. At once when webhooks began to move to other places.
    /// </summary>
    public static NextVisit Of(IReadOnlyList<Fault> faults, ConnectionPass pass, bool moveStarted = false)
    {
        if (faults.Any(f => f.Class == FaultClass.Transient))
        {
            return new NextVisit(After: null);
        }

        if (faults.Any(f => f.RetryAfter is not null))
        {
            return new NextVisit(faults.Max(f => f.RetryAfter));
        }

        if (moveStarted)
        {
            return new NextVisit(TimeSpan.Zero);
        }

        var interval = VisitSchedule.NextPass(pass.Connection.Metadata.Uid ?? "", GoDuration.Parse(pass.Connection.Spec.Interval));
        return new NextVisit(ExpiryStage.NextChange(pass.Observed) is { } change && change < interval ? change : interval);
    }
}
