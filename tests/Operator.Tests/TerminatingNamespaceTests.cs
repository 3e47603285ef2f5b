using System.Text.Json.Nodes;
using BitbucketOperator.Core.Api;
using BitbucketOperator.Testing;

namespace BitbucketOperator.Operator.Tests;

public sealed class TerminatingNamespaceTests(ClusterFixture fixture)
{
    [Fact]
    public async Task ConnectionWhoseSecretWentFirst_AsksNobodyToCreateIt_AndEventsThatCannotBeWrittenAreNoWarning()
    {
        await using var scenario = await Scenario.StartAsync(fixture);
        await scenario.ApplyAsync();
        await scenario.WaitReadyAsync(6);
        (await scenario.Operator.StopAsync()).ShouldBe(0, "a credential that worked is used once more while it is in memory");
        await scenario.KubectlAsync("delete", "namespace", scenario.Namespace, "--wait=false");
        await scenario.UntilAsync(
            "a namespace that is being deleted",
            async () => JsonNode.Parse((await fixture.ReadAsync($"api/v1/namespaces/{scenario.Namespace}"))!)!["metadata"]!["deletionTimestamp"] is not null,
            () => "not yet");
        await scenario.KubectlAsync("delete", "secret", scenario.CredentialSecret, "--ignore-not-found");
        await scenario.KubectlAsync("delete", "bitbucketconnection", "platform", "--wait=false", "--ignore-not-found");
        scenario.StartOperator();

        var blocked = await scenario.WaitReasonAsync(ConditionTypes.Ready, "CleanupBlocked");
        var message = ClusterScenario.MessageOf(blocked, ConditionTypes.Ready);

        // The Secret, or what else the namespace lost first.
        message.ShouldContain(" not found");
        message.ShouldNotContain("create", Case.Insensitive);
        await scenario.AnnotateAsync($"{Annotations.AbandonWebhooks}=true");
        await scenario.KubectlAsync("wait", "--for=delete", "bitbucketconnection/platform", "--timeout=180s");
        scenario.Operator.Output.ShouldNotContain("EventFailed");
        scenario.Operator.Output.ShouldNotContain("was not written:");
    }
}
