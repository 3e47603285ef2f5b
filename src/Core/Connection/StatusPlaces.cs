using BitbucketOperator.Core.Api;
using BitbucketOperator.Core.Api.V1Alpha1;

namespace BitbucketOperator.Core.Connection;

/// <summary>How entries of a status name the place that they speak of: in one of three fields, and in a word.</summary>
public static class StatusPlaces
{
    /// <summary>The fields of an entry; null but for the one that the level says.</summary>
    /// <param name="level">What kind of place it is.</param>
    /// <param name="name">PROJECT/slug, a project's key or a workspace's slug.</param>
    internal static (string? Repository, string? Project, string? Workspace) FieldsOf(WebhookLevel level, string name) => level switch
    {
        WebhookLevel.Project => (null, name, null),
        WebhookLevel.Workspace => (null, null, name),
        _ => (name, null, null),
    };

    /// <summary>An entry of status.failures.</summary>
    internal static FailureStatus Failure(WebhookLevel level, string place, string? webhook, Reason reason, string message)
    {
        var (repository, project, workspace) = FieldsOf(level, place);
        return new FailureStatus { Repository = repository, Project = project, Workspace = workspace, Webhook = webhook, Reason = reason.Name, Message = message };
    }

    /// <summary>PROJECT/slug, a project's key or a workspace's slug.</summary>
    public static string Place(this FailureStatus failure) => failure.Repository ?? failure.Project ?? failure.Workspace ?? "";

    /// <summary>PROJECT/slug, a project's key or a workspace's slug.</summary>
    public static string Place(this PlannedChangeStatus change) => change.Repository ?? change.Project ?? change.Workspace ?? "";
}
