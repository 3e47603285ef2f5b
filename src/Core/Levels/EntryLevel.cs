namespace BitbucketOperator.Core.Levels;

/// <summary>Where the webhook of one entry of spec.webhooks lives, within one project or workspace.</summary>
/// <param name="ProjectLevel">On the project or workspace itself; false: on each of its repositories.</param>
/// <param name="Held">Nobody can tell now whether that is right, so that whatever is there stays as it is.</param>
public readonly record struct EntryLevel(bool ProjectLevel, bool Held = false);
