using BitbucketOperator.Core.Inventory;
using BitbucketOperator.Core.Port;

namespace BitbucketOperator.Core.Levels;

/// <summary>A project or workspace: what was seen of its webhooks, and which entries of spec.webhooks live there.</summary>
/// <param name="Scope">Which.</param>
/// <param name="Selected">The selected repositories that it holds, sorted; empty when it must have none of ours.</param>
/// <param name="Seen">What could be seen of its webhooks.</param>
/// <param name="Entries">By the name of the entry.</param>
public sealed record ScopeLevels(
    WebhookScope Scope,
    IReadOnlyList<Repository> Selected,
    ProjectLevelView Seen,
    IReadOnlyDictionary<string, EntryLevel> Entries)
{
    /// <summary>How much could be seen of its webhooks.</summary>
    public ScopeView View => Seen.View;

    /// <summary>The webhooks there, those of others included; empty where they were not seen.</summary>
    public IReadOnlyList<Webhook> Webhooks => Seen.Webhooks;

    /// <summary>Why they could not be seen; null when they could, or nobody tried.</summary>
    public Fault? Fault => Seen.Fault;

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
}
