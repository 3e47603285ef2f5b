using BitbucketOperator.Testing.Cluster;
using System.Text.Json.Nodes;
using BitbucketOperator.Testing;

namespace BitbucketOperator.Operator.Tests.Api;

public sealed class DefinitionTests(ClusterFixture fixture)
{
    [Fact]
    public async Task EveryField_HasADescription()
    {
        var crd = JsonNode.Parse(await fixture.KubectlAsync("get", "crd", "bitbucketconnections.bitbucketoperator.dev", "-o", "json"))!;
        var schema = crd["spec"]!["versions"]![0]!["schema"]!["openAPIV3Schema"]!;
        Undescribed(schema["properties"]!["spec"]!, "spec").Concat(Undescribed(schema["properties"]!["status"]!, "status")).ShouldBeEmpty();
    }

    [Fact]
    public async Task FieldsInsideListItems_HaveNoDefault()
    {
        var crd = JsonNode.Parse(await fixture.KubectlAsync("get", "crd", "bitbucketconnections.bitbucketoperator.dev", "-o", "json"))!;
        var webhooks = crd["spec"]!["versions"]![0]!["schema"]!["openAPIV3Schema"]!["properties"]!["spec"]!["properties"]!["webhooks"]!["items"]!;
        webhooks.ToJsonString().ShouldNotContain("\"default\"", customMessage: "Argo CD would show them as a difference for ever");
        webhooks["properties"]!["level"]!["description"]!.GetValue<string>().ShouldEndWith("Default: Auto.");
    }

    [Fact]
    public async Task TheBinary_PrintsTheSameDefinitions()
    {
        using var process = System.Diagnostics.Process.Start(
            new System.Diagnostics.ProcessStartInfo(OperatorProcess.Binary, "crd") { UseShellExecute = false, RedirectStandardOutput = true })!;
        var printed = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        process.ExitCode.ShouldBe(0);
        var files = new[] { "bitbucketconnections.yaml", "bitbucketinventories.yaml" }.Select(f => File.ReadAllText(SourceTree.PathOf("config", "crd", f)));
        printed.ShouldBe(string.Concat(files));
    }

    private static IEnumerable<string> Undescribed(JsonNode schema, string path)
    {
        if (string.IsNullOrWhiteSpace(schema["description"]?.GetValue<string>()))
        {
            yield return path;
        }

        var children = (schema["properties"] ?? schema["items"]?["properties"])?.AsObject();
        foreach (var (name, child) in children ?? [])
        {
            foreach (var missing in Undescribed(child!, $"{path}.{name}"))
            {
                yield return missing;
            }
        }
    }
}
