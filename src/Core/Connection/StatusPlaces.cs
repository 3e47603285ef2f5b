using BitbucketOperator.Core.Api.V1Alpha1;

namespace BitbucketOperator.Core.Connection;

/// <summary>The place that an entry of a status speaks of, in a word.</summary>
public static class StatusPlaces
{
    /// <summary>PROJECT/slug, a project's key or a workspace's slug.</summary>
    public static string Place(this FailureStatus failure) => failure.Repository ?? failure.Project ?? failure.Workspace ?? "";

    /// <summary>PROJECT/slug, a project's key or a workspace's slug.</summary>
    public static string Place(this PlannedChangeStatus change) => change.Repository ?? change.Project ?? change.Workspace ?? "";
}
