using BitbucketOperator.Core.Inventory;
using BitbucketOperator.Core.Ownership;
using BitbucketOperator.Core.Port;

namespace BitbucketOperator.Core.Levels;

/// <summary>A project or workspace: what was seen of its webhooks, and which entries of spec.webhooks live there.</summary>
/// <param name="Scope">Which.</param>
/// <param name="Selected">The selected repositories that it holds, sorted; empty when it must have none of ours.</param>
/// <param name="View">What could be seen.</param>
/// <param name="Webhooks">The webhooks there, those of others included; empty where they were not seen.</param>
/// <param name="Fault">Why they could not be seen; null when they could, or nobody tried.</param>
/// <param name="Entries">By the name of the entry.</param>
public sealed record ScopeLevels(
    WebhookScope Scope,
    IReadOnlyList<Repository> Selected,
    ScopeView View,
    IReadOnlyList<Webhook> Webhooks,
    Fault? Fault,
    IReadOnlyDictionary<string, EntryLevel> Entries)
{
    /// <summary>How many entries have their webhook there.</summary>
    public int CountProjectLevel => Entries.Values.Count(e => e.ProjectLevel);

    /// <summary>How many have one on each repository.</summary>
    public int CountOnRepositories => Entries.Count - CountProjectLevel;

    /// <summary>Which entries have their webhook there, as a text that changes with them.</summary>
    public string ProjectLevelEntries { get; } = string.Concat(
        Entries.Where(e => e.Value.ProjectLevel).Select(e => e.Key).Order(StringComparer.Ordinal).Select(name => $" {name} above"));

    /// <summary>What the rules say, as a text that changes with them.</summary>
    public required string Rules { get; init; }

    /// <summary>An entry that must live there lives there.</summary>
    public bool IsAsked { get; init; }

    /// <summary>The credential may not see its webhooks.</summary>
    public bool IsDenied { get; init; }

    /// <summary>Entries of level Auto would live there if the credential might see and manage webhooks there.</summary>
    public bool IsOutOfReach { get; init; }

    /// <summary>True when an entry lives there now that lived elsewhere, or the other way round; what nobody decided lived on the repositories.</summary>
    public bool DiffersFrom(ScopeCheck? earlier) =>
        Entries.Any(e => (earlier?.Levels?.GetValueOrDefault(e.Key) ?? default).ProjectLevel != e.Value.ProjectLevel);

    /// <summary>True when it has a webhook of an entry that lives on the repositories.</summary>
    public bool HoldsWhatGoesDown(WebhookOwner owner) =>
        Webhooks.Any(w => WebhookMarker.HookOf(w, owner) is { } hook && Entries.TryGetValue(hook, out var level) && !level.ProjectLevel);
}
