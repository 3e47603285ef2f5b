using BitbucketOperator.BitbucketSimulator.State;
using BitbucketOperator.Testing;

namespace BitbucketOperator.Operator.Tests;

/// <summary>A server that limits requests, as seen from a cluster.</summary>
public sealed class LimitedTests(ClusterFixture fixture)
{
    [Fact]
    public async Task RestartsInTheMiddleOfASync_EveryWebhookOnce_AndFewRefusals()
    {
        const int Repositories = 90;
        const int Restarts = 10;
        await using var scenario = await Scenario.StartAsync(fixture, change: w =>
        {
            for (var i = 0; i < Repositories - 6; i++)
            {
                w.AddRepository("PLAT", $"more-{i}");
            }

            Limit(w, capacity: 60, fillRate: 5);
        });
        await scenario.ApplyAsync();
        for (var i = 0; i < Restarts; i++)
        {
            var before = scenario.Bitbucket.Counters.WebhookPosts;
            await scenario.UntilAsync(
                "progress",
                () => Task.FromResult(scenario.Bitbucket.Counters.WebhookPosts is var now && now > Math.Min(before + 2, Repositories - 1)),
                () => $"{before} webhooks");
            await scenario.Operator.KillAsync();
            await scenario.StartAfterKilledAsync();
        }

        await scenario.WaitReadyAsync(Repositories);
        scenario.Bitbucket.Read(w => w.Repositories.Select(r => r.Webhooks.Count).ToArray()).ShouldAllBe(webhooks => webhooks == 1);
        scenario.Bitbucket.Counters.RateLimited.ShouldBeLessThan(5 * Restarts, "a new process knows the limit");
        await scenario.EndAsync();
    }

    [Fact]
    public async Task Deletion_WhileNoRequestIsLeft_EndsOnceThereAreSome()
    {
        await using var scenario = await Scenario.StartAsync(fixture);
        await scenario.ApplyAsync();
        await scenario.WaitReadyAsync(6);
        scenario.Bitbucket.Change(w => Limit(w, capacity: 1, fillRate: 0.01));
        await scenario.KubectlAsync("delete", "bitbucketconnection", "platform", "--wait=false");
        await scenario.UntilAsync("a refusal", () => Task.FromResult(scenario.Bitbucket.Counters.RateLimited > 0), () => "none");
        scenario.Bitbucket.Change(w => Limit(w, capacity: 10, fillRate: 5));
        await scenario.KubectlAsync("wait", "--for=delete", "bitbucketconnection/platform", "--timeout=180s");
        scenario.Bitbucket.Read(w => w.Webhooks.Count()).ShouldBe(0);
        (await scenario.KubectlAsync("get", "events", "-o", "json")).ShouldNotContain("CleanupBlocked");
    }

    private static void Limit(World world, int capacity, double fillRate) =>
        world.RateLimit = new RateLimit { Enabled = true, Capacity = capacity, FillRate = fillRate, RetryAfter = RetryAfter.None };
}
