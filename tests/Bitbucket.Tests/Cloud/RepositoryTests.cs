using BitbucketOperator.BitbucketSimulator.Cloud;
using BitbucketOperator.BitbucketSimulator.Cloud.Api;
using BitbucketOperator.BitbucketSimulator.Faults;
using BitbucketOperator.BitbucketSimulator.Serving;
using BitbucketOperator.BitbucketSimulator.State;
using BitbucketOperator.Core.Port;
using SimulatedFault = BitbucketOperator.BitbucketSimulator.Faults.Fault;

namespace BitbucketOperator.Bitbucket.Tests.Cloud;

/// <summary>Discovery, over the wire.</summary>
public sealed class RepositoryTests
{
    private const string Listing = "/2.0/repositories/acme";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Listing_TellsUuidProjectAndFork()
    {
        await using var given = await GivenCloud.ServerAsync();
        using var bitbucket = given.Client();

        var all = await Given.ListAsync(bitbucket);

        all.Select(repository => repository.Name.ToString()).ShouldBe(["PLAT/api", "PLAT/web", "TOOLS/cli"], ignoreOrder: true);
        all.Select(repository => repository.Id)
            .ShouldBe(given.Server.Read(world => world.Repositories.Select(repository => repository.Id).ToList()), ignoreOrder: true);
        all.ShouldAllBe(repository => repository.Id.StartsWith('{') && repository.Id.EndsWith('}'));
        all.ShouldAllBe(repository => !repository.Archived && !repository.Personal);
        all.Single(repository => repository.Fork).Name.Slug.ShouldBe("web");
        all.ShouldAllBe(repository => repository.SelfLink!.EndsWith($"/acme/{repository.Name.Slug}", StringComparison.Ordinal));
        all.ShouldAllBe(repository => repository.Title != null);
        all.ShouldAllBe(repository => repository.CloneUrls!.For(repository.Name).Https == $"https://bitbucket.org/acme/{repository.Name.Slug}.git");
        all.ShouldAllBe(repository => repository.CloneUrls!.For(repository.Name).Ssh == $"git@bitbucket.org:acme/{repository.Name.Slug}.git");
    }

    [Fact]
    public async Task LongListing_IsReadWholeAndOnce()
    {
        await using var given = await GivenCloud.ServerAsync(generate: new() { Workspace = "acme", Projects = 2, Repositories = 170 });
        using var bitbucket = given.Client();

        foreach (var opaque in new[] { true, false })
        {
            given.Server.Change(world => (world.Quirks.OpaqueNext, world.Quirks.EmptyNextAtEnd) = (opaque, opaque));
            given.Server.Requests.Reset();

            (await Given.ListAsync(bitbucket)).Select(repository => repository.Id).Distinct().Count().ShouldBe(343);
            given.Server.Counters.Requests.ShouldBe(4);
        }
    }

    [Fact]
    public async Task ProjectOfManyRepositories_IsReadWholeAndAlone()
    {
        await using var given = await GivenCloud.ServerAsync(generate: new() { Workspace = "acme", Projects = 2, Repositories = 170 });
        using var bitbucket = given.Client();

        var key = given.Server.Read(world => world.WorkspaceAt("acme").Projects[^1].Key);
        var listed = await Given.ListAsync(bitbucket, key);

        listed.Count.ShouldBe(170);
        listed.ShouldAllBe(repository => repository.Name.Project == key);
        given.Server.Counters.Requests.ShouldBe(2);
    }

    [Fact]
    public async Task FilterThatTheServerIgnores_IsAppliedAllTheSame()
    {
        await using var given = await GivenCloud.ServerAsync();
        const string body = """{"values":[{"uuid":"{1}","slug":"a","project":{"key":"plat"}},{"uuid":"{2}","slug":"b","project":{"key":"OTHER"}},"""
            + """{"uuid":"{3}","slug":"c","project":null}]}""";
        Answer(given, Listing, 200, body);
        using var bitbucket = given.Client();

        (await Given.ListAsync(bitbucket, "PLAT")).Single().Name.ShouldBe(new RepositoryName("PLAT", "a"));
    }

    [Fact]
    public async Task RepositoryWithoutProject_IsNamedByItsWorkspace()
    {
        await using var given = await GivenCloud.ServerAsync();
        given.Server.Change(world => (world.Quirks.NullProject, world.Quirks.NullWorkspace) = (true, true));
        using var bitbucket = given.Client();

        (await Given.ListAsync(bitbucket)).ShouldAllBe(repository => repository.Name.Project == "acme");
    }

    [Fact]
    public async Task ProjectWithoutRepositories_IsEmpty()
    {
        await using var given = await GivenCloud.ServerAsync();
        using var bitbucket = given.Client();

        (await Given.ListAsync(bitbucket, "EMPTY")).ShouldBeEmpty();
    }

    [Fact]
    public async Task ProjectThatDoesNotExist_IsToldApartFromAnEmptyOne()
    {
        await using var given = await GivenCloud.ServerAsync();
        using var bitbucket = given.Client();

        var fault = await Given.FaultAsync(() => Given.ListAsync(bitbucket, "NOPE"));

        (fault.Class, fault.Reason.Name).ShouldBe((FaultClass.Waiting, "ProjectNotFound"));
    }

    [Theory]
    [InlineData("plat", null, 2)]
    [InlineData("Plat", null, 2)]
    [InlineData("PLAT", null, 1)]
    [InlineData("plat", 404, 2)]
    [InlineData("plat", 403, 2)]
    public async Task ProjectInAnotherCase_IsListedAsBitbucketSpellsIt(string key, int? status, int listings)
    {
        await using var given = await GivenCloud.ServerAsync();
        var body = status == 404
            ? """{"type":"error","error":{"message":"No such project"}}"""
            : """{"type":"error","error":{"message":"Scopes are missing.","detail":{"required":["project"],"granted":["repository"]}}}""";
        if (status is { } answer)
        {
            given.Server.Faults.Add(new SimulatedFault
            {
                // Case does not matter to a fault: the first answer alone is for the key as it was written.
                Kind = FaultKind.Status, Status = answer, Body = body, ContentType = "application/json", Path = "/2.0/workspaces/acme/projects/plat",
                Count = answer == 404 ? 1 : null,
            });
        }

        using var bitbucket = given.Client();

        var found = await Given.ListAsync(bitbucket, key);

        found.Select(repository => repository.Name.ToString()).ShouldBe(["PLAT/api", "PLAT/web"], ignoreOrder: true);
        given.Server.Requests.Entries.Count(entry => entry.Path == Listing).ShouldBe(listings);
    }

    [Fact]
    public async Task EmptyProjectInAnotherCase_IsEmpty()
    {
        await using var given = await GivenCloud.ServerAsync();
        using var bitbucket = given.Client();

        (await Given.ListAsync(bitbucket, "empty")).ShouldBeEmpty();
    }

    [Fact]
    public async Task ProjectThatMayNotBeSeen_IsEmptyWhenItListsNothing()
    {
        await using var given = await GivenCloud.ServerAsync();
        given.SetScopes("api-token", "read:repository:bitbucket");
        using var bitbucket = given.Client();

        (await Given.ListAsync(bitbucket, "NOPE")).ShouldBeEmpty();
    }

    [Fact]
    public async Task WorkspaceThatDoesNotExist_IsNamedWithItsField()
    {
        await using var given = await GivenCloud.ServerAsync();
        using var bitbucket = given.Client(workspace: "acne");

        var fault = await Given.FaultAsync(() => Given.ListAsync(bitbucket));

        (fault.Class, fault.Reason.Name).ShouldBe((FaultClass.Waiting, "WorkspaceNotFound"));
        fault.Message.ShouldContain("acne");
        fault.Message.ShouldContain("spec.workspace");
    }

    [Fact]
    public async Task AccessTokens_ListWhatTheyReach()
    {
        await using var given = await GivenCloud.ServerAsync();

        (await ListAsync(GivenCloud.RepositoryToken)).ShouldBe(["PLAT/api"]);
        (await ListAsync(GivenCloud.ProjectToken)).ShouldBe(["PLAT/api", "PLAT/web"]);
        (await ListAsync(GivenCloud.WorkspaceToken)).ShouldBe(["PLAT/api", "PLAT/web", "TOOLS/cli"]);

        async Task<IEnumerable<string>> ListAsync(Credential credential)
        {
            using var bitbucket = given.Client(credential);
            return (await Given.ListAsync(bitbucket)).Select(repository => repository.Name.ToString()).Order();
        }
    }

    [Fact]
    public async Task RepositoryTokenThatMayNotList_FindsItsRepositoryByName()
    {
        await using var given = await GivenCloud.ServerAsync();
        given.Server.Change(world => world.Quirks.RepositoryTokenListing = RepositoryTokenListing.Refused);
        using var bitbucket = given.Client(GivenCloud.RepositoryToken);

        var fault = await Given.FaultAsync(() => Given.ListAsync(bitbucket));

        (fault.Class, fault.Reason.Name).ShouldBe((FaultClass.Waiting, "ReadPermissionDenied"));
        fault.Message.ShouldContain("spec.discovery.repositories");
        (await bitbucket.GetRepositoryAsync(GivenCloud.Api, Cancellation)).Name.ShouldBe(GivenCloud.Api);
    }

    [Fact]
    public async Task ScopeThatIsMissing_IsNamed()
    {
        await using var given = await GivenCloud.ServerAsync();
        given.SetScopes("api-token", "read:user:bitbucket");
        using var bitbucket = given.Client();

        var fault = await Given.FaultAsync(() => Given.ListAsync(bitbucket));

        (fault.Class, fault.Reason.Name).ShouldBe((FaultClass.Waiting, "ReadPermissionDenied"));
        fault.Message.ShouldContain("read:repository:bitbucket");
    }

    [Fact]
    public async Task RemovedEndpoint_IsToldApartFromSpam()
    {
        await using var given = await GivenCloud.ServerAsync();
        using var bitbucket = given.Client();
        given.Server.Change(world => world.WorkspaceAt("acme").Spam = true);
        var spam = await Given.FaultAsync(() => Given.ListAsync(bitbucket));
        given.Server.Change(world => (world.WorkspaceAt("acme").Spam, world.Quirks.Brownouts) = (false, [Listing]));
        var removed = await Given.FaultAsync(() => Given.ListAsync(bitbucket));

        spam.Message.ShouldContain("spam");
        spam.Reason.Name.ShouldBe("ReadPermissionDenied");
        removed.Reason.Name.ShouldBe("EndpointRemoved");
        removed.Message.ShouldContain("CHANGE-2770");
    }

    [Theory]
    [InlineData(WorkspaceGate.AllowList, "to the workspace's IP allowlist")]
    [InlineData(WorkspaceGate.TwoStep, "Enable two-step verification for its account")]
    public async Task WorkspaceThatIsClosedToUs_SaysWhy(WorkspaceGate gate, string words)
    {
        await using var given = await GivenCloud.ServerAsync();
        given.Server.Change(world => world.WorkspaceAt("acme").Gate = gate);
        using var bitbucket = given.Client(GivenCloud.WorkspaceToken);

        var fault = await Given.FaultAsync(() => Given.ListAsync(bitbucket));

        fault.Reason.Name.ShouldBe("ReadPermissionDenied");
        fault.Message.ShouldContain(words);
    }

    [Theory]
    [InlineData(FaultKind.PagingWithoutNext)]
    [InlineData(FaultKind.PagingNotIncreasing)]
    [InlineData(FaultKind.PagingToAnotherHost)]
    public async Task PagesThatLeadAstray_EndTheListing(FaultKind kind)
    {
        await using var given = await GivenCloud.ServerAsync(generate: new() { Workspace = "acme", Projects = 1, Repositories = 150 });
        given.Server.Faults.Add(new SimulatedFault { Kind = kind, Path = Listing, Page = 1 });
        using var bitbucket = given.Client();

        var fault = await Given.FaultAsync(() => Given.ListAsync(bitbucket));

        (fault.Class, fault.Reason.Name).ShouldBe((FaultClass.Transient, "ListingIncomplete"));
    }

    [Theory]
    [InlineData("""{"values":[],"next":"{0}/2.0/../admin"}""")]
    [InlineData("""{"values":[],"next":"{0}/1.0/repositories/acme"}""")]
    [InlineData("""{"values":[],"next":"/2.0/repositories/acme?page=2"}""")]
    [InlineData("""{"values":[],"next":"file:///etc/passwd"}""")]
    [InlineData("""{"values":null}""")]
    [InlineData("{}")]
    [InlineData("""{"values":[null]}""")]
    [InlineData("""{"values":[{"slug":"api"}]}""")]
    [InlineData("""{"values":[{"uuid":"{1}","slug":""}]}""")]
    public async Task PageWithoutSense_EndsTheListing(string body)
    {
        await using var given = await GivenCloud.ServerAsync();
        Answer(given, Listing, 200, body.Replace("{0}", given.Server.ApiUrl.GetLeftPart(UriPartial.Authority), StringComparison.Ordinal));
        using var bitbucket = given.Client();

        (await Given.FaultAsync(() => Given.ListAsync(bitbucket))).Reason.Name.ShouldBe("ListingIncomplete");
        given.Server.Counters.Requests.ShouldBe(1);
    }

    [Fact]
    public async Task Pages_AreBounded()
    {
        await using var given = await GivenCloud.ServerAsync(new() { MaxPages = 2 }, generate: new() { Workspace = "acme", Projects = 1, Repositories = 250 });
        using var bitbucket = given.Client();

        (await Given.FaultAsync(() => Given.ListAsync(bitbucket))).Reason.Name.ShouldBe("ListingIncomplete");
        given.Server.Counters.Requests.ShouldBe(2);
    }

    [Theory]
    [InlineData(FaultKind.Html, "UnexpectedAnswer")]
    [InlineData(FaultKind.BrokenJson, "UnexpectedAnswer")]
    [InlineData(FaultKind.Reset, "ServerUnreachable")]
    [InlineData(FaultKind.Redirect, "RedirectRefused")]
    public async Task SecondPageThatFails_EndsTheListing(FaultKind kind, string reason)
    {
        await using var given = await GivenCloud.ServerAsync(generate: new() { Workspace = "acme", Projects = 1, Repositories = 150 });
        given.Server.Faults.Add(new SimulatedFault { Kind = kind, Path = Listing, Page = 2 });
        using var bitbucket = given.Client();

        (await Given.FaultAsync(() => Given.ListAsync(bitbucket))).Reason.Name.ShouldBe(reason);
    }

    [Fact]
    public async Task Redirect_IsNotFollowed()
    {
        await using var given = await GivenCloud.ServerAsync();
        await using var elsewhere = await GivenCloud.ServerAsync();
        given.Server.Faults.Add(new SimulatedFault { Kind = FaultKind.Redirect, Path = "/2.0/**", Location = elsewhere.Server.ApiUrl.AbsoluteUri });
        using var bitbucket = given.Client();

        await Given.FaultAsync(() => Given.ListAsync(bitbucket));

        elsewhere.Server.Counters.Requests.ShouldBe(0);
    }

    [Theory]
    [InlineData("PLAT", "api")]
    [InlineData("plat", "API")]
    [InlineData("acme", "api")]
    public async Task Repository_IsFoundByItsProjectOrItsWorkspace(string project, string slug)
    {
        await using var given = await GivenCloud.ServerAsync();
        using var bitbucket = given.Client();

        var found = await bitbucket.GetRepositoryAsync(new(project, slug), Cancellation);

        found.Name.ToString().ShouldBe("PLAT/api");
        found.Id.ShouldBe(given.Server.Read(world => world.RepositoryAt("acme/api").Id));
    }

    [Fact]
    public async Task RepositoryOfAnotherProject_IsNotFoundAndSaysWhereItIs()
    {
        await using var given = await GivenCloud.ServerAsync();
        using var bitbucket = given.Client();

        var fault = await Given.FaultAsync(() => bitbucket.GetRepositoryAsync(new("TOOLS", "api"), Cancellation));

        (fault.Class, fault.Reason.Name).ShouldBe((FaultClass.Waiting, "RepositoryNotFound"));
        fault.Message.ShouldContain("in project PLAT");
    }

    [Theory]
    [InlineData(MovedAnswer.NotFound, "RepositoryNotFound")]
    [InlineData(MovedAnswer.Redirect, "RedirectRefused")]
    public async Task RenamedRepository_IsNotFoundByItsOldName(MovedAnswer moved, string reason)
    {
        await using var given = await GivenCloud.ServerAsync();
        given.Server.Change(world =>
        {
            world.Quirks.Moved = moved;
            world.MoveRepository(world.RepositoryAt("acme/api"), name: "service");
        });
        using var bitbucket = given.Client();

        (await Given.FaultAsync(() => bitbucket.GetRepositoryAsync(GivenCloud.Api, Cancellation))).Reason.Name.ShouldBe(reason);
        (await bitbucket.GetRepositoryAsync(new("PLAT", "service"), Cancellation)).Name.Slug.ShouldBe("service");
    }

    [Theory]
    [InlineData(404, "RepositoryNotFound")]
    [InlineData(403, "ReadPermissionDenied")]
    public async Task RepositoryThatIsHidden_IsNotFoundOrDenied(int status, string reason)
    {
        await using var given = await GivenCloud.ServerAsync();
        given.Server.Change(world => world.Quirks.HiddenStatus = status);
        using var bitbucket = given.Client(GivenCloud.RepositoryToken);

        var fault = await Given.FaultAsync(() => bitbucket.GetRepositoryAsync(new("PLAT", "web"), Cancellation));

        (fault.Class, fault.Reason.Name).ShouldBe((FaultClass.Waiting, reason));
    }

    private static void Answer(GivenCloud given, string path, int status, string body) =>
        given.Server.Faults.Add(new SimulatedFault { Kind = FaultKind.Status, Status = status, Body = body, ContentType = "application/json", Path = path });
}
