using System.Text.Json.Nodes;
using BitbucketOperator.BitbucketSimulator.Faults;
using BitbucketOperator.Core.Api;
using BitbucketOperator.Core.Api.V1Alpha1;

namespace BitbucketOperator.Operator.Tests;

/// <summary>
/// What goes furthest with secrets: a server and a proxy that repeat them wherever they can. What the operator wrote is searched when the
/// scenario ends, as in every other test.
/// </summary>
public sealed class SecretScanTests(ClusterFixture fixture)
{
    private const string Login = $"proxy-{Marked.Mark}";

    [Fact]
    public async Task ServerThatRepeatsEveryCredential_IsToldOfWithoutThem()
    {
        await using var scenario = await Scenario.StartAsync(fixture);
        await scenario.CreateBasicAuthSecretAsync("login", "bot", Scenario.Password);
        scenario.Bitbucket.Faults.Add(new Fault { Kind = FaultKind.Echo });
        await scenario.ApplyAsync();
        await scenario.ApplyAsync(
            spec => spec["auth"] = new JsonObject { ["type"] = "Basic", ["secretRef"] = new JsonObject { ["name"] = "login" } }, "second");

        await scenario.WaitAsync("repositories that are left out for their names", c => c.Status?.Repositories?.Skipped?.Invalid > 0);
        await scenario.WaitAsync("the same of the other", c => c.Status?.Repositories?.Skipped?.Invalid > 0, "second");
        await scenario.FullPassAsync();
    }

    [Theory]
    [InlineData("Basic realm=")]
    [InlineData("Bearer ")]
    public async Task RefusalThatQuotesUrlAndSecret_IsToldWithoutThem(string before)
    {
        await using var scenario = await Scenario.StartAsync(fixture);
        string[] secrets =
        [
            ClusterScenario.HookUrl, ClusterScenario.HookSecret, Scenario.Token, Base64($"bot:{Scenario.Token}"), Uri.EscapeDataString(Scenario.Token),
        ];
        var said = $"{before}{string.Join(' ', secrets)}";
        var error = new JsonObject { ["message"] = said, ["exceptionName"] = said };
        scenario.Bitbucket.Faults.Add(new Fault
        {
            Kind = FaultKind.Status, Status = 409, Method = "POST", ContentType = "application/json",
            Body = new JsonObject { ["errors"] = new JsonArray(error) }.ToJsonString(),
        });
        await scenario.ApplyAsync();

        var failed = await scenario.WaitAsync("failures", c => c.Status?.Webhooks?.Failed == 6);

        failed.Status!.Failures!.ShouldHaveSingleItem().Message.ShouldContain("***");
    }

    [Fact]
    public async Task ProxyThatRefusesTheLogin_IsToldOfWithoutIt()
    {
        await using var scenario = await Scenario.StartAsync(fixture);
        var answer = $"HTTP/1.1 407 {Base64($"bot:{Login}")}\r\nProxy-Authenticate: Basic realm=\"{Login}\"\r\nContent-Length: 0\r\n\r\n";
        using var proxy = new RawServer(reply => reply.SendAsync(answer));
        await scenario.CreateBasicAuthSecretAsync("proxy", "bot", Login);
        await scenario.ApplyAsync(
            spec => spec["proxy"] = new JsonObject { ["url"] = proxy.Url.ToString(), ["secretRef"] = new JsonObject { ["name"] = "proxy" } });

        var refused = await scenario.WaitReasonAsync(ConditionTypes.Reachable, "ProxyAuthenticationRequired");

        ClusterScenario.Is(refused, ConditionTypes.Ready, ConditionState.False).ShouldBeTrue();
        proxy.Seen.ShouldContain(head => head.Contains(Base64($"bot:{Login}"), StringComparison.Ordinal), "the login went to the proxy");
    }

    private static string Base64(string text) => Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(text));
}
