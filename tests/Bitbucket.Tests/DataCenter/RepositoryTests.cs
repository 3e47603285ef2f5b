using BitbucketOperator.BitbucketSimulator.Faults;
using BitbucketOperator.BitbucketSimulator.State;
using BitbucketOperator.Core.Port;
using SimulatedFault = BitbucketOperator.BitbucketSimulator.Faults.Fault;

namespace BitbucketOperator.Bitbucket.Tests.DataCenter;

/// <summary>Discovery, over the wire.</summary>
public sealed class RepositoryTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("7.14.0", false)]
    [InlineData("8.19.12", true)]
    [InlineData("10.2.1", true)]
    public async Task Listing_TellsArchivedForksAndPersonalOnes(string version, bool knowsArchived)
    {
        await using var given = await Given.ServerAsync(new() { Version = version });
        given.Server.Change(world =>
        {
            world.RepositoryAt("PLAT/web").Archived = true;
            world.AddProject("~bot");
            world.AddRepository("~bot", "api").Origin = world.RepositoryAt("PLAT/api");
        });
        using var bitbucket = given.Client();
        await bitbucket.GetServerAsync(Cancellation);

        var all = await Given.ListAsync(bitbucket);

        all.Select(r => r.Name.ToString()).ShouldBe(["PLAT/api", "PLAT/web", "~bot/api"], ignoreOrder: true);
        all.Single(r => r.Name.Slug == "web").Archived.ShouldBe(knowsArchived);
        all.Single(r => r.Personal).Name.ShouldBe(new("~bot", "api"));
        all.Single(r => r.Fork).Name.ShouldBe(new("~bot", "api"));
        all.ShouldAllBe(r => r.SelfLink!.StartsWith(given.Server.BaseUrl.AbsoluteUri, StringComparison.Ordinal));
        all.ShouldAllBe(r => r.Title != null && r.CloneUrls!.For(r.Name).Https!.EndsWith($"/scm/{r.Name}.git", StringComparison.OrdinalIgnoreCase));
        all.ShouldAllBe(r => r.CloneUrls!.For(r.Name).Ssh!.StartsWith("ssh://git@", StringComparison.Ordinal));
        all.Select(r => r.CloneUrls).Distinct(ReferenceEqualityComparer.Instance).Count().ShouldBe(1, "one form serves all");
    }

    [Theory]
    [InlineData("7.21.0")]
    [InlineData("9.4.2")]
    public async Task Project_IsListedAloneAndWithItsArchivedOnes(string version)
    {
        await using var given = await Given.ServerAsync(new() { Version = version });
        given.Server.Change(world =>
        {
            world.RepositoryAt("PLAT/web").Archived = true;
            world.UserNamed("bot").ProjectGrants[world.AddProject("PLATFORM").Id] = Level.Admin;
            world.AddRepository("PLATFORM", "other");
        });
        using var bitbucket = given.Client();
        await bitbucket.GetServerAsync(Cancellation);

        (await Given.ListAsync(bitbucket, "plat")).Select(r => r.Name.ToString()).ShouldBe(["PLAT/api", "PLAT/web"], ignoreOrder: true);
    }

    [Theory]
    [InlineData("7.21.0")]
    [InlineData("9.4.2")]
    public async Task MissingProject_IsNoEmptyListing(string version)
    {
        await using var given = await Given.ServerAsync(new() { Version = version });
        using var bitbucket = given.Client();
        await bitbucket.GetServerAsync(Cancellation);

        var fault = await Given.FaultAsync(() => Given.ListAsync(bitbucket, "NOPE"));

        (fault.Class, fault.Reason.Name).ShouldBe((FaultClass.Waiting, "ProjectNotFound"));
        fault.Message.ShouldContain("NOPE");
    }

    [Theory]
    [InlineData("7.21.0")]
    [InlineData("9.4.2")]
    public async Task RenamedProject_IsListedByItsOldKey(string version)
    {
        await using var given = await Given.ServerAsync(new() { Version = version });
        given.Server.Change(world => world.RenameProject(world.ProjectAt("PLAT"), "BASE"));
        using var bitbucket = given.Client();
        await bitbucket.GetServerAsync(Cancellation);

        (await Given.ListAsync(bitbucket, "PLAT")).Select(r => r.Name.ToString()).ShouldBe(["BASE/api", "BASE/web"], ignoreOrder: true);
    }

    [Theory]
    [InlineData("7.21.0")]
    [InlineData("9.4.2")]
    public async Task ProjectWithoutPermission_IsDenied(string version)
    {
        await using var given = await Given.ServerAsync(new() { Version = version });
        given.Server.Change(world =>
        {
            world.AddProject("HIDDEN");
            world.AddRepository("HIDDEN", "x");
        });
        using var bitbucket = given.Client();
        await bitbucket.GetServerAsync(Cancellation);

        (await Given.FaultAsync(() => Given.ListAsync(bitbucket, "HIDDEN"))).Reason.Name.ShouldBe("ReadPermissionDenied");
    }

    [Fact]
    public async Task EmptyProject_IsAnEmptyListing()
    {
        await using var given = await Given.ServerAsync();
        given.Server.Change(world => world.UserNamed("bot").ProjectGrants[world.AddProject("NEW").Id] = Level.Admin);
        using var bitbucket = given.Client();
        await bitbucket.GetServerAsync(Cancellation);

        (await Given.ListAsync(bitbucket, "NEW")).ShouldBeEmpty();
    }

    [Fact]
    public async Task RepositoryStillBeingMade_IsLeftOutAndAnOfflineOneIsNot()
    {
        await using var given = await Given.ServerAsync();
        given.Server.Change(world =>
        {
            world.RepositoryAt("PLAT/api").State = "INITIALISING";
            world.RepositoryAt("PLAT/web").State = "OFFLINE";
        });
        using var bitbucket = given.Client();

        (await Given.ListAsync(bitbucket)).ShouldHaveSingleItem().Name.Slug.ShouldBe("web");
    }

    [Fact]
    public async Task ShortAndEmptyPagesWithSkippingCursors_AreFollowedToTheEnd()
    {
        await using var given = await Given.ServerAsync(new() { Generate = Generation.Parse("4x30") });
        given.Server.Change(world =>
        {
            (world.Quirks.PageCap, world.Quirks.CursorStride, world.Quirks.NullNextPageStart) = (7, 3, true);
            foreach (var key in new[] { "GEN01", "GEN03" })
                world.UserNamed("bot").ProjectGrants[world.ProjectAt(key).Id] = Level.Read;
        });
        using var bitbucket = given.Client();
        var visible = given.Server.Read(
            world => world.Repositories.Where(r => world.UserNamed("bot").ProjectGrants.ContainsKey(r.Project.Id)).Select(r => r.Path).ToList());

        var found = await Given.ListAsync(bitbucket);

        visible.Count.ShouldBeGreaterThan(30);
        found.Select(r => r.Name.ToString()).ShouldBe(visible, ignoreOrder: true);
    }

    [Fact]
    public async Task TenThousandRepositories_AreListedOnce()
    {
        await using var given = await Given.ServerAsync(new() { Generate = Generation.Parse("50x200") });
        given.Server.Change(world =>
        {
            foreach (var project in world.Projects) world.UserNamed("bot").ProjectGrants[project.Id] = Level.Read;
        });
        using var bitbucket = given.Client();

        var found = await Given.ListAsync(bitbucket);

        found.Select(r => r.Id).Distinct().Count().ShouldBe(10_002);
        found.Count.ShouldBe(10_002);
        given.Server.Counters.Requests.ShouldBe(11);
    }

    [Theory]
    [InlineData(FaultKind.PagingWithoutNext, "ListingIncomplete")]
    [InlineData(FaultKind.PagingNotIncreasing, "ListingIncomplete")]
    [InlineData(FaultKind.BrokenJson, "UnexpectedAnswer")]
    [InlineData(FaultKind.Html, "UnexpectedAnswer")]
    [InlineData(FaultKind.Status, "ServerError")]
    [InlineData(FaultKind.Reset, "ServerUnreachable")]
    [InlineData(FaultKind.EmptyReply, "ServerUnreachable")]
    public async Task SecondPageThatFails_EndsTheListingWithAFault(FaultKind kind, string reason)
    {
        await using var given = await Given.ServerAsync(new() { Generate = Generation.Parse("1x30") });
        given.Server.Change(world =>
        {
            world.Quirks.PageCap = 10;
            foreach (var project in world.Projects) world.UserNamed("bot").ProjectGrants[project.Id] = Level.Read;
        });
        given.Server.Faults.Add(new SimulatedFault { Kind = kind, Path = "/rest/api/*/repos", Page = 2 });
        using var bitbucket = given.Client();

        var fault = await Given.FaultAsync(() => Given.ListAsync(bitbucket));

        (fault.Class, fault.Reason.Name).ShouldBe((FaultClass.Transient, reason));
    }

    [Fact]
    public async Task EndlessListing_IsGivenUp()
    {
        await using var given = await Given.ServerAsync(
            new() { Generate = Generation.Parse("1x30") }, new() { MaxPages = 3, RetryDelay = TimeSpan.FromMilliseconds(1) });
        given.Server.Change(world => world.Quirks.PageCap = 2);
        using var bitbucket = given.Client();
        given.Server.Change(world => world.UserNamed("bot").ProjectGrants[world.Projects.First(p => p.Key != "PLAT").Id] = Level.Read);

        (await Given.FaultAsync(() => Given.ListAsync(bitbucket))).Reason.Name.ShouldBe("ListingIncomplete");
    }

    [Fact]
    public async Task RepositoryToken_ReadsItsRepository()
    {
        await using var given = await Given.ServerAsync();
        given.Server.Change(world => world.AddToken("one", world.RepositoryAt("PLAT/api"), ["REPO_ADMIN"], "one-token"));
        using var bitbucket = given.Client(Given.Bearer("one-token"));

        (await bitbucket.GetRepositoryAsync(new("plat", "API"), Cancellation)).Name.ShouldBe(Given.Api);
        (await Given.FaultAsync(() => bitbucket.GetRepositoryAsync(new("PLAT", "web"), Cancellation))).Reason.Name.ShouldBe("ReadPermissionDenied");
    }

    [Fact]
    public async Task MissingRepository_IsNotFound()
    {
        await using var given = await Given.ServerAsync();
        using var bitbucket = given.Client();

        (await Given.FaultAsync(() => bitbucket.GetRepositoryAsync(new("PLAT", "nope"), Cancellation))).Reason.Name.ShouldBe("RepositoryNotFound");
        (await Given.FaultAsync(() => bitbucket.GetRepositoryAsync(new("NOPE", "api"), Cancellation))).Reason.Name.ShouldBe("ProjectNotFound");
    }

    [Fact]
    public async Task RenamedRepository_IsFollowedToItsNewName()
    {
        await using var given = await Given.ServerAsync(new() { ContextPath = "/bitbucket" });
        given.Server.Change(world => world.MoveRepository(world.RepositoryAt("PLAT/api"), name: "backend"));
        using var bitbucket = given.Client();

        (await bitbucket.GetRepositoryAsync(Given.Api, Cancellation)).Name.ShouldBe(new("PLAT", "backend"));
    }

    [Fact]
    public async Task RedirectToAnotherServer_IsRefusedAndNeverCalled()
    {
        await using var given = await Given.ServerAsync();
        await using var elsewhere = await Given.ServerAsync();
        var target = $"{elsewhere.Server.BaseUrl.AbsoluteUri.TrimEnd('/')}/rest/api/1.0/projects/PLAT/repos/api?next=5ecret";
        given.Server.Faults.Add(new SimulatedFault { Kind = FaultKind.Redirect, Location = target, Path = "/rest/api/*/projects/**" });
        using var bitbucket = given.Client();

        var fault = await Given.FaultAsync(() => bitbucket.GetRepositoryAsync(Given.Api, Cancellation));

        fault.Reason.Name.ShouldBe("RedirectRefused");
        fault.Message.ShouldContain($"127.0.0.1:{elsewhere.Server.BaseUrl.Port}");
        fault.Message.ShouldNotContain("5ecret");
        elsewhere.Server.Requests.Entries.ShouldBeEmpty();
    }

    [Fact]
    public async Task RedirectOutOfRest_IsNotFollowed()
    {
        await using var given = await Given.ServerAsync();
        given.Server.Faults.Add(new SimulatedFault { Kind = FaultKind.Redirect, Path = "/rest/api/*/projects/**" });
        using var bitbucket = given.Client();

        (await Given.FaultAsync(() => bitbucket.GetRepositoryAsync(Given.Api, Cancellation))).Reason.Name.ShouldBe("RedirectRefused");
        given.Server.Requests.Entries.ShouldHaveSingleItem();
    }

    [Fact]
    public async Task RedirectInACircle_IsFollowedOnce()
    {
        await using var given = await Given.ServerAsync();
        given.Server.Faults.Add(
            new SimulatedFault { Kind = FaultKind.Redirect, Location = "/rest/api/1.0/projects/PLAT/repos/api", Path = "/rest/api/*/projects/**" });
        using var bitbucket = given.Client();

        (await Given.FaultAsync(() => bitbucket.GetRepositoryAsync(Given.Api, Cancellation))).Reason.Name.ShouldBe("RedirectRefused");
        given.Server.Requests.Entries.Count.ShouldBe(2);
    }
}
