using System.Text;
using System.Text.Json.Nodes;
using BitbucketOperator.Benchmarks.Results;

namespace BitbucketOperator.Benchmarks.World;

/// <summary>tests/BitbucketSimulator in a process of its own, on https.</summary>
internal sealed class SimulatorProcess : IAsyncDisposable
{
    private static readonly Dictionary<string, string> NoVariables = new(StringComparer.Ordinal);
    private readonly ChildProcess _process;
    private readonly HttpClient _control;

    private SimulatorProcess(ChildProcess process, string[] words, string caPem)
    {
        // "Bitbucket URL control URL", or "Bitbucket Cloud URL token URL control URL".
        _process = process;
        (Url, TokenUrl) = words.Length > 4 ? (words[2], words[4]) : (words[1], null);
        _control = new HttpClient { BaseAddress = new Uri($"{words[^1]}/") };
        CaPem = caPem;
    }

    public string Url { get; }

    /// <summary>Cloud's token endpoint; null on Data Center.</summary>
    public string? TokenUrl { get; }

    public string CaPem { get; }

    public static async Task<SimulatorProcess> StartAsync(
        string directory, string name, JsonObject seed, bool cloud, CancellationToken cancellationToken)
    {
        var (seedFile, caFile) = (Path.Combine(directory, $"{name}.seed.json"), Path.Combine(directory, $"{name}.ca.crt"));
        await File.WriteAllTextAsync(seedFile, seed.ToJsonString(), cancellationToken);
        string[] flavour = cloud ? ["cloud"] : [];
        var process = ChildProcess.Start(
            Path.Combine(directory, $"{name}.log"),
            NoVariables,
            ["dotnet", Program(), .. flavour, "--tls", "--ca-out", caFile, "--seed", seedFile]);
        try
        {
            var line = await process.LineAsync("Bitbucket ", cancellationToken);
            return new SimulatorProcess(process, line.Split(' '), await File.ReadAllTextAsync(caFile, cancellationToken));
        }
        catch
        {
            await process.DisposeAsync();
            throw;
        }
    }

    /// <summary>Delays every answer whose path matches.</summary>
    public Task DelayAsync(int milliseconds, string path = "**") =>
        PostAsync("faults", new JsonObject { ["kind"] = "Latency", ["latencyMilliseconds"] = milliseconds, ["path"] = path });

    public async Task<RequestCounts> CountsAsync() =>
        RequestCounts.Parse(await _control.GetStringAsync(new Uri("counters", UriKind.Relative)));

    public Task ResetCountsAsync() => PostAsync("counters/reset", []);

    public async ValueTask DisposeAsync()
    {
        _control.Dispose();
        await _process.DisposeAsync();
    }

    // Built into the neighbouring folder with the same configuration.
    private static string Program()
    {
        var own = Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory);
        var bin = Path.Combine(own, "..", "..");
        return Path.GetFullPath(
            Path.Combine(bin, "BitbucketSimulator", Path.GetFileName(own), "BitbucketOperator.BitbucketSimulator.dll"));
    }

    private async Task PostAsync(string path, JsonObject body)
    {
        using var content = new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json");
        using var answer = await _control.PostAsync(new Uri(path, UriKind.Relative), content);
        answer.EnsureSuccessStatusCode();
    }
}
