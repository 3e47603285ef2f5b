using BitbucketOperator.Core.Api.V1Alpha1;
using BitbucketOperator.Core.Port;

namespace BitbucketOperator.Core.Status;

/// <summary>How entries of a status name the scope that they speak of: in one of three fields, and in a word.</summary>
public static class StatusScopes
{
    /// <summary>The fields of an entry; null but for the one that the place says.</summary>
    /// <param name="place">Where it is.</param>
    internal static (string? Repository, string? Project, string? Workspace) FieldsOf(Place place) => place.Kind switch
    {
        ScopeKind.Project => (null, place.Name, null),
        ScopeKind.Workspace => (null, null, place.Name),
        ScopeKind.Repository => (place.Name, null, null),
    };

    /// <summary>PROJECT/slug, a project's key or a workspace's slug.</summary>
    public static string Scope(this PlannedChangeStatus change) => change.Repository ?? change.Project ?? change.Workspace ?? "";
}
