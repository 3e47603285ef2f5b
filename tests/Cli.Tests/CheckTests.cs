using BitbucketOperator.Testing.Cluster;
using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using BitbucketOperator.BitbucketSimulator.Faults;
using BitbucketOperator.Operator.Tests;
using BitbucketOperator.Testing;
using YamlDotNet.RepresentationModel;

namespace BitbucketOperator.Cli.Tests;

/// <summary><c>check</c> against a played Bitbucket, without a cluster.</summary>
public sealed partial class CheckTests
{
    [Fact]
    public async Task HealthyConnection_IsToldInATableAndNothingIsWritten()
    {
        await using var world = await CheckWorld.StartAsync();
        var said = await world.CheckAsync();
        said.Code.ShouldBe(0, said.All);
        Golden.Check(world.WithoutPlaces(said.Output), "Outputs", "healthy.txt");
        said.Error.ShouldBeEmpty();
        world.Bitbucket.Counters.WebhookWriteAttempts.ShouldBe(0);
    }

    [Fact]
    public async Task DegradedConnection_IsHealthyWithWarningsThatStrictDoesNotLetPass()
    {
        await using var world = await CheckWorld.StartAsync(readsLegacy: true);
        var said = await world.CheckAsync();
        said.Code.ShouldBe(0, said.All);
        Golden.Check(world.WithoutPlaces(said.Output), "Outputs", "degraded.txt");
        (await world.CheckAsync("--strict")).Code.ShouldBe(1);
    }

    [Fact]
    public async Task RightOnProjects_IsCountedInProjects()
    {
        await using var world = await CheckWorld.StartAsync();
        world.Write(more: "    level: Project");
        var said = await world.CheckAsync();
        said.Code.ShouldBe(0, said.All);
        said.Output.ShouldMatch("ManageProjectWebhooks +Granted +PROJECT_ADMIN +on 1 of 1 projects");
    }

    [Fact]
    public async Task TwoConnectionsWithOneUrl_TheSecondConflictsAsInACluster()
    {
        await using var world = await CheckWorld.StartAsync();
        var manifest = await File.ReadAllTextAsync(world.Manifests, TestContext.Current.CancellationToken);
        var second = manifest.Split("---")[0]
            .Replace("name: platform,", "name: second,", StringComparison.Ordinal)
            .Replace("https://ci.example.com/hooks", "HTTPS://CI.example.com:443/hooks", StringComparison.Ordinal);
        await File.WriteAllTextAsync(world.Manifests, $"{manifest}\n---\n{second}", TestContext.Current.CancellationToken);
        var said = await world.CheckAsync();
        said.Code.ShouldBe(1, said.All);
        said.Output.ShouldContain("already managed by BitbucketConnection ci/platform");
        said.Output.ShouldNotContain("already managed by BitbucketConnection ci/second");
        world.Bitbucket.Counters.WebhookWriteAttempts.ShouldBe(0);
    }

    [Fact]
    public async Task PlannedChanges_AreNoWarning()
    {
        await using var world = await CheckWorld.StartAsync();
        (await world.CheckAsync("--strict")).Code.ShouldBe(0);
    }

    [Fact]
    public async Task RefusedToken_IsNotHealthyAndSaysWhatToDo()
    {
        await using var world = await CheckWorld.StartAsync();
        world.Write(token: $"token-of-nobody-{Marked.Mark}");
        var said = await world.CheckAsync();
        said.Code.ShouldBe(1);
        Golden.Check(world.WithoutPlaces(said.Output), "Outputs", "refused.txt");
    }

    [Fact]
    public async Task CredentialRefusedForWebhooksAlone_IsNotHealthyAndNotTakenForALimit()
    {
        await using var world = await CheckWorld.StartAsync();
        world.Bitbucket.Faults.Add(new Fault
        {
            Kind = FaultKind.Status, Status = 401, ContentType = "application/json", Path = "/**/repos/*/webhooks",
            Body = """{"errors":[{"message":"You are not licensed.","exceptionName":"com.atlassian.bitbucket.auth.NoAccessAuthenticationException"}]}""",
        });
        var said = await world.CheckAsync();
        said.Code.ShouldBe(1, said.All);
        said.Output.ShouldContain("WebhookCredentialRejected");
        said.Output.ShouldContain("Give the account a license");
        said.All.ShouldNotContain("rate limit");
    }

    [Fact]
    public async Task MoreRepositoriesThanAllowed_IsNotHealthyAndNamesTheFlag()
    {
        await using var world = await CheckWorld.StartAsync();
        var said = await world.CheckAsync("--max-repositories", "1");
        said.Code.ShouldBe(1, said.All);
        said.Output.ShouldContain("TooManyRepositories");
        said.Output.ShouldContain("More than 1 repositories listed");
        said.Output.ShouldContain("--max-repositories");
    }

    [Fact]
    public async Task YamlAndJson_AreTheSameStatus()
    {
        await using var world = await CheckWorld.StartAsync(readsLegacy: true);
        var yaml = await world.CheckAsync("-o", "yaml");
        var json = await world.CheckAsync("-o", "json");
        json.Output.ShouldNotContain("ownerId", customMessage: "without --cluster-name nobody knows it");
        (await world.CheckAsync("-o", "json", "--cluster-name", "east")).Output.ShouldContain("ownerId");
        (yaml.Code, json.Code).ShouldBe((0, 0));
        Golden.Check(ListedBy().Replace(world.WithoutPlaces(yaml.Output), "listedBy: HASH"), "Outputs", "degraded.yaml");
        var stream = new YamlStream();
        stream.Load(new StringReader(world.WithoutPlaces(yaml.Output)));
        SameAs(stream.Documents.Single().RootNode, JsonNode.Parse(world.WithoutPlaces(json.Output))!);
    }

    [Fact]
    public async Task SeveralConnections_AreSeveralDocumentsOrAList()
    {
        await using var world = await CheckWorld.StartAsync();
        var text = await File.ReadAllTextAsync(world.Manifests);
        await File.WriteAllTextAsync(world.Manifests, text + "---\n" + text.Split("---")[0]
            .Replace("name: platform", "name: second", StringComparison.Ordinal).Replace("hooks/bitbucket", "hooks/second", StringComparison.Ordinal));
        var yaml = new YamlStream();
        yaml.Load(new StringReader((await world.CheckAsync("-o", "yaml")).Output));
        yaml.Documents.Count.ShouldBe(2);
        JsonNode.Parse((await world.CheckAsync("-o", "json")).Output)!["items"]!.AsArray()
            .Select(i => i!["metadata"]!["name"]!.GetValue<string>()).ShouldBe(["platform", "second"]);
    }

    [Fact]
    public async Task GeneratedSecret_NeedsNoClusterAndIsTold()
    {
        await using var world = await CheckWorld.StartAsync();
        world.Write(more: "  - { name: made, url: https://ci.example.com/made, generateSecret: true }");
        var said = await world.CheckAsync();
        said.Code.ShouldBe(0, said.All);
        said.Output.Split("Secret ci/platform-made would be generated for webhook made").Length.ShouldBe(2, "it is told once");
        said.All.ShouldNotContain("rate limit");
        said.Output.ShouldNotContain("Progressing");
    }

    [Fact]
    public async Task Credential_ComesFromTheEnvironmentOrAFile()
    {
        await using var world = await CheckWorld.StartAsync();
        world.Write(token: null);
        var without = await world.CheckAsync();
        without.Code.ShouldBe(2);
        without.Error.ShouldContain("platform.yaml:6:47: error: spec.auth.secretRef: Secret ci/bitbucket-token is not among the files");
        without.Output.ShouldBeEmpty();

        var variable = new Dictionary<string, string?>(StringComparer.Ordinal) { ["CHECK_TOKEN"] = CheckWorld.Token };
        (await Shell.RunAsync(OperatorProcess.Binary, ["check", "-f", world.Manifests, "--allowed-hosts", "127.0.0.1", "--token-env", "CHECK_TOKEN"],
            environment: variable)).Code.ShouldBe(0);

        var file = Path.Combine(world.Folder, "token.env");
        await File.WriteAllTextAsync(file, $"# the bot's\ntoken={CheckWorld.Token}\n");
        (await world.CheckAsync("--secret-file", $"bitbucket-token={file}")).Code.ShouldBe(0);
    }

    // The expected values are those of kubectl create secret generic --from-env-file.
    [Fact]
    public async Task SecretFile_IsReadAsKubectlReadsIt()
    {
        await using var world = await CheckWorld.StartAsync();
        world.Write(token: null);
        var file = Path.Combine(world.Folder, "token.env");
        await File.WriteAllTextAsync(file, $"\ufeff# from an editor on Windows\r\n\r\n  token={CheckWorld.Token}\r\nother.key=a=b\r\n");
        (await world.CheckAsync("--secret-file", $"bitbucket-token={file}")).Code.ShouldBe(0);

        await File.WriteAllTextAsync(file, "token\n");
        var variable = new Dictionary<string, string?>(StringComparer.Ordinal) { ["token"] = CheckWorld.Token };
        (await Shell.RunAsync(
            OperatorProcess.Binary,
            ["check", "-f", world.Manifests, "--allowed-hosts", "127.0.0.1", "--secret-file", $"bitbucket-token={file}"],
            environment: variable)).Code.ShouldBe(0);

        await RefusesAsync([.. "token="u8, 0xe9, (byte)'\n'], ":1:1: error: not UTF-8: save the file as UTF-8");
        await RefusesAsync("token=a\ntoken=b\n"u8.ToArray(), ":2:1: error: the key token is there twice");
        await RefusesAsync("# x\nto ken=a\n"u8.ToArray(), ":2:1: error: not of the form key=value");

        async Task RefusesAsync(byte[] content, string error)
        {
            await File.WriteAllBytesAsync(file, content);
            var said = await world.CheckAsync("--secret-file", $"bitbucket-token={file}");
            said.Code.ShouldBe(2, said.All);
            said.Error.ShouldContain($"{file}{error}");
        }
    }

    [Fact]
    public async Task StandardInput_IsReadAsAFile()
    {
        await using var world = await CheckWorld.StartAsync();
        var said = await Shell.RunAsync(
            OperatorProcess.Binary, ["check", "-f", "-", "--allowed-hosts", "127.0.0.1"], input: await File.ReadAllTextAsync(world.Manifests));
        said.Code.ShouldBe(0, said.All);
        said.Output.ShouldStartWith("ci/platform (stdin:1): healthy");
    }

    [Theory]
    [InlineData("check")]
    [InlineData("check", "-f", "x.yaml", "--nonsense")]
    [InlineData("check", "-f", "x.yaml", "-o", "xml")]
    [InlineData("check", "-f", "x.yaml", "--token-env", "NOT_SET_ANYWHERE")]
    [InlineData("check", "-f", "x.yaml", "--secret-file", "no-form")]
    [InlineData("check", "-f", "/nowhere/x.yaml")]
    public async Task BadInput_IsCode2WithoutStackTrace(params string[] arguments)
    {
        var said = await Shell.RunAsync(arguments);
        said.Code.ShouldBe(2, said.All);
        said.Error.ShouldNotBeEmpty();
        said.All.ShouldNotContain("   at ");
    }

    [Theory]
    [InlineData("table")]
    [InlineData("yaml")]
    [InlineData("json")]
    public async Task Secrets_AreInNoOutput(string output)
    {
        // They are looked for in all that a program says: see Shell.
        await using var world = await CheckWorld.StartAsync(readsLegacy: true);
        foreach (var flags in new string[][] { ["-v"], ["--strict"], ["--offline"] })
        {
            var said = await world.CheckAsync(["-o", output, .. flags]);
            said.All.ShouldNotBeEmpty();
        }

        (await world.CheckAsync("-v")).Error.ShouldContain("/rest/api/");
    }

    [Fact]
    public async Task Interrupt_EndsAtOnceWith130()
    {
        await using var world = await CheckWorld.StartAsync();
        world.Bitbucket.Faults.Add(new Fault { Kind = FaultKind.Hang, Path = "/**" });

        // A shell that starts the tests in the background has the signal ignored by all below it.
        var said = await Shell.RunAsync(
            "env", ["--default-signal=INT", OperatorProcess.Binary, "check", "-f", world.Manifests, "--allowed-hosts", "127.0.0.1"], meanwhile: async process =>
        {
            // A request that hangs is counted among those under way only.
            await Eventually.IsTrueAsync("a request", () => world.Bitbucket.Counters.MaxInFlight > 0 || process.HasExited);

            using var kill = System.Diagnostics.Process.Start("kill", ["-INT", process.Id.ToString(CultureInfo.InvariantCulture)]);
            await kill.WaitForExitAsync();
        });
        said.Code.ShouldBe(130);
        said.All.ShouldBeEmpty();
    }

    [Fact]
    public async Task BrokenPipe_EndsQuietly()
    {
        await using var world = await CheckWorld.StartAsync();
        var said = await Shell.RunAsync(
            "bash", ["-c", "\"$0\" check -f \"$1\" --allowed-hosts 127.0.0.1 -o yaml | head -1", OperatorProcess.Binary, world.Manifests]);
        said.ShouldBe(new Said(0, "apiVersion: bitbucketoperator.dev/v1alpha1\n", ""));
    }

    [Fact]
    public async Task Colours_AreForTerminalsThatWantThem()
    {
        await using var world = await CheckWorld.StartAsync();
        var command = $"{OperatorProcess.Binary} check -f {world.Manifests} --allowed-hosts 127.0.0.1";
        var terminal = new Dictionary<string, string?>(StringComparer.Ordinal) { ["TERM"] = "xterm", ["NO_COLOR"] = null };
        var coloured = await Shell.RunAsync("script", ["-qec", command, "/dev/null"], environment: terminal);
        coloured.Output.ShouldContain("\e[32mhealthy\e[0m");
        coloured.Output.ShouldContain("answers from Bitbucket");
        var plain = await Shell.RunAsync(
            "script", ["-qec", command, "/dev/null"], environment: new Dictionary<string, string?>(terminal, StringComparer.Ordinal) { ["NO_COLOR"] = "1" });
        plain.Output.ShouldNotContain("\e[3");
    }

    private static void SameAs(YamlNode yaml, JsonNode json)
    {
        switch (yaml)
        {
            case YamlMappingNode map:
                map.Children.Select(c => c.Key.ToString()).ShouldBe(json.AsObject().Select(f => f.Key));
                map.Children.ToList().ForEach(c => SameAs(c.Value, json[c.Key.ToString()]!));
                break;
            case YamlSequenceNode list:
                list.Children.Count.ShouldBe(json.AsArray().Count);
                list.Children.Zip(json.AsArray()).ToList().ForEach(pair => SameAs(pair.First, pair.Second!));
                break;
            default:
                yaml.ToString().ShouldBe(json.ToString());
                break;
        }
    }

    // A hash of the server's address.
    [GeneratedRegex("listedBy: .*")]
    private static partial Regex ListedBy();
}
