using BitbucketOperator.Chaos.World;

namespace BitbucketOperator.Chaos.Schedules;

/// <summary>One thing that goes wrong, or that a person does. What it names need not be there: then nothing happens.</summary>
internal abstract record Step
{
    /// <summary>When, from the beginning of the schedule.</summary>
    public TimeSpan At { get; init; }

    /// <summary>After what time it is undone.</summary>
    public TimeSpan For { get; init; }

    public abstract Task ActAsync(ChaosWorld world);

    /// <summary>Heals what <see cref="ActAsync"/> did; nothing to heal by default.</summary>
    public virtual Task UndoAsync(ChaosWorld world) => Task.CompletedTask;

    public sealed override string ToString() =>
        $"{At.TotalSeconds,4:0.0} s{(For > TimeSpan.Zero ? $" for {For.TotalSeconds:0.0} s" : "")}: {Words}";

    protected abstract string Words { get; }

    /// <summary>What a number of a step stands for; null when there is none.</summary>
    protected static T? Pick<T>(IReadOnlyList<T> all, int number)
        where T : class => all.Count == 0 ? null : all[number % all.Count];
}
