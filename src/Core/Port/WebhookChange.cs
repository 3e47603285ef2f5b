using BitbucketOperator.Core.Api;

namespace BitbucketOperator.Core.Port;

/// <summary>The kinds of change.</summary>
public enum ChangeKind
{
    /// <summary>Make a webhook that is missing.</summary>
    Create,

    /// <summary>Put one of ours right.</summary>
    Update,

    /// <summary>Take over one that is as desired and not ours.</summary>
    Adopt,

    /// <summary>Remove one of ours.</summary>
    Remove,
}

/// <summary>One change to one webhook.</summary>
/// <param name="Kind">What to do.</param>
/// <param name="Scope">Where.</param>
/// <param name="Hook">Name of the entry in spec.webhooks.</param>
/// <param name="Current">The webhook on the server; null with <see cref="ChangeKind.Create"/>.</param>
/// <param name="Desired">How it must be; null with <see cref="ChangeKind.Remove"/>.</param>
/// <param name="Reason">Why, for people.</param>
public sealed record WebhookChange(
    ChangeKind Kind, WebhookScope Scope, string Hook, Webhook? Current, WebhookDefinition? Desired, string Reason);

/// <summary>A change that was tried.</summary>
/// <param name="Change">What was to be done.</param>
/// <param name="Fault">Why it was not; null when it was.</param>
public sealed record AppliedChange(WebhookChange Change, Fault? Fault)
{
    /// <summary>The webhook that was created or changed, as the server stored it; null when it was not.</summary>
    public Webhook? Webhook { get; init; }

    /// <summary>
    /// A removal that Bitbucket refuses because the repository is archived: what is left there delivers nothing, and is removed
    /// when the repository is opened again. An answer that never came, a rate limit or a failed login are no such refusal.
    /// </summary>
    public bool IsRefusedByArchive =>
        Change is { Kind: ChangeKind.Remove, Scope.Archived: true } && Fault?.Reason.Condition == ConditionTypes.WebhooksReady;
}
