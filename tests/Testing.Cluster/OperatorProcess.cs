using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json.Nodes;
using BitbucketOperator.ControlPlane;

namespace BitbucketOperator.Testing.Cluster;

/// <summary>A pass that has ended.</summary>
/// <param name="StatusWritten">Whether it changed the status.</param>
public sealed record Pass(bool StatusWritten);

/// <summary>The published binary, running.</summary>
public sealed class OperatorProcess : IAsyncDisposable
{
    private const string BinaryVariable = "BITBUCKET_OPERATOR_BINARY";
    private readonly Process _process;
    private readonly ConcurrentQueue<string> _lines = new();
    private readonly Task _reading;
    private readonly ReservedPort _metrics;

    private OperatorProcess(Process process, string leaseName, ReservedPort metrics)
    {
        (_process, LeaseName, _metrics) = (process, leaseName, metrics);
        _reading = ReadAsync();
    }

    public static string Binary { get; } = Environment.GetEnvironmentVariable(BinaryVariable)
        ?? SourceTree.PathOf("artifacts", "publish", "Operator", "release_linux-x64", "bitbucket-operator");

    /// <summary>All that it printed, for messages of failing tests and for looking for secrets.</summary>
    public string Output => string.Join('\n', _lines);

    public string LeaseName { get; }

    public int Id => _process.Id;

    public bool HasExited => _process.HasExited;

    /// <summary>The lines that it printed so far, oldest first.</summary>
    public IReadOnlyCollection<string> Lines => _lines;

    /// <summary>One that watches a namespace.</summary>
    public static OperatorProcess Start(string kubeconfig, string @namespace, IReadOnlyDictionary<string, string>? environment, params string[] more) =>
        StartFor(kubeconfig, @namespace, @namespace, environment, more);

    /// <summary>One that watches several namespaces.</summary>
    /// <param name="kubeconfig">Its rights.</param>
    /// <param name="lease">Tells its Lease from others.</param>
    /// <param name="namespaces">Separated by commas.</param>
    /// <param name="environment">Further variables.</param>
    /// <param name="more">Further flags.</param>
    public static OperatorProcess StartFor(
        string kubeconfig, string lease, string namespaces, IReadOnlyDictionary<string, string>? environment, params string[] more)
    {
        if (!File.Exists(Binary))
        {
            throw new FileNotFoundException($"{Binary} is not there: run make publish, or set {BinaryVariable}");
        }

        var start = new ProcessStartInfo(Binary) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
        var leaseName = $"lease-{lease}";
        string[] arguments =
        [
            "run", "--kubeconfig", kubeconfig, "--watch-namespaces", namespaces, "--lease-name", leaseName,
            "--allowed-hosts", "*,127.0.0.1,localhost", "--log-format", "Json", "--log-level", "Verbose", .. more,
        ];
        // Several run at once on this machine; flags win over these.
        start.Environment["BITBUCKET_OPERATOR_HEALTH_ADDRESS"] = "127.0.0.1:0";
        var metrics = FreePorts.Reserve();
        start.Environment["BITBUCKET_OPERATOR_METRICS_BIND_ADDRESS"] = metrics.ToString();
        foreach (var (name, value) in environment ?? new Dictionary<string, string>(StringComparer.Ordinal))
        {
            start.Environment[name] = value;
        }

        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        return new OperatorProcess(Process.Start(start)!, leaseName, metrics);
    }

    /// <summary>How many passes have ended, well or not.</summary>
    public int Passes => _lines.Count(EndsPass);

    /// <summary>How much it has printed, for <see cref="PassesSince"/>.</summary>
    public int EndOfLog => _lines.Count;

    /// <summary>The passes of a connection that ended after a place in the log, or after the first line there of an event about it.</summary>
    /// <param name="place">From <see cref="EndOfLog"/>.</param>
    /// <param name="connection">Namespace and name.</param>
    /// <param name="after">Name of a log event; null for the place itself.</param>
    public IReadOnlyList<Pass> PassesSince(int place, string connection, string? after = null) =>
    [
        .. _lines.Skip(place)
            .Where(l => l.Contains($"\"Object\":\"{connection}\"", StringComparison.Ordinal))
            .SkipWhile(l => after is not null && !IsEvent(l, after))
            .Where(EndsPass)
            .Select(l => new Pass(JsonNode.Parse(l)!["StatusWritten"]?.GetValue<bool>() ?? false)),
    ];

    public bool Leads => _lines.Any(l => IsEvent(l, "LeaseAcquired"));

    /// <summary>Ends it as a crash does.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    /// <summary>Ends it as Kubernetes does, and returns its exit code.</summary>
    public async Task<int> StopAsync()
    {
        if (!_process.HasExited)
        {
            await SignalAsync("TERM");
        }

        using var limit = Eventually.Patience();
        await _process.WaitForExitAsync(limit.Token);
        return _process.ExitCode;
    }

    /// <summary>Sends it a signal, such as STOP and CONT.</summary>
    public async Task SignalAsync(string signal)
    {
        using var kill = Process.Start("kill", [$"-{signal}", _process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync();
    }

    /// <summary>Ends it, and looks for secrets in all that it said.</summary>
    /// <exception cref="SecretFoundException">There is one.</exception>
    public async ValueTask DisposeAsync()
    {
        var metrics = await ScrapeAsync();
        if (!_process.HasExited)
        {
            await KillAsync();
        }

        await _reading;
        _process.Dispose();
        _metrics.Dispose();
        Marked.ShouldNotBeIn("the log of an operator", Output);
        Marked.ShouldNotBeIn("the metrics of an operator", metrics);
    }

    // Nothing where it has ended, has not begun to serve, or serves them elsewhere.
    private async Task<string> ScrapeAsync()
    {
        if (_process.HasExited)
        {
            return "";
        }

        try
        {
            using var http = new HttpClient { Timeout = TimeSpan.FromSeconds(10) };
            return await http.GetStringAsync(new Uri($"http://{_metrics}/metrics"));
        }
        catch (Exception exception) when (exception is HttpRequestException or OperationCanceledException)
        {
            return "";
        }
    }

    /// <summary>The log lines with an event name.</summary>
    public IReadOnlyList<JsonNode> Events(string name) =>
        [.. _lines.Where(l => IsEvent(l, name)).Select(l => JsonNode.Parse(l)!)];

    private static bool EndsPass(string line) => IsEvent(line, "Reconciled") || IsEvent(line, "ReconcileFailed");

    private static bool IsEvent(string line, string name) => line.Contains($"\"Name\":\"{name}\"", StringComparison.Ordinal);

    private Task ReadAsync() => Task.WhenAll(ReadAsync(_process.StandardOutput), ReadAsync(_process.StandardError));

    private async Task ReadAsync(StreamReader reader)
    {
        while (await reader.ReadLineAsync() is { } line)
        {
            _lines.Enqueue(line);
        }
    }
}
