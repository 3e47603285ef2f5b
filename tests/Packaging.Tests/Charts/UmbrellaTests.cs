using System.Text.Json.Nodes;

namespace BitbucketOperator.Packaging.Tests.Charts;

/// <summary>The chart as a dependency of another.</summary>
public sealed class UmbrellaTests : IDisposable
{
    private readonly DirectoryInfo _temporary = Directory.CreateTempSubdirectory("umbrella");

    public UmbrellaTests()
    {
        Chart.CopyTo(Path.Combine(Folder, "charts", "bitbucket-operator"));
        File.WriteAllText(
            Path.Combine(Folder, "Chart.yaml"),
            """
            apiVersion: v2
            name: platform
            version: 1.0.0
            dependencies:
            - name: bitbucket-operator
              version: ">=0.0.0-0"
              condition: bitbucket-operator.enabled
            """);
        File.WriteAllText(Path.Combine(Folder, "values.yaml"), "global: { storageClass: fast }\n");
    }

    private string Folder => Path.Combine(_temporary.FullName, "platform");

    public void Dispose() => _temporary.Delete(recursive: true);

    [Fact]
    public async Task ConditionIsFalse_NothingIsRendered() =>
        Chart.Objects(await RenderAsync("bitbucket-operator.enabled=false")).ShouldBeEmpty();

    [Fact]
    public async Task ConditionIsNotSet_EverythingIsRendered()
    {
        var own = (await Chart.ObjectsAsync("default")).Select(o => $"{o.Kind()} {o.Name()}");
        Chart.Objects(await RenderAsync("bitbucket-operator.fullnameOverride=bitbucket-operator"))
            .Select(o => $"{o.Kind()} {o.Name()}").ShouldBe(own, ignoreOrder: true);
    }

    [Fact]
    public async Task GlobalValues_ReachEveryPod()
    {
        const string Own = "bitbucket-operator.image.registry=own.example.com,bitbucket-operator.imagePullSecrets[0].name=own";
        const string Shared = "global.imageRegistry=mirror.example.com:5000,global.imagePullSecrets[0]=shared,global.imagePullSecrets[1].name=own";
        var objects = Chart.Objects(await RenderAsync($"{Own},{Shared}"));
        var pods = objects.Select(o => o.PodSpec()).OfType<JsonObject>().ToList();
        pods.Count.ShouldBe(3);
        foreach (var pod in pods)
        {
            pod["containers"]![0]!["image"]!.GetValue<string>().ShouldStartWith("mirror.example.com:5000/bitbucket-operator/bitbucket-operator:");
            pod["imagePullSecrets"]!.AsArray().Select(s => s!["name"]!.GetValue<string>()).ShouldBe(["shared", "own"]);
        }
    }

    [Fact]
    public async Task Umbrella_PassesLint()
    {
        var lint = await Chart.HelmAsync("lint", "--with-subcharts", Folder);
        lint.ExitCode.ShouldBe(0, lint.Output + lint.Error);
    }

    [Fact]
    public async Task NotEnabled_NothingIsRenderedOfTheChartAlone()
    {
        (await Chart.TemplateAsync("--values", Chart.ValuesOf("everything"), "--set", "enabled=false")).EnsureSuccess().Output.Trim().ShouldBeEmpty();
        var notes = (await Chart.HelmAsync("install", Chart.Release, Chart.Folder, "--dry-run=client", "--set", "enabled=false")).EnsureSuccess().Output;
        notes.ShouldNotContain("helm test");
    }

    private async Task<string> RenderAsync(string set) =>
        (await Chart.HelmAsync("template", "platform", Folder, "--namespace", Chart.Namespace, "--set", set)).EnsureSuccess().Output;
}
