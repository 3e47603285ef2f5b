using BitbucketOperator.Core.Api;
using BitbucketOperator.Core.Api.V1Alpha1;

namespace BitbucketOperator.Operator.Tests;

/// <summary>What is true of every status, whatever happened.</summary>
internal static class Invariants
{
    public static void Check(BitbucketConnection connection)
    {
        var status = connection.Status.ShouldNotBeNull();
        var conditions = status.Conditions;
        conditions.Select(c => c.Type).ShouldBeUnique();
        var ready = conditions.Find(c => c.Type == ConditionTypes.Ready).ShouldNotBeNull();
        ready.ObservedGeneration.ShouldBe(connection.Metadata.Generation);
        foreach (var condition in conditions)
        {
            condition.Reason.ShouldMatch("^[A-Z][A-Za-z]+$");
            condition.Message.ShouldNotBeNullOrWhiteSpace();
            condition.Message.Any(char.IsControl).ShouldBeFalse(condition.Message);
        }

        var progress = conditions.Where(c => c.Type is ConditionTypes.Reconciling or ConditionTypes.Stalled).ToList();
        progress.Count.ShouldBeLessThanOrEqualTo(1);
        progress.ShouldAllBe(c => c.Status == ConditionState.True);
        (ready.Status == ConditionState.True && progress.Count > 0).ShouldBeFalse("Ready excludes Reconciling and Stalled");
        if (status.Webhooks is { } webhooks)
        {
            (webhooks.Desired - webhooks.Ready).ShouldBe(webhooks.Failed);
        }

        (status.Failures?.Count ?? 0).ShouldBeLessThanOrEqualTo(20);
    }
}
