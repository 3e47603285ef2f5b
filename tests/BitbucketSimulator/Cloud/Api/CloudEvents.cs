using BitbucketOperator.BitbucketSimulator.State;

namespace BitbucketOperator.BitbucketSimulator.Cloud.Api;

/// <summary>The event keys that webhooks can subscribe to.</summary>
internal static class CloudEvents
{
    private static readonly string[] Repository =
    [
        "repo:push", "repo:fork", "repo:imported", "repo:updated", "repo:commit_comment_created", "repo:commit_status_created",
        "repo:commit_status_updated", "pullrequest:created", "pullrequest:updated", "pullrequest:push", "pullrequest:approved",
        "pullrequest:unapproved", "pullrequest:changes_request_created", "pullrequest:changes_request_removed", "pullrequest:fulfilled",
        "pullrequest:rejected", "pullrequest:comment_created", "pullrequest:comment_updated", "pullrequest:comment_deleted",
        "pullrequest:comment_resolved", "pullrequest:comment_reopened", "pipeline:span_created",
    ];

    private static readonly string[] WorkspaceOnly = ["repo:transfer", "repo:created", "repo:deleted", "project:updated"];

    private static readonly string[] Issues = ["issue:created", "issue:updated", "issue:comment_created"];

    public static IEnumerable<string> Of(bool workspace, bool issues) => Repository.Concat(workspace ? WorkspaceOnly : []).Concat(issues ? Issues : []);

    public static bool Accepts(string key, bool workspace, bool issues) => Of(workspace, issues).Contains(key, StringComparer.Ordinal);

    /// <summary>The scope that reading an event's subject takes.</summary>
    public static string Subject(string key, bool apiToken)
    {
        var subject = key.StartsWith("repo:", StringComparison.Ordinal) ? "repository" : key[..key.IndexOf(':', StringComparison.Ordinal)];
        return apiToken ? $"read:{subject}:bitbucket" : subject;
    }
}
