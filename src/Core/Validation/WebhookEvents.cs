using BitbucketOperator.Core.Api;
using BitbucketOperator.Core.Messages;
using BitbucketOperator.Core.Model;
using BitbucketOperator.Core.Port;

namespace BitbucketOperator.Core.Validation;

/// <summary>The event keys of both flavours, as far as they tell one from the other. What neither is known by is left to the server.</summary>
public static class WebhookEvents
{
    private const string IssuePrefix = "issue:";

    private static readonly IReadOnlySet<string> DataCenterDefaults = new HashSet<string>(StringComparer.Ordinal)
    {
        "repo:refs_changed", "pr:opened", "pr:from_ref_updated", "pr:merged", "pr:declined", "pr:deleted",
    };

    private static readonly IReadOnlySet<string> CloudDefaults = new HashSet<string>(StringComparer.Ordinal)
    {
        "repo:push", "pullrequest:created", "pullrequest:updated", "pullrequest:fulfilled", "pullrequest:rejected",
    };

    // Data Center's key, and Cloud's that comes closest. The first pair of several with the same Cloud key is the way back.
    private static readonly (string DataCenter, string Cloud)[] Pairs =
    [
        ("repo:refs_changed", "repo:push"),
        ("repo:forked", "repo:fork"),
        ("repo:modified", "repo:updated"),
        ("repo:comment:added", "repo:commit_comment_created"),
        ("project:modified", "project:updated"),
        ("pr:opened", "pullrequest:created"),
        ("pr:modified", "pullrequest:updated"),
        ("pr:from_ref_updated", "pullrequest:updated"),
        ("pr:from_ref_updated", "pullrequest:push"),
        ("pr:reviewer:updated", "pullrequest:updated"),
        ("pr:merged", "pullrequest:fulfilled"),
        ("pr:declined", "pullrequest:rejected"),
        ("pr:reviewer:approved", "pullrequest:approved"),
        ("pr:reviewer:unapproved", "pullrequest:unapproved"),
        ("pr:reviewer:needs_work", "pullrequest:changes_request_created"),
        ("pr:comment:added", "pullrequest:comment_created"),
        ("pr:comment:edited", "pullrequest:comment_updated"),
        ("pr:comment:deleted", "pullrequest:comment_deleted"),
    ];

    private static readonly string[] DataCenterOnly = ["pr:", "mirror:", "repo:comment:", "repo:secret_detected"];

    private static readonly string[] CloudOnly =
        ["pullrequest:", "pipeline:", IssuePrefix, "repo:imported", "repo:transfer", "repo:commit_comment_created", "repo:commit_status_"];

    /// <summary>Pushes and pull requests: the events of an entry that names none. Data Center 7.14 knows all of its own.</summary>
    public static IReadOnlySet<string> DefaultsOf(Flavour flavour) => flavour == Flavour.Cloud ? CloudDefaults : DataCenterDefaults;

    /// <summary>Why the flavour cannot deliver some events of an entry, with the keys to write instead; null when none is known to be wrong.</summary>
    public static Fault? Refusal(WebhookEntry spec, Flavour flavour)
    {
        var flaws = spec.Events.Distinct(StringComparer.Ordinal).Select(key => Flaw(key, flavour)).OfType<string>().ToList();
        var field = $"{Fields.Webhook(spec.Name)}.events";
        return flaws.Count == 0 ? null : Fault.Terminal(Reasons.UnknownEvent, Sentences.UnknownEvents(field, flaws), field);
    }

    private static string? Flaw(string key, Flavour flavour)
    {
        if (flavour == Flavour.Cloud)
        {
            return key.StartsWith(IssuePrefix, StringComparison.Ordinal)
                ? Sentences.IssueEvent(key)
                : Foreign(key, DataCenterOnly, Pairs.Select(p => (p.DataCenter, p.Cloud)), flavour);
        }

        return Foreign(key, CloudOnly, Pairs.Select(p => (p.Cloud, p.DataCenter)), flavour);
    }

    private static string? Foreign(string key, string[] prefixes, IEnumerable<(string Theirs, string Ours)> pairs, Flavour here)
    {
        var ours = pairs.FirstOrDefault(p => p.Theirs == key).Ours;
        return ours is not null || Array.Exists(prefixes, p => key.StartsWith(p, StringComparison.Ordinal))
            ? Sentences.ForeignEvent(key, here, ours)
            : null;
    }
}
