using BitbucketOperator.Testing.Cluster;
using BitbucketOperator.Core.Api;
using BitbucketOperator.Testing;

namespace BitbucketOperator.Operator.Tests;

/// <summary>Which Secrets the operator uses, and which it can make.</summary>
public sealed class SecretRightsTests(ClusterFixture fixture)
{
    private const string Label = "bitbucketoperator.dev/credential=true";

    [Fact]
    public async Task SecretOfAnotherPurpose_IsNotUsed_UntilAnotherTakesItsPlace()
    {
        await using var scenario = await Scenario.StartAsync(fixture);

        // The value is right, so that nothing but the type keeps it from being sent.
        await scenario.KubectlAsync("create", "secret", "generic", "release", "--type=helm.sh/release.v1", $"--from-literal=token={Scenario.Token}");
        await scenario.ApplyAsync(spec => spec["auth"]!["secretRef"]!["name"] = "release");
        var refused = await scenario.WaitReasonAsync(ConditionTypes.CredentialValid, "SecretNotAllowed");
        refused.Status!.Conditions.Find(c => c.Type == ConditionTypes.CredentialValid)!.Message
            .ShouldStartWith("spec.auth.secretRef: Secret \"release\" has type helm.sh/release.v1. ");

        await scenario.KubectlAsync("delete", "secret", "release");
        await scenario.SetSecretAsync("release", "token", Scenario.Token);
        await scenario.WaitReadyAsync(6);
    }

    [Fact]
    public async Task WhereTheLabelIsAskedFor_SecretsAreUsedOnceTheyHaveIt()
    {
        await using var scenario = await Scenario.StartAsync(fixture, withOperator: false);
        scenario.StartOperator("--require-secret-label");
        await scenario.ApplyAsync();
        var refused = await scenario.WaitReasonAsync(ConditionTypes.CredentialValid, "SecretNotAllowed");
        refused.Status!.Conditions.Find(c => c.Type == ConditionTypes.CredentialValid)!.Message.ShouldEndWith(
            $"run kubectl label secret bitbucket-token --namespace {scenario.Namespace} {Label}");

        await scenario.KubectlAsync("label", "secret", "bitbucket-token", Label);
        await scenario.WaitReasonAsync(ConditionTypes.WebhooksReady, "WebhookSecretInvalid");
        scenario.Bitbucket.Counters.WebhookWriteAttempts.ShouldBe(0);
        await scenario.KubectlAsync("label", "secret", "ci-hook", Label);
        await scenario.WaitReadyAsync(6);
    }

    [Fact]
    public async Task WhereTheLabelIsAskedFor_GeneratedSecretsHaveIt()
    {
        await using var scenario = await Scenario.StartAsync(fixture, withOperator: false);
        await scenario.KubectlAsync("label", "secret", "bitbucket-token", Label);
        scenario.StartOperator("--require-secret-label");
        await scenario.ApplyAsync(Generated);
        await scenario.WaitReadyAsync(6);
    }

    [Fact]
    public async Task WithoutTheRightToMakeSecrets_TheMessageNamesTheValueOfTheChart()
    {
        await using var scenario = await Scenario.StartAsync(fixture, withOperator: false);
        var kubeconfig = await fixture.KubeconfigWithoutAsync("secrets", "create");
        await using var restricted = OperatorProcess.Start(kubeconfig, scenario.Namespace, environment: null);
        await scenario.ApplyAsync(Generated);
        var refused = await scenario.WaitReasonAsync(ConditionTypes.WebhooksReady, "WebhookSecretNotFound");
        var message = refused.Status!.Conditions.Find(c => c.Type == ConditionTypes.WebhooksReady)!.Message;
        message.ShouldContain("generateSecret.enabled=true");
        message.ShouldContain("create the Secret with key secret");

        await scenario.SetSecretAsync("platform-ci", "secret", Scenario.HookSecret);
        await scenario.WaitReadyAsync(6);
    }

    [Fact]
    public async Task Policy_LetsNoOtherSecretBeMade()
    {
        Assert.SkipUnless(await fixture.HasPoliciesAsync(), "the development API server heeds no admission policies");
        var ns = await fixture.NewNamespaceAsync();
        var manifest = $"""
            apiVersion: v1
            kind: Secret
            type: kubernetes.io/service-account-token
            metadata:
              name: stolen
              namespace: {ns}
              annotations:
                kubernetes.io/service-account.name: default
            """;
        await Eventually.IsTrueAsync("the policy to refuse a ServiceAccount's token", async () =>
        {
            var result = await fixture.Cluster.KubectlAsync(
                ["create", "--dry-run=server", "-f", "-", "--as=system:serviceaccount:bitbucket-operator-system:bitbucket-operator"], manifest);
            return result.Error.Contains("the operator creates Secrets of type Opaque only", StringComparison.Ordinal);
        });
    }

    private static void Generated(System.Text.Json.Nodes.JsonObject spec)
    {
        var webhook = spec["webhooks"]![0]!.AsObject();
        webhook.Remove("secretRef");
        webhook["generateSecret"] = true;
    }
}
