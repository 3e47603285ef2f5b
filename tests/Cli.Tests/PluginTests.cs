using System.Text.Json.Nodes;
using BitbucketOperator.BitbucketSimulator.Faults;
using BitbucketOperator.BitbucketSimulator.State;
using BitbucketOperator.Operator.Tests;

namespace BitbucketOperator.Cli.Tests;

/// <summary><c>kubectl bitbucket</c> with the real kubectl, an API server, a running operator and a played Bitbucket.</summary>
public sealed class PluginTests(ClusterFixture fixture) : IDisposable
{
    private const string Allowed = "--allowed-hosts=127.0.0.1";
    private readonly PluginWorld _world = new(fixture);

    [Fact]
    public async Task Status_IsATreeOfWhatTheOperatorSays()
    {
        await using var scenario = await Scenario.StartAsync(fixture, change: ReadsLegacy);
        await scenario.ApplyAsync();
        await scenario.WaitReasonAsync("Ready", "Degraded");
        var said = await _world.KubectlAsync("status", "platform", "-n", scenario.Namespace);
        said.Code.ShouldBe(0, said.All);
        said.Output.ShouldStartWith(
            $"{scenario.Namespace}/platform  Ready, Degraded  {scenario.Bitbucket.BaseUrl}\n├─ conditions\n│  ├─ Ready=True Degraded: ");
        said.Output.ShouldContain("│  └─ ManageWebhooks Missing (REPO_ADMIN): token lacks REPO_ADMIN on 1 of 7 repositories (e.g. LEGACY/billing)");
        said.Output.ShouldContain("├─ 7 of 7 repositories selected, webhooks on 6/7\n");
        said.Output.ShouldContain("└─ failures\n   └─ 1 WebhookPermissionDenied: ");
        (await _world.KubectlAsync("status", "-A")).Output.ShouldContain($"{scenario.Namespace}/platform");
        (await _world.KubectlAsync("status", "-n", scenario.Namespace)).Output.ShouldBe(said.Output);
    }

    [Fact]
    public async Task Repos_NameTheRuleThatLeavesThemOut()
    {
        await using var scenario = await Scenario.StartAsync(fixture, withOperator: false, change: world => world.RepositoryAt("TOOLS/cli").Archived = true);
        await scenario.ApplyAsync(s => s["discovery"] = new JsonObject { ["exclude"] = new JsonArray("*/nothing", "PLAT/w*") });
        var said = await _world.KubectlAsync("repos", "platform", "-n", scenario.Namespace, Allowed, "-v");
        said.Code.ShouldBe(0, said.All);
        said.Output.ShouldBe("""
            REPOSITORY  SELECTED  WHY NOT
            PLAT/api    yes
            PLAT/cli    yes
            PLAT/web    no        discovery.exclude has PLAT/w*
            TOOLS/api   yes
            TOOLS/cli   no        it is archived, and discovery.archived is false
            TOOLS/web   yes

            """);
        said.Error.ShouldNotContain("/webhooks?");
    }

    [Fact]
    public async Task Plan_TellsDriftAndNothingElseOfWebhooksThatTheOperatorMade()
    {
        await using var scenario = await Scenario.StartAsync(fixture);
        await scenario.ApplyAsync();
        await scenario.WaitReadyAsync(webhooks: 6);
        var quiet = await _world.KubectlAsync("plan", "platform", "-n", scenario.Namespace, Allowed);
        quiet.Code.ShouldBe(0, quiet.All);
        quiet.Output.ShouldNotContain("CHANGE  WEBHOOK");

        scenario.Bitbucket.Change(world => world.RepositoryAt("PLAT/api").Webhooks.Single().Active = false);
        var writes = scenario.Bitbucket.Counters.WebhookWriteAttempts;
        var said = await _world.KubectlAsync("plan", "platform", "-n", scenario.Namespace, Allowed);
        said.Output.ShouldMatch("Update +ci +PLAT/api +differs in active");
        scenario.Bitbucket.Counters.WebhookWriteAttempts.ShouldBe(writes);
    }

    [Fact]
    public async Task Reconcile_WaitsForTheEchoAndRepairsDrift()
    {
        await using var scenario = await Scenario.StartAsync(fixture);
        await scenario.ApplyAsync();
        await scenario.WaitReadyAsync(webhooks: 6);
        scenario.Bitbucket.Change(world => world.RepositoryAt("PLAT/api").Webhooks.Single().Active = false);
        var said = await _world.KubectlAsync("reconcile", "platform", "-n", scenario.Namespace, "--wait", "--timeout", "180");
        said.Code.ShouldBe(0, said.All);
        said.Output.ShouldContain("webhooks on 6/6");
        scenario.Webhooks("PLAT/api").Single().Active.ShouldBeTrue();
    }

    [Fact]
    public async Task Reconcile_WithoutAnOperatorSaysSoWhenTheTimeIsUp()
    {
        await using var scenario = await Scenario.StartAsync(fixture, withOperator: false);
        await scenario.ApplyAsync();
        var asked = await _world.KubectlAsync("reconcile", "platform", "-n", scenario.Namespace);
        asked.ShouldBe(new Said(0, "platform: a full pass is asked for\n", ""));
        (await scenario.ReadAsync())!.Metadata.Annotations.ShouldContainKey("bitbucketoperator.dev/requestedAt");
        var said = await _world.KubectlAsync("reconcile", "platform", "-n", scenario.Namespace, "--wait", "--timeout", "1");
        said.Code.ShouldBe(1);
        said.Error.ShouldBe($"error: the operator has not finished the pass within 1 seconds: it may be at it still, or it does not run, or it does not "
            + $"watch namespace {scenario.Namespace}\n");
    }

    [Fact]
    public async Task Suspend_StopsTheOperatorUntilResume()
    {
        await using var scenario = await Scenario.StartAsync(fixture);
        await scenario.ApplyAsync();
        await scenario.WaitReadyAsync(webhooks: 6);
        (await _world.KubectlAsync("suspend", "platform", "-n", scenario.Namespace)).Output.ShouldBe("platform: suspended\n");
        await scenario.WaitReasonAsync("Ready", "Suspended");
        (await _world.KubectlAsync("suspend", "platform", "-n", scenario.Namespace)).Output.ShouldBe("platform: suspended already\n");
        (await _world.KubectlAsync("reconcile", "platform", "-n", scenario.Namespace, "--wait")).Error.ShouldStartWith("error: platform is suspended");
        (await _world.KubectlAsync("doctor", "platform", "-n", scenario.Namespace, Allowed)).Output.ShouldContain("The connection is suspended");
        (await _world.KubectlAsync("resume", "platform", "-n", scenario.Namespace)).Output.ShouldBe("platform: resumed\n");
        await scenario.WaitReadyAsync(webhooks: 6);
    }

    [Fact]
    public async Task Doctor_TellsTheOperatorsNetworkFromTheCredential()
    {
        await using var scenario = await Scenario.StartAsync(fixture);
        await scenario.ApplyAsync();
        await scenario.WaitReadyAsync(webhooks: 6);
        var well = await _world.KubectlAsync("doctor", "platform", "-n", scenario.Namespace, Allowed);
        well.Code.ShouldBe(0, well.All);
        well.Output.ShouldContain("The operator and you see the same, and all is well.");

        await scenario.SetSecretAsync("bitbucket-token", "token", $"token-of-nobody-{Marked.Mark}");
        await scenario.WaitReasonAsync("CredentialValid", "CredentialRejected");
        var refused = await _world.KubectlAsync("doctor", "platform", "-n", scenario.Namespace, Allowed, "-v");
        refused.Code.ShouldBe(1);
        refused.Output.ShouldContain("The credential fails for the operator and for you (CredentialRejected): the network is not the cause.");
        refused.Output.ShouldMatch("Reachable +True Connected +True Connected");
    }

    [Fact]
    public async Task Doctor_TellsAnOperatorThatCannotReachWhatYouCan()
    {
        await using var scenario = await Scenario.StartAsync(fixture, withOperator: false);
        var fault = scenario.Bitbucket.Faults.Add(new Fault { Kind = FaultKind.Reset });
        scenario.StartOperator();
        await scenario.ApplyAsync();
        await scenario.WaitReasonAsync("Reachable", "ServerUnreachable");

        // The operator stays cut off, and this side is not.
        await scenario.Operator.KillAsync();
        scenario.Bitbucket.Faults.Remove(fault);
        var said = await _world.KubectlAsync("doctor", "platform", "-n", scenario.Namespace, Allowed);
        said.Code.ShouldBe(1);
        said.Output.ShouldContain("The operator cannot reach the server (ServerUnreachable) and you can: look at network policies");
    }

    [Fact]
    public async Task Check_KnowsTheClustersOwnWebhooksByItsName()
    {
        await using var scenario = await Scenario.StartAsync(fixture);
        await scenario.ApplyAsync();
        await scenario.WaitReadyAsync(webhooks: 6);
        var objects = await scenario.KubectlAsync("get", "bitbucketconnections,secrets,configmaps", "-o", "yaml");
        var uid = await fixture.KubectlAsync("get", "namespace", "kube-system", "-o", "jsonpath={.metadata.uid}");
        string[] check = ["check", "-f", "-", "--allowed-hosts", "127.0.0.1"];
        var known = await Shell.RunAsync(_world.Plugin, [.. check, "--cluster-name", uid], input: objects);
        known.Code.ShouldBe(0, known.All);
        known.Output.ShouldContain("6 webhooks in place");
        var strange = await Shell.RunAsync(_world.Plugin, check, input: objects);
        strange.Code.ShouldBe(1, strange.All);
        strange.Output.ShouldContain("If the other connection is this one in its cluster, name the cluster with --cluster-name");
    }

    [Fact]
    public async Task Namespace_IsThatOfTheContext()
    {
        var @namespace = await fixture.NewNamespaceAsync();
        var kubeconfig = Path.Combine(_world.Folder, "config");
        File.Copy(fixture.Cluster.KubeconfigPath, kubeconfig);
        (await Shell.RunAsync(fixture.Cluster.KubectlPath, ["config", "set-context", "--current", "--namespace", @namespace, "--kubeconfig", kubeconfig]))
            .Code.ShouldBe(0);
        var said = await _world.KubectlAsync("status", "--kubeconfig", kubeconfig);
        said.ShouldBe(new Said(0, "", $"no BitbucketConnection in namespace {@namespace}\n"));
        (await _world.KubectlAsync("status", "absent", "--kubeconfig", kubeconfig))
            .Error.ShouldStartWith($"error: there is no BitbucketConnection {@namespace}/absent");
    }

    [Theory]
    [InlineData(2, "kubeconfig", "status", "--kubeconfig", "/nowhere/config")]
    [InlineData(2, "absent", "status", "--context", "absent")]
    [InlineData(2, "--nonsense", "status", "--nonsense")]
    [InlineData(2, "Required", "repos")]
    public async Task WrongQuestion_IsOneClearLine(int code, string mentions, params string[] arguments)
    {
        var said = await _world.KubectlAsync(arguments);
        said.Code.ShouldBe(code, said.All);
        said.Error.ShouldContain(mentions, Case.Insensitive);
        said.All.ShouldNotContain("   at ");
        said.All.ShouldNotContain("Unhandled");
    }

    [Fact]
    public async Task ServerThatIsGone_IsOneClearLine()
    {
        var kubeconfig = Path.Combine(_world.Folder, "gone");
        var text = await File.ReadAllTextAsync(fixture.Cluster.KubeconfigPath);
        await File.WriteAllTextAsync(
            kubeconfig, text.Replace(fixture.Cluster.Server.GetLeftPart(UriPartial.Authority), "https://127.0.0.1:1", StringComparison.Ordinal));
        var said = await _world.KubectlAsync("status", "--kubeconfig", kubeconfig);
        said.Code.ShouldBe(1);
        said.Error.ShouldStartWith("error: the API server cannot be reached: ");
        said.Error.Count(c => c == '\n').ShouldBe(1);
    }

    [Fact]
    public async Task Completion_KnowsCommandsFlagsAndNames()
    {
        await using var scenario = await Scenario.StartAsync(fixture, withOperator: false);
        await scenario.ApplyAsync();
        await scenario.ApplyAsync(name: "other");
        (await CompleteAsync("")).ShouldBe(["check", "completion", "doctor", "plan", "reconcile", "repos", "resume", "status", "suspend", ":4"]);
        (await CompleteAsync("re")).ShouldBe(["reconcile", "repos", "resume", ":4"]);
        await CompletesAsync(["other", "platform", ":4"], "plan", "-n", scenario.Namespace, "");
        await CompletesAsync(["platform", ":4"], "status", "-n", scenario.Namespace, "pl");
        (await CompleteAsync("reconcile", "--w")).ShouldBe(["--wait", ":4"]);
        (await CompleteAsync("plan", "--kubeconfig", "/nowhere", "")).ShouldBe([":4"]);
    }

    [Fact]
    public async Task KubectlsOwnCompletion_CallsTheShippedFile()
    {
        var file = Path.Combine(_world.Folder, "kubectl_complete-bitbucket");
        await File.WriteAllTextAsync(file, (await _world.KubectlAsync("completion", "kubectl")).Output);
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        var said = await Shell.RunAsync(fixture.Cluster.KubectlPath, ["__complete", "bitbucket", "rec"], environment: _world.Environment);
        said.Output.ShouldStartWith("reconcile\n", customMessage: said.All);
    }

    [Fact]
    public async Task BashCompletion_Completes()
    {
        const string Script =
            """eval "$(kubectl-bitbucket completion bash)"; COMP_WORDS=(kubectl-bitbucket sus); COMP_CWORD=1; _kubectl_bitbucket; echo "${COMPREPLY[@]}" """;
        (await Shell.RunAsync("bash", ["-c", Script], environment: _world.Environment)).ShouldBe(new Said(0, "suspend\n", ""));
    }

    public void Dispose() => _world.Dispose();

    private static void ReadsLegacy(World world)
    {
        var legacy = world.AddProject("LEGACY");
        world.AddRepository("LEGACY", "billing");
        world.UserNamed("bot").ProjectGrants[legacy.Id] = Level.Read;
    }

    // A shell that completes does not wait long for an API server: on a busy machine it may get no names.
    private Task CompletesAsync(string[] expected, params string[] words) =>
        Eventually.IsTrueAsync($"names for {string.Join(' ', words)}", async () => (await CompleteAsync(words)).SequenceEqual(expected));

    private async Task<string[]> CompleteAsync(params string[] words) =>
        (await Shell.RunAsync(_world.Plugin, ["__complete", .. words], environment: _world.Environment)).Output.TrimEnd('\n').Split('\n');
}
