using BitbucketOperator.Core.Port;

namespace BitbucketOperator.Core.Planning;

/// <summary>What becomes of the webhook of one entry at one scope.</summary>
internal enum EntryTask
{
    /// <summary>It must be there.</summary>
    Keep,

    /// <summary>Whatever is there stays as it is.</summary>
    Leave,

    /// <summary>It must not be there.</summary>
    Remove,

    /// <summary>It must not be there once the one that takes its scope was seen.</summary>
    RemoveLater,
}

/// <summary>What is desired at one scope.</summary>
internal sealed class ScopeTasks
{
    private readonly Func<string, (EntryTask Task, string Why)> _tasks;

    public ScopeTasks(Func<string, (EntryTask Task, string Why)> tasks) => _tasks = tasks;

    /// <summary>Every entry, and nothing is known of any other scope.</summary>
    public static ScopeTasks All { get; } = new(_ => (EntryTask.Keep, ""));

    /// <summary>Webhooks of the project or workspace above the scope, whose events come from there too.</summary>
    public IReadOnlyList<Webhook> ProjectLevel { get; init; } = [];

    /// <summary>The scope above; null where there is none.</summary>
    public WebhookScope? ProjectLevelScope { get; init; }

    /// <summary>Why a webhook is made that is not there, by the name of the entry; null for no reason but its absence.</summary>
    public Func<string, string?> Moves { get; init; } = _ => null;

    /// <summary>An entry that is only left counts as one that the scope must have.</summary>
    public Func<string, bool> Counts { get; init; } = _ => false;

    /// <summary>What to do about an entry, and why.</summary>
    public (EntryTask Task, string Why) Of(string name) => _tasks(name);
}
