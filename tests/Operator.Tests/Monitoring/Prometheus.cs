using System.Diagnostics;
using System.Text.Json.Nodes;
using BitbucketOperator.ControlPlane;
using BitbucketOperator.Testing;

namespace BitbucketOperator.Operator.Tests.Monitoring;

/// <summary>A Prometheus that scrapes some addresses every half second and evaluates the chart's alerts.</summary>
internal sealed class Prometheus : IAsyncDisposable
{
    private readonly Process _process;
    private readonly ReservedPort _port;
    private readonly string _folder;
    private readonly HttpClient _http;
    private readonly Task<string> _error;

    private Prometheus(Process process, string folder, ReservedPort port)
    {
        (_process, _folder, _port) = (process, folder, port);
        _http = new HttpClient { BaseAddress = new Uri($"http://{port}") };
        _error = process.StandardError.ReadToEndAsync();
    }

    public static async Task<Prometheus> StartAsync(params string[] targets)
    {
        var program = await DebianTool.PathOfAsync("prometheus");
        var folder = Directory.CreateTempSubdirectory("prometheus").FullName;
        var file = Path.Combine(folder, "prometheus.yml");
        await File.WriteAllTextAsync(file, $$"""
            global: { scrape_interval: 500ms, scrape_timeout: 500ms, evaluation_interval: 500ms }
            rule_files: [{{SourceTree.PathOf("charts", "bitbucket-operator", "files", "alerts.yaml")}}]
            scrape_configs:
            - job_name: metrics
              honor_labels: true
              static_configs: [{ targets: [{{string.Join(", ", targets.Select(t => $"'{t}'"))}}], labels: { namespace: system } }]
            """);
        var port = FreePorts.Reserve();
        var start = new ProcessStartInfo(
            program, [$"--config.file={file}", $"--storage.tsdb.path={folder}/data", $"--web.listen-address={port}", "--log.level=warn"])
        {
            UseShellExecute = false, RedirectStandardError = true,
        };
        return new(Process.Start(start)!, folder, port);
    }

    /// <summary>The series that a query finds now; throws where Prometheus does not understand it.</summary>
    public async Task<IReadOnlyList<JsonNode>> QueryAsync(string query)
    {
        var answer = await GetAsync($"/api/v1/query?query={Uri.EscapeDataString(query)}");
        answer["status"]!.GetValue<string>().ShouldBe("success", $"{query}: {answer}");
        return [.. answer["data"]!["result"]!.AsArray().Select(r => r!)];
    }

    /// <summary>The alerts with their state and their health.</summary>
    public async Task<IReadOnlyList<JsonNode>> RulesAsync() =>
        [.. (await GetAsync("/api/v1/rules"))["data"]!["groups"]!.AsArray().SelectMany(g => g!["rules"]!.AsArray()).Select(r => r!)];

    /// <summary>False until it serves.</summary>
    public async Task<bool> IsReadyAsync()
    {
        if (_process.HasExited)
        {
            Assert.Fail($"Prometheus ended: {await _error}");
        }

        try
        {
            using var answer = await _http.GetAsync(new Uri("/-/ready", UriKind.Relative));
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
        _port.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private async Task<JsonNode> GetAsync(string path)
    {
        using var answer = await _http.GetAsync(new Uri(path, UriKind.Relative));
        return JsonNode.Parse(await answer.Content.ReadAsStringAsync())!;
    }
}
