using BitbucketOperator.Core.Api.V1Alpha1;
using BitbucketOperator.Core.Levels;
using BitbucketOperator.Core.Mapping;
using BitbucketOperator.Core.Observation;
using BitbucketOperator.Core.Ownership;
using BitbucketOperator.Core.Planning;
using BitbucketOperator.Core.Port;

namespace BitbucketOperator.Core.Tests;

/// <summary>Reconciles whose observations a test makes up.</summary>
internal static class Outcomes
{
    public static WebhookLevels Levels(BitbucketConnection connection, ConnectionObserved observed) =>
        WebhookLevels.Expect(connection.ToModel(), observed, observed.Remembered).Decide(
            observed.Webhooks, new Dictionary<string, Outcome<IReadOnlyList<Webhook>?>>(StringComparer.Ordinal));

    public static ConnectionPlan Plan(BitbucketConnection connection, ConnectionObserved observed, WebhookOwner owner) =>
        ConnectionPlanner.Plan(connection.ToModel(), observed, Levels(connection, observed), owner);

    public static ReconcileOutcome Of(
        BitbucketConnection connection, ConnectionObserved observed, ConnectionPlan plan, string fingerprint, IReadOnlyList<AppliedChange>? applied = null) =>
        new(connection.ToModel(), observed, Levels(connection, observed), plan, applied ?? []) { DesiredFingerprint = fingerprint };
}
