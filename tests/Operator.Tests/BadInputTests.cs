using System.Text.Json.Nodes;
using BitbucketOperator.BitbucketSimulator.Faults;
using BitbucketOperator.BitbucketSimulator.State;
using BitbucketOperator.Core.Api;
using BitbucketOperator.Core.Api.V1Alpha1;
using BitbucketOperator.Testing;

namespace BitbucketOperator.Operator.Tests;

/// <summary>Each mistake has its own reason and a message that names the field and the cure; none of them touches a webhook.</summary>
public sealed class BadInputTests(ClusterFixture fixture)
{
    public static TheoryData<string> Mistakes => [.. All.Keys.Order(StringComparer.Ordinal)];

    private static readonly Dictionary<string, Mistake> All = new(StringComparer.Ordinal)
    {
        ["secret missing"] = new(ConditionTypes.CredentialValid, "SecretNotFound", "spec.auth.secretRef: Secret \"absent\" not found",
            Spec: s => s["auth"]!["secretRef"]!["name"] = "absent"),
        ["secret key missing"] = new(ConditionTypes.CredentialValid, "SecretKeyMissing", "has no key other. Add it",
            Spec: s => s["auth"]!["secretRef"]!["keys"] = new JsonObject { ["token"] = "other" }),
        ["token empty"] = new(ConditionTypes.CredentialValid, "SecretValueEmpty", "key token of Secret \"bitbucket-token\" is empty", Token: ""),
        ["token ends with newline"] = new(ConditionTypes.CredentialValid, "SecretValueMalformed", "ends with a line break", Token: Scenario.Token + "\n"),
        ["wrong address"] = new(ConditionTypes.Reachable, "ServerUnreachable", "spec.url", Spec: s => s["url"] = "https://127.0.0.1:1/bitbucket"),
        ["loopback that nobody listed"] = new(
            ConditionTypes.Reachable, "AddressNotAllowed", "127.0.0.2", Spec: s => s["url"] = "https://127.0.0.2:7990/bitbucket"),
        ["metadata service"] = new(ConditionTypes.Reachable, "AddressNotAllowed", "--allowed-hosts", Spec: s => s["url"] = "https://169.254.169.254/latest"),
        ["proxy that is not there"] = new(
            ConditionTypes.Reachable, "ProxyFailed", "spec.proxy.url", Spec: s => s["proxy"] = new JsonObject { ["url"] = "http://127.0.0.1:1" }),
        ["proxy login missing"] = new(ConditionTypes.Reachable, "ProxySecretInvalid", "spec.proxy.secretRef: Secret \"absent\" not found",
            Spec: s => s["proxy"] = new JsonObject { ["url"] = "http://127.0.0.1:1", ["secretRef"] = new JsonObject { ["name"] = "absent" } }),
        ["webhook login missing"] = new(ConditionTypes.CredentialValid, "SecretNotFound", "spec.webhookAuth.secretRef: Secret \"absent\" not found",
            Spec: s => s["webhookAuth"] = new JsonObject { ["type"] = "HTTPAccessToken", ["secretRef"] = new JsonObject { ["name"] = "absent" } }),
        ["wrong context path"] = new(ConditionTypes.Reachable, "NotBitbucket", "Is a context path such as /bitbucket missing?",
            Spec: s => s["url"] = s["url"]!.GetValue<string>().Replace("/bitbucket", "/elsewhere", StringComparison.Ordinal)),
        ["another product"] = new(
            ConditionTypes.Reachable, "NotBitbucket", "spec.url", Fault: new Fault { Kind = FaultKind.Html, Path = "/rest/api/*/application-properties" }),
        ["too old"] = new(
            ConditionTypes.Reachable, "VersionNotSupported", "Upgrade it to 7.14 or later", World: w => w.Version = ServerVersion.Parse("7.13.4")),
        ["unknown authority"] = new(ConditionTypes.Reachable, "TlsUntrusted", "spec.tls.caBundleRef", Spec: s => s.Remove("tls")),
        ["bundle missing"] = new(ConditionTypes.Reachable, "CaBundleNotFound", "spec.tls.caBundleRef: ConfigMap \"absent\" not found",
            Spec: s => s["tls"]!["caBundleRef"]!["name"] = "absent"),
        ["expired token and public access"] = new(ConditionTypes.CredentialValid, "AnonymousFallback", "expired or revoked", World: w =>
        {
            w.PublicAccess = true;
            w.TokenNamed("operator").Revoked = true;
        }),
        ["html instead of json"] = new(
            ConditionTypes.Reachable, "UnexpectedAnswer", "web page", Fault: new Fault { Kind = FaultKind.Html, Path = "/rest/api/*/repos" }),
        ["unknown event"] = new(
            ConditionTypes.WebhooksReady, "UnknownEvent", "spec.webhooks[].events", Spec: s => s["webhooks"]![0]!["events"] = new JsonArray("repo:exploded")),
        ["pattern matches nothing"] = new(
            ConditionTypes.RepositoriesDiscovered, "PatternMatchesNothing", "1 pattern of spec.discovery.include without a match: NOPE/*",
            Spec: s => s["discovery"] = new JsonObject { ["include"] = new JsonArray("NOPE/*") }),
        ["webhook on http"] = new(ConditionTypes.WebhooksReady, "WebhookUrlInsecure", "spec.webhooks[ci].url is http", Spec: s =>
            s["webhooks"]![0]!["url"] = "http://ci.example.com/hooks"),
        ["webhook secret missing"] = new(ConditionTypes.WebhooksReady, "WebhookSecretNotFound", "spec.webhooks[ci].secretRef: Secret \"absent\" not found",
            Spec: s => s["webhooks"]![0]!["secretRef"]!["name"] = "absent"),
        ["project missing"] = new(ConditionTypes.RepositoriesDiscovered, "ProjectNotFound", "NOPE", Spec: s =>
            s["discovery"] = new JsonObject { ["projects"] = new JsonArray("PLAT", "NOPE") }),
    };

    [Theory]
    [MemberData(nameof(Mistakes))]
    public async Task Mistake_IsNamedAndHarmsNothing(string mistake)
    {
        var bad = All[mistake];
        await using var scenario = await Scenario.StartAsync(fixture);
        await scenario.ApplyAsync();
        await scenario.WaitReadyAsync(6);
        var before = Fingerprint(scenario);
        scenario.Bitbucket.Change(w => bad.World?.Invoke(w));
        if (bad.Fault is not null)
        {
            scenario.Bitbucket.Faults.Add(bad.Fault);
        }

        if (bad.Token is not null)
        {
            await scenario.SetSecretAsync("bitbucket-token", "token", bad.Token);
        }

        await scenario.ApplyAsync(bad.Spec);
        await scenario.KubectlAsync("annotate", "bitbucketconnection", "platform", "--overwrite", "bitbucketoperator.dev/requestedAt=now");
        var connection = await scenario.WaitReasonAsync(bad.Condition, bad.Reason);
        connection.Status!.Conditions.Find(c => c.Type == bad.Condition)!.Message.ShouldContain(bad.Message);
        Scenario.Is(connection, ConditionTypes.Ready, ConditionTypes.Ready == bad.Condition
            ? Core.Api.V1Alpha1.ConditionState.Unknown
            : Core.Api.V1Alpha1.ConditionState.False).ShouldBeTrue();
        ConditionInvariants.Check(connection, DateTimeOffset.UtcNow);
        Fingerprint(scenario).ShouldBe(before, "a mistake must not change a webhook");
        scenario.Operator.Output.ShouldNotContain(Scenario.Token);
    }

    private static string Fingerprint(Scenario scenario) =>
        scenario.Bitbucket.Read(w => string.Join('\n', w.Webhooks.Select(h => $"{h.Id} {h.Url} {h.Active} {string.Join(' ', h.Events.Order())}").Order()));

    private sealed record Mistake(
        string Condition, string Reason, string Message, Action<JsonObject>? Spec = null,
        Action<World>? World = null, Fault? Fault = null, string? Token = null);
}
