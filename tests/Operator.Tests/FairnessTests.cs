using BitbucketOperator.Testing.Cluster;
using System.Text.Json;
using System.Text.Json.Nodes;
using BitbucketOperator.BitbucketSimulator;
using BitbucketOperator.BitbucketSimulator.Faults;
using BitbucketOperator.BitbucketSimulator.State;
using BitbucketOperator.Core.Api.V1Alpha1;
using BitbucketOperator.Testing;

namespace BitbucketOperator.Operator.Tests;

/// <summary>
/// One namespace that has very much to do, and many that have little, on one slow Bitbucket and with one account. Who comes when
/// is told by the order of the server's requests, whatever the speed of this machine.
/// </summary>
public sealed class FairnessTests(ClusterFixture fixture)
{
    private const int Repositories = 600;
    private const int Small = 49;
    private const string Token = $"token-of-the-bot-{Marked.Mark}";
    private const string Late = "LATE";

    // A read and a write for each repository.
    private const int LargeRequests = 2 * Repositories;

    [Fact]
    public async Task FiftyNamespaces_TheSmallOnesAreCompleteLongBeforeTheLargeOne()
    {
        await using var bitbucket = await StartBitbucketAsync();
        string[] projects = ["BIG", .. Enumerable.Range(1, Small).Select(i => $"S{i:00}"), Late];
        var namespaces = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var project in projects)
        {
            namespaces[project] = await PrepareAsync();
        }

        await Task.WhenAll(projects.Where(p => p != Late).Select(p => ApplyAsync(bitbucket, namespaces[p], p)));
        await using var process = OperatorProcess.StartFor(
            fixture.OperatorKubeconfig, namespaces["BIG"], string.Join(',', namespaces.Values), environment: null);
        await UntilAsync(process, "a webhook in each small project", () => Made(bitbucket).Count(p => p[0] == 'S') == Small);
        await ApplyAsync(bitbucket, namespaces[Late], Late);
        await UntilAsync(process, "all webhooks", () => bitbucket.Counters.WebhookPosts == Repositories + Small + 1);

        var requests = bitbucket.Requests.Entries.Select(r => (r.Method, Project: ProjectOf(r), r.Path)).ToList();
        var before = projects[1..^1].Select(p => LargeBetween(requests, 0, PostOf(requests, p))).ToList();
        TestContext.Current.TestOutputHelper?.WriteLine($"of the large one before each small one: {string.Join(' ', before.Order())}");
        before.ShouldAllBe(n => n < LargeRequests / 3);
        Made(bitbucket).Take(4 * Small).Where(p => p[0] == 'S').Distinct(StringComparer.Ordinal).Count()
            .ShouldBe(Small, "the small ones take turns with the large one, or come first");

        // Its listing, what it examines, a read and a write, each behind those that were under way.
        var late = LargeBetween(requests, requests.FindIndex(r => r.Project == Late), PostOf(requests, Late));
        TestContext.Current.TestOutputHelper?.WriteLine($"of the large one during the late one: {late}");
        late.ShouldBeLessThan(150);
        foreach (var project in projects)
        {
            await ReadyAsync(process, namespaces[project], project == "BIG" ? Repositories : 1);
        }

        bitbucket.Read(w => w.Repositories.Select(r => r.Webhooks.Count).ToArray()).ShouldAllBe(webhooks => webhooks == 1);
    }

    private static async Task<Simulator> StartBitbucketAsync()
    {
        var bitbucket = await Simulator.StartAsync(new SimulatorOptions { Tls = true });
        bitbucket.Change(world =>
        {
            var bot = world.AddUser("bot");
            foreach (var project in Enumerable.Range(1, Small).Select(i => $"S{i:00}").Append(Late).Append("BIG"))
            {
                bot.ProjectGrants[world.AddProject(project).Id] = Level.Admin;
                foreach (var i in Enumerable.Range(0, project == "BIG" ? Repositories : 1))
                {
                    world.AddRepository(project, $"repository-{i}");
                }
            }

            world.AddToken("operator", bot, ["PROJECT_ADMIN", "REPO_ADMIN"], Token);
        });
        bitbucket.Faults.Add(new Fault { Kind = FaultKind.Latency, LatencyMilliseconds = 150 });
        return bitbucket;
    }

    private async Task<string> PrepareAsync()
    {
        var name = await fixture.NewNamespaceAsync();
        await fixture.ApplyAsync(new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "Secret",
            ["metadata"] = new JsonObject { ["namespace"] = name, ["name"] = "bitbucket-token" },
            ["stringData"] = new JsonObject { ["token"] = Token },
        }.ToJsonString());
        return name;
    }

    private Task ApplyAsync(Simulator bitbucket, string ns, string project) => fixture.ApplyAsync(new JsonObject
    {
        ["apiVersion"] = "bitbucketoperator.dev/v1alpha1",
        ["kind"] = "BitbucketConnection",
        ["metadata"] = new JsonObject { ["namespace"] = ns, ["name"] = "platform" },
        ["spec"] = new JsonObject
        {
            ["url"] = bitbucket.BaseUrl.ToString(),
            ["auth"] = new JsonObject { ["type"] = "HTTPAccessToken", ["secretRef"] = new JsonObject { ["name"] = "bitbucket-token" } },
            ["tls"] = new JsonObject { ["insecureSkipVerify"] = true },
            ["discovery"] = new JsonObject { ["projects"] = new JsonArray(project) },
            ["webhooks"] = new JsonArray(new JsonObject
            {
                ["name"] = "ci",
                ["url"] = $"https://ci.example.com/hooks/{project}",
                ["level"] = "Repository",
            }),
        },
    }.ToJsonString());

    private async Task ReadyAsync(OperatorProcess process, string ns, int webhooks)
    {
        BitbucketConnection? last = null;
        await Eventually.IsTrueAsync(
            $"{webhooks} webhooks in the status of {ns}",
            async () =>
            {
                var text = await fixture.ReadAsync($"{ClusterFixture.Connections(ns)}/platform");
                last = JsonSerializer.Deserialize(text!, ApiJsonContext.Default.BitbucketConnection);
                return last!.Status?.Webhooks?.ReadyOfDesired() == $"{webhooks}/{webhooks}";
            },
            () => $"{last?.Status?.Webhooks?.ReadyOfDesired()}\n{LastWords(process)}");
    }

    private static Task UntilAsync(OperatorProcess process, string transition, Func<bool> isSo) =>
        Eventually.IsTrueAsync(transition, () => Task.FromResult(isSo()), () => LastWords(process));

    private static string LastWords(OperatorProcess process) => string.Join('\n', process.Output.Split('\n').TakeLast(15));

    // The projects in which a webhook was made, in order.
    private static IEnumerable<string> Made(Simulator bitbucket) =>
        bitbucket.Requests.Entries.Where(r => IsPost(r.Method, r.Path)).Select(r => ProjectOf(r)!);

    private static bool IsPost(string method, string path) => method == "POST" && path.EndsWith("/webhooks", StringComparison.Ordinal);

    private static string? ProjectOf(RequestEntry request) =>
        request.Path.Split('/') is var parts && Array.IndexOf(parts, "projects") is >= 0 and var at && at + 1 < parts.Length ? parts[at + 1] : null;

    private static int PostOf(List<(string Method, string? Project, string Path)> requests, string project) =>
        requests.FindIndex(r => r.Project == project && IsPost(r.Method, r.Path));

    private static int LargeBetween(List<(string Method, string? Project, string Path)> requests, int from, int to) =>
        requests.Skip(from).Take(to - from).Count(r => r.Project == "BIG");
}
