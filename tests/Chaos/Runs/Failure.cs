using BitbucketOperator.Chaos.Schedules;
using BitbucketOperator.Chaos.World;

namespace BitbucketOperator.Chaos.Runs;

/// <summary>A schedule that broke a rule.</summary>
/// <param name="Schedule">Which.</param>
/// <param name="Message">What is broken.</param>
/// <param name="Happened">What happened when.</param>
/// <param name="Logs">The replicas' output by file name.</param>
internal sealed record Failure(Schedule Schedule, string Message, string Happened, IReadOnlyDictionary<string, string> Logs)
{
    public static Failure Of(Schedule schedule, ChaosWorld world, string message) => new(
        schedule,
        message,
        world.Log,
        world.ReplicaList.SelectMany((r, i) => r.Processes.Select((p, j) => (Name: $"replica-{i}.{j}.log", p.Output)))
            .ToDictionary(l => l.Name, l => l.Output, StringComparer.Ordinal));

    /// <summary>Writes all of it into a folder.</summary>
    public void Save(string directory)
    {
        Directory.CreateDirectory(directory);
        File.WriteAllText(Path.Combine(directory, "failure.txt"), $"{this}\n");
        foreach (var (name, text) in Logs)
        {
            File.WriteAllText(Path.Combine(directory, name), text);
        }
    }

    public override string ToString() => $"seed {Schedule.Seed}\n{Schedule}\n{Message}\nwhat happened:\n{Happened}";
}
