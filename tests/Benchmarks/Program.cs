using System.CommandLine;
using BitbucketOperator.Benchmarks.Results;
using BitbucketOperator.Benchmarks.Rows;
using BitbucketOperator.Testing;

namespace BitbucketOperator.Benchmarks;

internal static class Program
{
    private static readonly Argument<string[]> Rows = new("rows")
    {
        Description = "Rows to run, or the words that several begin with, such as limits. Default: all.",
        Arity = ArgumentArity.ZeroOrMore,
    };

    private static readonly Option<string> Binary = new("--binary")
    {
        Description = "The operator.",
        DefaultValueFactory = _ => SourceTree.PathOf("artifacts", "publish", "Operator", "release_linux-x64", "bitbucket-operator"),
    };

    private static readonly Option<string> Output = new("--output")
    {
        Description = "Folder for results.json and logs.",
        DefaultValueFactory = _ => SourceTree.PathOf("artifacts", "bench"),
    };

    private static readonly Option<bool> Full = new("--full")
    {
        Description = "Use the sizes of DESIGN.md, section 8: 50,000 repositories too, 2,000 connections.",
    };

    private static readonly Option<bool> Strict = new("--strict")
    {
        Description = "End with code 1 when a target is missed or a row could not run.",
    };

    private static readonly Option<bool> List = new("--list") { Description = "Show the rows and run none." };

    public static async Task<int> Main(string[] args)
    {
        var root = new RootCommand(
            "Run the published operator against a development API server and simulated Bitbucket servers, and compare it with its targets.")
        {
            Rows, Binary, Output, Full, Strict, List,
        };
        root.SetAction(RunAsync);
        // What was started has to be ended, however the run ends.
        return await root.Parse(args).InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = TimeSpan.FromSeconds(30) });
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var options = new BenchOptions
        {
            Rows = parsed.GetValue(Rows)!,
            Binary = parsed.GetValue(Binary)!,
            Output = parsed.GetValue(Output)!,
            Full = parsed.GetValue(Full),
            Strict = parsed.GetValue(Strict),
        };
        try
        {
            return parsed.GetValue(List) ? Show(Bench.Choose(options.Rows, options.Full)) : await RunAsync(options, cancellationToken);
        }
        catch (ArgumentException e)
        {
            await Console.Error.WriteLineAsync($"bench: {e.Message}");
            return 2;
        }
    }

    private static async Task<int> RunAsync(BenchOptions options, CancellationToken cancellationToken)
    {
        if (!File.Exists(options.Binary)) throw new ArgumentException($"{options.Binary} is not there: run make publish, or set BINARY");
        var result = await Bench.RunAsync(options, cancellationToken);
        Directory.CreateDirectory(options.Output);
        await File.WriteAllTextAsync(Path.Combine(options.Output, "results.json"), result.ToJson() + "\n", cancellationToken);
        await File.WriteAllLinesAsync(Path.Combine(options.Output, "results.md"), Table.Markdown(result), cancellationToken);
        foreach (var line in Table.Lines(result.Rows))
        {
            Console.WriteLine(line);
        }

        var failed = result.Rows.Any(r => r.Verdict == Verdict.Failed);
        var unmet = result.Rows.Any(r => r.Verdict is Verdict.Missed or Verdict.NotRun);
        return failed || (options.Strict && unmet) ? 1 : 0;
    }

    private static int Show(IReadOnlyList<Row> rows)
    {
        foreach (var row in rows)
        {
            Console.WriteLine($"{row.Name}\n    {row.Setup}\n    target: {row.Target}");
        }

        return 0;
    }
}
