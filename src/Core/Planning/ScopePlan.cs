using BitbucketOperator.Core.Inventory;
using BitbucketOperator.Core.Port;

namespace BitbucketOperator.Core.Planning;

/// <summary>The plan for one scope.</summary>
/// <param name="Scope">Which.</param>
/// <param name="Selected">It is a selected repository, or holds some; false: it must not have any webhook of ours.</param>
/// <param name="InSync">Names of the desired webhooks that are as they must be.</param>
/// <param name="Changes">What to do, removals last.</param>
/// <param name="Failures">What is not as desired and cannot be put right.</param>
public sealed record ScopePlan(
    WebhookScope Scope,
    bool Selected,
    IReadOnlyList<string> InSync,
    IReadOnlyList<WebhookChange> Changes,
    IReadOnlyList<WebhookFailure> Failures)
{
    /// <summary>Something of ours would be removed, and nothing may be removed now.</summary>
    public bool RemovalsWithheld { get; init; }

    /// <summary>Removals that wait until the webhook that takes the place of theirs was seen; part of what mode Plan tells.</summary>
    public IReadOnlyList<WebhookChange> Later { get; init; } = [];

    /// <summary>Names of the desired webhooks that another connection has there, in place of ours.</summary>
    public IReadOnlyList<string> Served { get; init; } = [];

    /// <summary>Ids of the owners whose webhooks are in the way of ours; sorted.</summary>
    public IReadOnlyList<string> WaitsFor { get; init; } = [];

    /// <summary>A webhook of ours stays until another connection took it over.</summary>
    public bool IsHandingOver { get; init; }

    /// <summary>When all changes were made, webhooks of ours are still there, or may be.</summary>
    public bool LeavesOurs { get; init; }

    /// <summary>Why its webhooks could not be read; null when they could.</summary>
    public Fault? ReadFault { get; init; }

    /// <summary>The plan for a scope whose webhooks could not be read.</summary>
    public static ScopePlan Unreadable(WebhookScope scope, bool selected, Fault fault) =>
        new(scope, selected, [], [], [WebhookFailure.At(scope, webhook: null, fault)]) { LeavesOurs = true, ReadFault = fault };
}
