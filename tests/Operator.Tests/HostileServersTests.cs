using System.Text;
using System.Text.Json.Nodes;
using BitbucketOperator.BitbucketSimulator.Faults;
using BitbucketOperator.Core.Api;
using BitbucketOperator.Core.Api.V1Alpha1;

namespace BitbucketOperator.Operator.Tests;

/// <summary>
/// Connections to servers of the worst kinds beside a healthy one, with the binary: each says what is wrong, and none is in its way.
/// </summary>
public sealed class HostileServersTests(ClusterFixture fixture)
{
    private const string Head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n";

    private static readonly string Deep = new('[', 1_000_000);

    // What each server answers to every request, and how its connection's Ready tells of it.
    private static readonly Dictionary<string, Kind> Kinds = new(StringComparer.Ordinal)
    {
        ["silent"] = new(r => r.HangAsync(), "ServerUnreachable", "Timed out"),
        ["half-a-header"] = new(r => HangAfterAsync(r, "HTTP/1.1 200 OK\r\nX-Long: x"), "ServerUnreachable", "Timed out"),
        ["half-a-body"] = new(r => HangAfterAsync(r, $"{Head}Content-Length: 100\r\n\r\n{{"), "ServerUnreachable", "Timed out"),
        ["a-gigabyte"] = new(r => ForeverAsync(r, $"{Head}\r\n"), "UnexpectedAnswer", "Answer is too large"),
        ["endless-header"] = new(r => ForeverAsync(r, "HTTP/1.1 200 OK\r\nX-Long: "), "UnexpectedAnswer", "Answer has too many headers"),
        ["deep-json"] = new(r => r.SendAsync($"{Head}Connection: close\r\n\r\n{Deep}"), "UnexpectedAnswer", "Unreadable answer"),
    };

    [Fact]
    public async Task HostileServers_AreToldOfAndHarmNobodyElse()
    {
        await using var scenario = await Scenario.StartAsync(fixture, withOperator: false);
        await using var endless = await scenario.StartAnotherBitbucketAsync();
        endless.Faults.Add(new Fault { Kind = FaultKind.PagingEndless, Path = "/rest/api/*/repos" });
        var servers = Kinds.ToDictionary(k => k.Key, k => new RawServer(k.Value.Answer), StringComparer.Ordinal);
        scenario.StartOperator("--allow-http");
        foreach (var (kind, server) in servers)
        {
            await scenario.ApplyAsync(spec => PointTo(spec, server.Url), kind);
        }

        await scenario.ApplyAsync(spec => spec["url"] = endless.BaseUrl.ToString(), "endless-pages");
        await scenario.ApplyAsync();

        await scenario.WaitReadyAsync(6);
        foreach (var kind in servers.Keys)
        {
            await ShouldSayAsync(scenario, kind, ConditionTypes.Reachable, Kinds[kind].Reason, Kinds[kind].Message);
            await ShouldSayAsync(scenario, kind, ConditionTypes.Ready, Kinds[kind].Reason, Kinds[kind].Message);
        }

        await ShouldSayAsync(
            scenario, "endless-pages", ConditionTypes.RepositoriesDiscovered, "ListingIncomplete", "1000 pages in a row");
        endless.Counters.WebhookWriteAttempts.ShouldBe(0);
        (await scenario.FullPassAsync()).Status!.Webhooks!.ReadyOfDesired().ShouldBe("6/6");
        foreach (var server in servers.Values)
        {
            server.Dispose();
        }
    }

    private static async Task ShouldSayAsync(Scenario scenario, string name, string condition, string reason, string message)
    {
        var connection = await scenario.WaitReasonAsync(condition, reason, name);
        ClusterScenario.MessageOf(connection, condition).ShouldContain(message);
        ClusterScenario.Is(connection, ConditionTypes.Ready, ConditionState.False).ShouldBeTrue(name);
        ConditionInvariants.Check(connection, DateTimeOffset.UtcNow);
    }

    private static void PointTo(JsonObject spec, Uri url)
    {
        spec["url"] = url.ToString();
        spec.Remove("tls");
    }

    private static async Task HangAfterAsync(RawServer.Reply reply, string head)
    {
        await reply.SendAsync(head);
        await reply.HangAsync();
    }

    private static async Task ForeverAsync(RawServer.Reply reply, string head)
    {
        await reply.SendAsync(head);
        await reply.RepeatAsync(Encoding.ASCII.GetBytes(new string(' ', 65_536)));
    }

    private sealed record Kind(Func<RawServer.Reply, Task> Answer, string Reason, string Message);
}
