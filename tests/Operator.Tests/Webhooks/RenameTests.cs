using BitbucketOperator.BitbucketSimulator.Faults;
using BitbucketOperator.Core.Api.V1Alpha1;

namespace BitbucketOperator.Operator.Tests.Webhooks;

/// <summary>
/// A connection renamed in Git: the old one is deleted and a new one with the same webhooks is created. At no time is a repository
/// without its webhook, and in the end it has one: of the new owner, with the new secret.
/// </summary>
public sealed class RenameTests
{
    private const string Old = "ci/old";
    private static readonly string OldId = RenameWorld.IdOf(Old);

    /// <summary>How a new connection gets the owner id of the old one.</summary>
    public enum Annotated
    {
        /// <summary>Not at all.</summary>
        Never,

        /// <summary>It is created with it.</summary>
        FromTheStart,

        /// <summary>When the old one is being deleted already.</summary>
        Later,
    }

    /// <summary>What comes first.</summary>
    public enum Order
    {
        /// <summary>The new one, long before the old one is deleted.</summary>
        NewLongBefore,

        /// <summary>The new one, and the deletion right after it.</summary>
        NewFirst,

        /// <summary>The deletion, and the new one seconds after it.</summary>
        DeletionFirst,
    }

    public static TheoryData<Order, Annotated, DeletionPolicy, string, bool> Renames
    {
        get
        {
            var all = new TheoryData<Order, Annotated, DeletionPolicy, string, bool>();
            foreach (var order in Enum.GetValues<Order>())
            foreach (var annotated in Enum.GetValues<Annotated>())
            foreach (var policy in Enum.GetValues<DeletionPolicy>())
            foreach (var name in new[] { "ci/new", "other/old" })
            foreach (var restarts in new[] { false, true })
            {
                all.Add(order, annotated, policy, name, restarts);
            }

            return all;
        }
    }

    [Theory]
    [MemberData(nameof(Renames))]
    public async Task Renamed_LeavesNoGap_AndOneWebhookEach(Order order, Annotated annotated, DeletionPolicy policy, string name, bool restarts)
    {
        await using var world = await RenameWorld.StartAsync();
        world.Apply(Old, "old", change: s => s.DeletionPolicy = policy);
        await world.UntilReadyAsync(Old);

        // A webhook that stays without its owner is adopted by a rule of its own.
        void Adopt(BitbucketConnectionSpec spec) => spec.Adoption = policy == DeletionPolicy.Retain ? Adoption.Always : spec.Adoption;
        void Create() => world.Apply(name, "new", annotated == Annotated.FromTheStart ? OldId : null, Adopt);
        if (order == Order.NewLongBefore)
        {
            Create();
            await world.UntilAsync("the new one to wait", () => world.Find(name)?.Status?.Conditions.Count > 0 && world.IsQuiet);
        }

        if (restarts)
        {
            await world.StopAsync();
        }

        if (order == Order.NewFirst)
        {
            Create();
        }

        world.Delete(Old);
        if (order == Order.DeletionFirst)
        {
            if (!restarts)
            {
                await world.PassAsync(TimeSpan.FromSeconds(2));
            }

            Create();
        }

        if (restarts)
        {
            world.StartAgain(TimeSpan.FromMinutes(5));
        }

        if (annotated == Annotated.Later)
        {
            await world.UntilAsync("the new one to be looked at", () => world.Find(name)?.Status is not null);
            world.Apply(name, "new", OldId, Adopt);
        }

        await world.UntilGoneAsync(Old);
        await world.UntilReadyAsync(name);
        var id = annotated == Annotated.Never ? RenameWorld.IdOf(name) : OldId;
        world.Webhooks.ShouldBe([$"PLAT/api {id} secret-of-the-new-one", $"PLAT/web {id} secret-of-the-new-one"]);
        world.Gaps().ShouldBeEmpty();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task TakeOverThatFailsForMinutes_LeavesNoGap(bool conflictFirst)
    {
        await using var world = await RenameWorld.StartAsync();
        world.Apply(Old, "old");
        await world.UntilReadyAsync(Old);
        var fault = world.Bitbucket.Faults.Add(new Fault { Kind = FaultKind.Status, Status = 500, Method = "PUT", Path = "/rest/api/*/projects/**" });
        world.Apply("ci/new", "new");
        if (conflictFirst)
        {
            await world.UntilAsync("the conflict", () => world.Find("ci/new")?.Status?.Webhooks?.Failed == 2 && world.IsQuiet);
        }

        world.Delete(Old);
        await world.PassAsync(TimeSpan.FromMinutes(2));
        world.Webhooks.ShouldBe([$"PLAT/api {OldId} secret-of-the-old-one", $"PLAT/web {OldId} secret-of-the-old-one"]);
        world.Bitbucket.Faults.Remove(fault);
        await world.UntilGoneAsync(Old);
        await world.UntilReadyAsync("ci/new");
        world.Gaps().ShouldBeEmpty();
    }

    [Fact]
    public async Task SuccessorThatSelectsLess_TakesTheRestAway()
    {
        await using var world = await RenameWorld.StartAsync();
        world.Apply(Old, "old");
        await world.UntilReadyAsync(Old);
        world.Apply("ci/new", "new", OldId, s => s.Discovery.Repositories = ["PLAT/api"]);
        world.Delete(Old);
        await world.UntilGoneAsync(Old);
        await world.UntilReadyAsync("ci/new");
        await world.UntilAsync("the rest to go", () => world.Webhooks.Length == 1);
        world.Webhooks.ShouldBe([$"PLAT/api {OldId} secret-of-the-new-one"]);
        await world.UntilAsync("the record", () => world.Find("ci/new")!.Status!.Bookkeeping!.ManagedIn is ["PLAT/api"]);
    }

    [Fact]
    public async Task RenamedAndBack_TheFirstNameGoesOn()
    {
        await using var world = await RenameWorld.StartAsync();
        world.Apply(Old, "old");
        await world.UntilReadyAsync(Old);
        world.Apply("ci/new", "new", OldId);
        world.Delete(Old);
        await world.UntilGoneAsync(Old);
        await world.UntilReadyAsync("ci/new");
        world.Apply(Old, "old");
        world.Delete("ci/new");
        await world.UntilGoneAsync("ci/new");
        await world.UntilReadyAsync(Old);
        world.Webhooks.ShouldBe([$"PLAT/api {OldId} secret-of-the-old-one", $"PLAT/web {OldId} secret-of-the-old-one"]);
        world.Gaps().ShouldBeEmpty();
    }

    [Fact]
    public async Task MovedOneThatIsRenamedWithItsAnnotation_LeavesNoGap()
    {
        const string moved = "3f9a1c2b7d8e9f00";
        await using var world = await RenameWorld.StartAsync();
        world.Apply("ci/b", "old", moved);
        await world.UntilReadyAsync("ci/b");

        // Made in the same second, and before the other in the order of names: both would come first.
        world.Apply("ci/a", "new", moved);
        world.Delete("ci/b");
        await world.UntilGoneAsync("ci/b");
        await world.UntilReadyAsync("ci/a");
        world.Webhooks.ShouldBe([$"PLAT/api {moved} secret-of-the-new-one", $"PLAT/web {moved} secret-of-the-new-one"]);
        world.Gaps().ShouldBeEmpty();
    }

    [Fact]
    public async Task CopyOfTheAnnotation_TakesItsOwnWebhooksAlong_AndNoOthers()
    {
        await using var world = await RenameWorld.StartAsync();
        world.Apply(Old, "old");
        await world.UntilReadyAsync(Old);
        void Elsewhere(BitbucketConnectionSpec spec) => spec.Webhooks[0].Url = "https://elsewhere.example.com/";
        world.Apply("ci/copy", "new", change: Elsewhere);
        await world.UntilReadyAsync("ci/copy");
        world.Webhooks.Length.ShouldBe(4);
        world.Apply("ci/copy", "new", OldId, Elsewhere);
        await world.UntilAsync("the copy to be refused", () => world.Find("ci/copy")!.Status!.Conditions.Exists(c => c.Reason == "InvalidOwnerId"));
        world.Delete("ci/copy");
        await world.UntilGoneAsync("ci/copy");
        world.Webhooks.ShouldBe([$"PLAT/api {OldId} secret-of-the-old-one", $"PLAT/web {OldId} secret-of-the-old-one"]);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task FromTheProjectToItsRepositories_TheOldWebhookGoesLast(bool conflictFirst)
    {
        await using var world = await RenameWorld.StartAsync();
        world.Apply(Old, "old", change: s => s.Webhooks[0].Level = WebhookLevel.Project);
        await world.UntilReadyAsync(Old);
        world.Apply("ci/new", "new", change: s => s.Webhooks[0].Level = WebhookLevel.Auto);
        if (conflictFirst)
        {
            await world.UntilAsync("the conflict", () => world.Find("ci/new")?.Status?.Webhooks?.Failed > 0 && world.IsQuiet);
        }

        world.Delete(Old);
        await world.UntilGoneAsync(Old);
        await world.UntilReadyAsync("ci/new");
        world.Webhooks.ShouldAllBe(w => w.EndsWith($"{RenameWorld.IdOf("ci/new")} secret-of-the-new-one", StringComparison.Ordinal));
        world.Gaps().ShouldBeEmpty();
    }
}
