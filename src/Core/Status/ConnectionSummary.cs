using BitbucketOperator.Core.Api;
using BitbucketOperator.Core.Api.V1Alpha1;
using BitbucketOperator.Core.Messages;
using BitbucketOperator.Core.Model;
using BitbucketOperator.Core.Observation;
using BitbucketOperator.Core.Planning;
using BitbucketOperator.Core.Port;
using BitbucketOperator.Core.Schedule;

namespace BitbucketOperator.Core.Status;

/// <summary>What becomes of a reconcile: the whole status, and when to come back.</summary>
/// <param name="Status">All of status.</param>
/// <param name="Next">When to come back.</param>
public sealed record ConnectionSummary(BitbucketConnectionStatus Status, NextReconcile Next)
{
    /// <summary>Which scopes are as desired, for the next reconcile to know.</summary>
    public required VerifiedScopes Verified { get; init; }

    /// <summary>What the inventories hold; null where the reconcile did not get as far as webhooks.</summary>
    public InventoryContent? Inventory { get; private init; }

    /// <summary>Folds a finished pass. Never decides from earlier conditions; those only keep their transition times.</summary>
    public static ConnectionSummary Of(ReconcileOutcome outcome, BitbucketConnectionStatus? before)
    {
        var tally = WebhookTally.Of(outcome);
        var faults = StageFaults(outcome.Observed);
        var verified = VerifiedUpdate.After(outcome, tally);
        var status = StatusWriter.Write(outcome, tally, verified, faults, before);
        return new ConnectionSummary(status, NextReconcile.Of(faults, outcome))
        {
            Verified = verified,
            Inventory = InventoryContent.Of(outcome, tally, verified),
        };
    }

    /// <summary>The status of a suspended connection: the last findings stay, Ready says that nobody looks.</summary>
    public static BitbucketConnectionStatus Suspended(Connection connection, BitbucketConnectionStatus? before, DateTimeOffset now) =>
        StatusWriter.WriteSuspended(connection, before, now);

    /// <summary>The status after a reconcile that ended in something unforeseen: what was known, and why.</summary>
    public static BitbucketConnectionStatus Failed(long? generation, BitbucketConnectionStatus? before, Fault fault, DateTimeOffset now) =>
        StatusWriter.WriteFailed(generation, before, fault, now);

    /// <summary>The version that Data Center must have at least, from which on all that the operator calls exists.</summary>
    public static Fault? VersionFault(ServerInfo server) =>
        ServerVersion.TryParse(server.Version, out var version) && version < ServerVersion.Minimum
            ? Fault.Waiting(Reasons.VersionNotSupported, Sentences.VersionNotSupported(server.Version))
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
        return [.. steps.OfType<Fault>(), .. observed.RepositoryListing?.Faults ?? []];
    }
}
