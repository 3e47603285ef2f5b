namespace BitbucketOperator.Core.Api;

/// <summary>The API group of every version.</summary>
public static class ApiGroup
{
    /// <summary>Its name.</summary>
    public const string Name = "bitbucketoperator.dev";
}

/// <summary>The labels that the operator reads, in every version of the API.</summary>
public static class Labels
{
    /// <summary>
    /// "true" on a Secret lets it be used as a credential or webhook secret where the operator was started with
    /// --require-secret-label.
    /// </summary>
    public const string Credential = ApiGroup.Name + "/credential";

    /// <summary>What a label that is set says.</summary>
    public const string True = "true";
}

/// <summary>The annotations that the operator reads, in every version of the API.</summary>
public static class Annotations
{
    /// <summary>So many characters may the value of an annotation have that the operator reads; a longer one is refused and copied nowhere.</summary>
    public const int MaxLength = 256;

    /// <summary>
    /// Any new value, such as the time, asks for a full pass now. <c>status.lastHandledReconcileAt</c> echoes it when the
    /// pass is done.
    /// </summary>
    public const string RequestedAt = ApiGroup.Name + "/requestedAt";

    /// <summary>The same, as Flux' command line sets it.</summary>
    public const string FluxRequestedAt = "reconcile.fluxcd.io/requestedAt";

    /// <summary>"true" lets a deleted resource go although its webhooks could not be removed.</summary>
    public const string AbandonWebhooks = ApiGroup.Name + "/abandon-webhooks";

    /// <summary>
    /// The number of repositories that a suspiciously small listing holds, such as "40": it is right, and webhooks may be
    /// removed. Any other number confirms nothing, and for as long as the annotation stays it confirms one listing only.
    /// </summary>
    public const string ConfirmInventory = ApiGroup.Name + "/confirm-inventory";

    /// <summary>
    /// 16 hexadecimal digits: the owner id that webhooks are marked with, in place of the one that is made from the cluster and
    /// the resource's name. For a connection that continues the webhooks of another one (its status.ownerId).
    /// </summary>
    public const string OwnerId = ApiGroup.Name + "/owner-id";
}
