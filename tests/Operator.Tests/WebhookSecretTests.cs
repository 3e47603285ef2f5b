using System.Text;
using System.Text.Json.Nodes;
using BitbucketOperator.BitbucketSimulator.Faults;
using BitbucketOperator.Core.Api.V1Alpha1;

namespace BitbucketOperator.Operator.Tests;

/// <summary>Secrets that the operator makes, and rotation, in a cluster with the operator's own rights.</summary>
public sealed class WebhookSecretTests(ClusterFixture fixture)
{
    private const string Made = "platform-ci";
    private const string OfAPerson = $"of-a-person-{Marked.Mark}";
    private const string Rotated = $"rotated-{Marked.Mark}";

    [Fact]
    public async Task GeneratedSecret_BelongsToTheConnectionAndIsPushed()
    {
        await using var scenario = await StartAsync();
        var connection = await scenario.WaitReadyAsync(6);
        var named = connection.Status!.Webhooks!.Secrets.ShouldHaveSingleItem();
        (named.Webhook, named.Secret).ShouldBe(("ci", Made));

        var secret = JsonNode.Parse(await scenario.KubectlAsync("get", "secret", Made, "-o", "json"))!;
        var labels = secret["metadata"]!["labels"]!;
        ((string?)labels["app.kubernetes.io/managed-by"], (string?)labels["bitbucketoperator.dev/connection"]).ShouldBe(("bitbucket-operator", "platform"));
        var owner = secret["metadata"]!["ownerReferences"]!.AsArray().ShouldHaveSingleItem()!;
        ((string?)owner["kind"], (string?)owner["name"], (string?)owner["uid"]).ShouldBe(("BitbucketConnection", "platform", connection.Metadata.Uid));
        ((bool?)owner["controller"], (bool?)owner["blockOwnerDeletion"] ?? false).ShouldBe((true, false));
        var value = await ValueAsync(scenario);
        value.ShouldMatch("^[A-Za-z0-9_-]{43}$");
        SecretsOnServer(scenario).ShouldBe([.. Enumerable.Repeat(value, 6)]);
        await scenario.EndAsync();
        scenario.Operator.Output.ShouldNotContain(value);
    }

    [Fact]
    public async Task GeneratedSecretDeleted_IsMadeAnewAndPushedWithinSeconds()
    {
        await using var scenario = await StartAsync();
        await scenario.WaitReadyAsync(6);
        var old = await ValueAsync(scenario);

        await scenario.KubectlAsync("delete", "secret", Made);

        await scenario.UntilAsync("another secret on every webhook", () => Task.FromResult(
            SecretsOnServer(scenario) is [var one, ..] all && one != old && all.Distinct(StringComparer.Ordinal).Count() == 1), () => "the old one");
        SecretsOnServer(scenario)[0].ShouldBe(await ValueAsync(scenario));
        await scenario.EndAsync();
    }

    [Fact]
    public async Task SecretOfAPerson_IsUsedAndNeverOverwritten()
    {
        await using var scenario = await StartAsync(before: s => s.SetSecretAsync(Made, "secret", OfAPerson));
        await scenario.WaitReadyAsync(6);
        SecretsOnServer(scenario).ShouldBe([.. Enumerable.Repeat(OfAPerson, 6)]);
        (await ValueAsync(scenario)).ShouldBe(OfAPerson);

        await scenario.SetSecretAsync(Made, "other", OfAPerson);
        var missing = await scenario.WaitReasonAsync("WebhooksReady", "WebhookSecretKeyMissing");

        missing.Status!.Conditions.Find(c => c.Type == "WebhooksReady")!.Message.ShouldContain($"Secret \"{Made}\" has no key secret");
        await scenario.SetSecretAsync(Made, "secret", $"another-{OfAPerson}");
        await scenario.WaitReadyAsync(6);
        await scenario.EndAsync();
    }

    [Fact]
    public async Task GeneratedSecretOfADeletedConnection_IsNotMadeAgain()
    {
        await using var scenario = await StartAsync();
        await scenario.WaitReadyAsync(6);
        var refuse = scenario.Bitbucket.Faults.Add(new Fault { Kind = FaultKind.Status, Status = 500, Method = "DELETE" });
        await scenario.KubectlAsync("delete", "bitbucketconnection", "platform", "--wait=false");
        await scenario.KubectlAsync("delete", "secret", Made, "--ignore-not-found");
        await scenario.WaitReasonAsync("Ready", "CleanupBlocked");
        var passes = scenario.Operator.Passes;
        await scenario.UntilAsync("another try", () => Task.FromResult(scenario.Operator.Passes > passes), () => scenario.Operator.Output);
        (await scenario.KubectlAsync("get", "secret", Made, "--ignore-not-found", "-o", "name")).ShouldBeEmpty();
        scenario.Bitbucket.Faults.Remove(refuse);
        await scenario.UntilAsync("the resource to go", async () => await scenario.ReadAsync() is null, () => "it is still there");
    }

    [Fact]
    public async Task RotationKilledHalfWay_IsFinishedByTheNextProcess()
    {
        await using var scenario = await Scenario.StartAsync(fixture);
        await scenario.ApplyAsync();
        await scenario.WaitReadyAsync(6);

        // The first two writes get through, the others hang until the process is gone.
        var hang = scenario.Bitbucket.Faults.Add(
            new Fault { Kind = FaultKind.Hang, Method = "PUT", Path = "/rest/api/*/projects/*/repos/*/webhooks/*", After = 2 });
        await scenario.SetSecretAsync("ci-hook", "secret", Rotated);
        await scenario.UntilAsync("a part of the rotation", () => Task.FromResult(
            SecretsOnServer(scenario).Count(s => s == Rotated) == 2), () => string.Join(' ', SecretsOnServer(scenario)));
        await scenario.Operator.KillAsync();
        SecretsOnServer(scenario).Distinct(StringComparer.Ordinal).ShouldBe([Scenario.HookSecret, Rotated], ignoreOrder: true);
        scenario.Bitbucket.Faults.Remove(hang);

        await scenario.StartAfterKilledAsync();

        await scenario.UntilAsync("the rest of the rotation", () => Task.FromResult(
            SecretsOnServer(scenario).All(s => s == Rotated)), () => string.Join(' ', SecretsOnServer(scenario)));
        await scenario.WaitReadyAsync(6);
        scenario.Bitbucket.Read(w => w.Webhooks.Count()).ShouldBe(6);
        await scenario.EndAsync();
    }

    private async Task<Scenario> StartAsync(Func<Scenario, Task>? before = null)
    {
        var scenario = await Scenario.StartAsync(fixture);
        await (before?.Invoke(scenario) ?? Task.CompletedTask);
        await scenario.ApplyAsync(spec =>
        {
            var webhook = spec["webhooks"]![0]!.AsObject();
            webhook.Remove("secretRef");
            webhook["generateSecret"] = true;
        });
        return scenario;
    }

    private static string?[] SecretsOnServer(Scenario scenario) => scenario.Bitbucket.Read(w => w.Webhooks.Select(h => h.Secret).ToArray());

    private static async Task<string> ValueAsync(Scenario scenario) =>
        Encoding.UTF8.GetString(Convert.FromBase64String(await scenario.KubectlAsync("get", "secret", Made, "-o", "jsonpath={.data.secret}")));
}
