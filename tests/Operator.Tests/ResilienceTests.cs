using BitbucketOperator.BitbucketSimulator.Faults;
using BitbucketOperator.Testing;

namespace BitbucketOperator.Operator.Tests;

public sealed class ResilienceTests(ClusterFixture fixture)
{
    [Fact]
    public async Task KilledWhileCreating_GoesOnWithoutDuplicates()
    {
        await using var scenario = await Scenario.StartAsync(fixture);
        scenario.Bitbucket.Faults.Add(
            new Fault { Kind = FaultKind.Latency, LatencyMilliseconds = 150, Method = "POST", Path = "/rest/api/*/projects/*/repos/*/webhooks" });
        await scenario.ApplyAsync();
        await scenario.UntilAsync(
            "the first webhook", () => Task.FromResult(scenario.Bitbucket.Counters.WebhookWriteAttempts > 0), () => "none yet");
        await scenario.Operator.KillAsync();
        await scenario.StartAfterKilledAsync();
        await scenario.WaitReadyAsync(6);
        scenario.Bitbucket.Read(w => w.Webhooks.Count()).ShouldBe(6);
        await scenario.EndAsync();
    }

    [Fact]
    public async Task AnswersOfCreateLost_GoesOnWithoutDuplicates()
    {
        await using var scenario = await Scenario.StartAsync(fixture);
        scenario.Bitbucket.Faults.Add(
            new Fault { Kind = FaultKind.Reset, Count = 3, Method = "POST", Path = "/rest/api/*/projects/*/repos/*/webhooks", AfterProcessing = true });
        await scenario.ApplyAsync();
        await scenario.WaitReadyAsync(6);
        scenario.Bitbucket.Read(w => w.Webhooks.Count()).ShouldBe(6);
        await scenario.EndAsync();
    }

    [Fact]
    public async Task RepositoryThatAlwaysTimesOut_IsReported_AndDoesNotBlockTheOthers()
    {
        await using var scenario = await Scenario.StartAsync(fixture);
        scenario.Bitbucket.Faults.Add(new Fault { Kind = FaultKind.Hang, Path = "/rest/api/*/projects/PLAT/repos/api/webhooks" });
        await scenario.ApplyAsync();
        var first = await scenario.WaitAsync("the others", c => c.Status?.Webhooks?.Ready == 5);
        ((first.Status!.Webhooks!.Waiting ?? 0) + first.Status.Webhooks.Failed).ShouldBe(1);
        var failed = await scenario.WaitAsync("its failure", c => c.Status?.Webhooks?.Failed == 1);
        failed.Status!.Failures!.ShouldHaveSingleItem().Examples.ShouldBe(["PLAT/api"]);
        ConditionInvariants.Check(failed, DateTimeOffset.UtcNow);
        scenario.Bitbucket.Faults.Clear();
        await scenario.FullPassAsync();
        await scenario.WaitReadyAsync(6);
        await scenario.EndAsync();
    }

    [Fact]
    public async Task AskedToStop_EndsCleanlyAndTheNextOneFindsAllInOrder()
    {
        await using var scenario = await Scenario.StartAsync(fixture);
        await scenario.ApplyAsync();
        await scenario.WaitReadyAsync(6);
        (await scenario.Operator.StopAsync()).ShouldBe(0);
        var writes = scenario.Bitbucket.Counters.WebhookWriteAttempts;
        scenario.StartOperator();
        await scenario.EndAsync();
        scenario.Bitbucket.Counters.WebhookWriteAttempts.ShouldBe(writes);
    }

    [Fact]
    public async Task TwoOperators_TheStandbyTakesOverWhenTheLeaderIsKilled()
    {
        await using var scenario = await Scenario.StartAsync(fixture);
        var first = scenario.Operator;
        await scenario.UntilAsync("the first operator to lead", () => Task.FromResult(first.Leads), () => first.Output);
        var second = scenario.StartOperator();
        await scenario.ApplyAsync();
        await scenario.WaitReadyAsync(6);
        second.Leads.ShouldBeFalse();
        await first.KillAsync();
        await scenario.UntilAsync("the second operator to lead", () => Task.FromResult(second.Leads), () => second.Output);
        scenario.Bitbucket.Change(w => w.AddRepository("PLAT", "late"));
        await scenario.FullPassAsync();
        await scenario.WaitReadyAsync(7);
        await scenario.EndAsync();
    }

    [Fact]
    public async Task LeaderPausedForLongerThanItsLease_WritesNothingAfterAnotherLeads()
    {
        const int Repositories = 66;
        await using var scenario = await Scenario.StartAsync(fixture, change: w =>
        {
            for (var i = 0; i < Repositories - 6; i++)
            {
                w.AddRepository("PLAT", $"more-{i}");
            }
        });
        scenario.Bitbucket.Faults.Add(
            new Fault { Kind = FaultKind.Latency, LatencyMilliseconds = 100, Method = "POST", Path = "/rest/api/*/projects/*/repos/*/webhooks" });
        var first = scenario.Operator;
        await scenario.UntilAsync("the first operator to lead", () => Task.FromResult(first.Leads), () => first.Output);
        var second = scenario.StartOperator();
        await scenario.ApplyAsync();
        await scenario.UntilAsync(
            "a few webhooks", () => Task.FromResult(scenario.Bitbucket.Counters.WebhookWriteAttempts >= 4), () => "none yet");
        await first.SignalAsync("STOP");
        await scenario.UntilAsync("the second operator to lead", () => Task.FromResult(second.Leads), () => second.Output);
        await scenario.WaitReadyAsync(Repositories);
        await scenario.FullPassAsync();
        var (attempts, stored) = (scenario.Bitbucket.Counters.WebhookWriteAttempts, (await scenario.ReadAsync())!.Metadata.ResourceVersion);

        await first.SignalAsync("CONT");
        await scenario.UntilAsync("the first operator to stop its work", () => Task.FromResult(first.Events("WorkersStopped").Count > 0), () => first.Output);

        scenario.Bitbucket.Counters.WebhookWriteAttempts.ShouldBe(attempts, first.Output);
        (await scenario.ReadAsync())!.Metadata.ResourceVersion.ShouldBe(stored, first.Output);
        scenario.Bitbucket.Read(w => w.Webhooks.Count()).ShouldBe(Repositories);
        first.Events("LeaseLost").Count.ShouldBe(1);
        await scenario.EndAsync();
    }

    [Fact(DisableParallelization = true)]
    public async Task ApiServerRestarted_ChangesAreSeenAfterwards()
    {
        Assert.SkipUnless(fixture.Cluster.IsOurs, "it stops the API server, and the cluster of KUBECONFIG is not ours to stop");
        await using var scenario = await Scenario.StartAsync(fixture);
        await scenario.ApplyAsync();
        await scenario.WaitReadyAsync(6);
        await fixture.Cluster.RestartApiServerAsync(abruptly: true);
        await scenario.ApplyAsync(
            spec => spec["discovery"] = new System.Text.Json.Nodes.JsonObject { ["exclude"] = new System.Text.Json.Nodes.JsonArray("*/cli") });
        await scenario.WaitReadyAsync(4);
        scenario.Bitbucket.Read(w => w.Webhooks.Count()).ShouldBe(4);
        await scenario.EndAsync();
    }

    [Fact]
    public async Task ListingBreaksHalfWay_RemovesNothing()
    {
        await using var scenario = await Scenario.StartAsync(fixture, change: w => w.Quirks.PageCap = 2);
        await scenario.ApplyAsync();
        await scenario.WaitReadyAsync(6);
        var fault = scenario.Bitbucket.Faults.Add(new Fault { Kind = FaultKind.Status, Status = 500, Method = "GET", Path = "/rest/api/*/repos", Page = 2 });
        await scenario.ApplyAsync(
            spec => spec["discovery"] = new System.Text.Json.Nodes.JsonObject { ["exclude"] = new System.Text.Json.Nodes.JsonArray("PLAT/api") });
        var broken = await scenario.WaitReasonAsync("Ready", "ServerError");
        broken.Status!.Webhooks!.Summary.ShouldBe("6/6");
        scenario.Bitbucket.Read(w => w.Webhooks.Count()).ShouldBe(6);
        scenario.Bitbucket.Faults.Remove(fault);
        await scenario.WaitReadyAsync(5);
        await scenario.EndAsync();
    }
}
