using BitbucketOperator.Core.Api;
using BitbucketOperator.Core.Port;

namespace BitbucketOperator.Core.Inventory;

/// <summary>What was seen of the webhooks of a project or workspace.</summary>
/// <param name="View">How much could be seen.</param>
/// <param name="Webhooks">The webhooks there, those of others included; empty where they were not seen.</param>
/// <param name="Fault">Why they could not be seen; null when they could.</param>
public sealed record ProjectLevelView(ScopeView View, IReadOnlyList<Webhook> Webhooks, Fault? Fault)
{
    /// <summary>Nobody has looked.</summary>
    public static ProjectLevelView NotRead { get; } = new(ScopeView.NotRead, [], Fault: null);

    /// <summary>Whether only a repository can tell what it inherits: the credential may not see the scope itself.</summary>
    public static bool IsDenied(Outcome<IReadOnlyList<Webhook>> read) =>
        read.Fault?.Reason == Reasons.WebhookPermissionDenied || read.Fault?.Reason == Reasons.WorkspaceNotFound;

    /// <summary>What a read tells.</summary>
    /// <param name="read">The webhooks of the scope, or why they could not be read.</param>
    /// <param name="inherited">What one of its repositories inherits; default where nobody asked.</param>
    public static ProjectLevelView Of(Outcome<IReadOnlyList<Webhook>> read, Outcome<IReadOnlyList<Webhook>?> inherited)
    {
        if (read.Fault is not { } fault)
        {
            return new ProjectLevelView(ScopeView.Read, read.Value!, Fault: null);
        }

        if (fault.Reason == Reasons.LevelNotSupported || fault.Reason == Reasons.ProjectNotFound)
        {
            return new ProjectLevelView(ScopeView.Absent, [], fault);
        }

        if (!IsDenied(read))
        {
            return new ProjectLevelView(ScopeView.Failed, [], fault);
        }

        if (inherited.Value is { } webhooks)
        {
            return new ProjectLevelView(ScopeView.Inherited, webhooks, fault);
        }

        return inherited.Fault is { } why && why.Reason != Reasons.WebhookPermissionDenied && why.Reason != Reasons.RepositoryNotFound
            ? new ProjectLevelView(ScopeView.Failed, [], why)
            : new ProjectLevelView(ScopeView.Denied, [], fault);
    }
}
