using BitbucketOperator.BitbucketSimulator.State;

namespace BitbucketOperator.BitbucketSimulator.DataCenter;

/// <summary>The event keys that the server takes, and the longer list that it advertises.</summary>
internal static class EventKeys
{
    private static readonly HashSet<string> Accepted = new(StringComparer.Ordinal)
    {
        "repo:refs_changed", "repo:modified", "repo:forked", "repo:comment:added", "repo:comment:edited", "repo:comment:deleted",
        "repo:secret_detected", "mirror:repo_synchronized", "project:modified", "pr:opened", "pr:from_ref_updated", "pr:modified",
        "pr:merged", "pr:declined", "pr:deleted", "pr:reviewer:updated", "pr:reviewer:approved", "pr:reviewer:unapproved",
        "pr:reviewer:needs_work", "pr:comment:added", "pr:comment:edited", "pr:comment:deleted",
    };

    private static readonly string[] GlobalOnly =
        ["repo:created", "repo:deleted", "project:created", "project:deleted", "repo:default_branch_modified"];

    /// <summary>pr:to_ref_updated and pr:reviewer:changes_requested are in the documentation and refused all the same.</summary>
    public static bool Accepts(ServerVersion version, string key) =>
        Accepted.Contains(key) && (key != "repo:secret_detected" || version.KnowsSecretScanning());

    public static IEnumerable<string> Advertised(ServerVersion version) =>
        Accepted.Where(key => Accepts(version, key)).Concat(GlobalOnly).Order(StringComparer.Ordinal);
}
