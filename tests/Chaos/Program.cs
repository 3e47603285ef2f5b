using System.CommandLine;
using System.Globalization;
using BitbucketOperator.Chaos.Runs;
using BitbucketOperator.Chaos.World;
using BitbucketOperator.Testing.Cluster;

namespace BitbucketOperator.Chaos;

internal static class Program
{
    private static readonly Option<int> Schedules = new("--schedules") { Description = "How many to play.", DefaultValueFactory = _ => 20 };

    private static readonly Option<long> Seed = new("--seed")
    {
        Description = "The first seed; the others follow.",
        DefaultValueFactory = _ => 1,
    };

    private static readonly Option<int> Worlds = new("--worlds") { Description = "How many play at once.", DefaultValueFactory = _ => 6 };

    private static readonly Option<string?> Keep = new("--keep")
    {
        Description = "Numbers of the steps to play, with commas. Default: all.",
    };

    private static readonly Option<bool> Outages = new("--outages") { Description = "Kill the API server and etcd meanwhile." };

    private static readonly Option<string> Output = new("--output")
    {
        Description = "Folder for the logs of schedules that fail.",
        DefaultValueFactory = _ => SourceTree.PathOf("artifacts", "chaos"),
    };

    private static readonly Option<int> Minutes = new("--minutes") { Description = "How long.", DefaultValueFactory = _ => 10 };

    public static async Task<int> Main(string[] args)
    {
        var soak = new Command("soak", "Random load without an end in between; memory, handles, threads and watches must not grow.")
        {
            Minutes, Seed,
        };
        soak.SetAction(SoakAsync);
        var root = new RootCommand("Two replicas of the published operator under random trouble: afterwards all must be as asked for.")
        {
            Schedules, Seed, Worlds, Keep, Outages, Output,
        };
        root.Subcommands.Add(soak);
        root.SetAction(PlayAsync);
        // What was started has to be ended, however the run ends.
        return await root.Parse(args).InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = TimeSpan.FromSeconds(30) });
    }

    private static async Task<int> PlayAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var options = new ChaosOptions
        {
            Schedules = parsed.GetValue(Schedules),
            Seed = parsed.GetValue(Seed),
            Worlds = parsed.GetValue(Worlds),
            Keep = [.. NumbersIn(parsed.GetValue(Keep) ?? "")],
            Outages = parsed.GetValue(Outages),
            Output = parsed.GetValue(Output)!,
        };
        if (!File.Exists(OperatorProcess.Binary)) return await RefuseAsync();
        await using var cluster = await ChaosCluster.StartAsync();
        return (await new ChaosRun(cluster, options).RunAsync(cancellationToken)).Count == 0 ? 0 : 1;
    }

    private static async Task<int> SoakAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        if (!File.Exists(OperatorProcess.Binary)) return await RefuseAsync();
        await using var cluster = await ChaosCluster.StartAsync();
        var length = TimeSpan.FromMinutes(parsed.GetValue(Minutes));
        var broken = await new Soak(cluster, Console.WriteLine).RunAsync(length, parsed.GetValue(Seed), cancellationToken);
        foreach (var line in broken)
        {
            Console.WriteLine(line);
        }

        return broken.Count == 0 ? 0 : 1;
    }

    private static IEnumerable<int> NumbersIn(string text) =>
        text.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(n => int.Parse(n, CultureInfo.InvariantCulture));

    private static async Task<int> RefuseAsync()
    {
        await Console.Error.WriteLineAsync($"chaos: {OperatorProcess.Binary} is not there: run make publish, or set BINARY");
        return 2;
    }
}
