using BitbucketOperator.BitbucketSimulator;
using BitbucketOperator.BitbucketSimulator.Faults;
using BitbucketOperator.Core.Api.V1Alpha1;

namespace BitbucketOperator.Operator.Tests.Webhooks;

/// <summary>What an edit of spec.discovery does while the listing for it takes long: nothing, until it has ended.</summary>
public sealed class EditedDiscoveryTests
{
    [Theory]
    [InlineData("projects")]
    [InlineData("repositories")]
    public async Task WhileTheListingLasts_NothingIsDoneForTheFormerOne_AndNothingIsClaimed(string what)
    {
        await using var world = await PassWorld.StartAsync(Hosting.DataCenter);
        var kept = await KeptAsync(world);
        await world.PassAsync();
        var former = world.Where.Length;
        former.ShouldBeGreaterThan(1);
        var baseline = world.Connection.Status!.Bookkeeping!.Baseline!.Repositories;

        // A limit in the middle of a listing puts the rest off, as a slow server does.
        var path = what == "projects" ? "/**/repos" : "/**/repos/*";
        var limit = world.Faults.Add(new Fault { Kind = FaultKind.RateLimited, RetryAfter = "30", Path = path });
        world.Connection.Spec.Discovery = what == "projects"
            ? new() { Projects = [kept.Split('/')[0]], Include = [kept], MaxShrinkPercent = 10 }
            : new() { Repositories = [kept], MaxShrinkPercent = 10 };
        world.Webhook.Url = "https://ci.example.com/hooks/moved";
        world.Connection.Metadata.Generation++;
        var writes = world.WriteAttempts;
        await world.PassAfterAsync(TimeSpan.Zero);
        world.WriteAttempts.ShouldBe(writes, "what is selected is not known yet");
        var ready = world.Connection.Status!.Conditions.Find(c => c.Type == "Ready")!;
        ready.Status.ShouldNotBe(ConditionState.True);
        world.Connection.Status.Bookkeeping!.Baseline!.Repositories.ShouldBe(baseline);

        world.Faults.Remove(limit);
        await world.PassAsync();
        world.Where.ShouldBe([kept], "no doubt is left by a count of another selection");
        world.Connection.Status!.Conditions.Find(c => c.Type == "Ready")!.Status.ShouldBe(ConditionState.True);
    }

    private static async Task<string> KeptAsync(PassWorld world)
    {
        await world.PassAsync();
        return world.Where[0];
    }
}
