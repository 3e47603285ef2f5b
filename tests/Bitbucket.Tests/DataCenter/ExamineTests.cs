using BitbucketOperator.Bitbucket.DataCenter;
using BitbucketOperator.BitbucketSimulator.Faults;
using BitbucketOperator.BitbucketSimulator.State;
using BitbucketOperator.Core.Port;
using Repository = BitbucketOperator.Core.Port.Repository;
using SimulatedFault = BitbucketOperator.BitbucketSimulator.Faults.Fault;

namespace BitbucketOperator.Bitbucket.Tests.DataCenter;

/// <summary>What is found out about a credential, over the wire.</summary>
public sealed class ExamineTests
{
    private static readonly Repository Sample = new("1", Given.Api);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task TokenOfAUser_IsOneAndMayRead()
    {
        await using var given = await Given.ServerAsync();
        using var bitbucket = given.Client();

        var report = await ExamineAsync(bitbucket, Sample);

        report.Kind.ShouldBe(PrincipalKind.User);
        report.Findings.ShouldBe(
            new Dictionary<Capability, Finding>
            {
                [Capability.ReadAccount] = new(Grant.Granted, Evidence.Tried),
                [Capability.ReadProjects] = new(Grant.Granted, Evidence.Tried),
                [Capability.ReadPullRequests] = new(Grant.Granted, Evidence.Tried),
            },
            ignoreOrder: true);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task TokenOfAProjectOrRepository_IsTold(bool ofProject)
    {
        await using var given = await Given.ServerAsync();
        given.Server.Change(world =>
        {
            if (ofProject) world.AddToken("t", world.ProjectAt("PLAT"), ["PROJECT_READ", "REPO_READ"], "scoped");
            else world.AddToken("t", world.RepositoryAt("PLAT/api"), ["REPO_READ"], "scoped");
        });
        using var bitbucket = given.Client(Given.Bearer("scoped"));

        (await ExamineAsync(bitbucket, Sample)).Kind.ShouldBe(PrincipalKind.ProjectOrRepository);
    }

    [Fact]
    public async Task UserOfAnotherNameThatTheFilterFinds_IsNotTheTokens()
    {
        await using var given = await Given.ServerAsync();
        var login = "";
        given.Server.Change(world =>
        {
            login = world.AddToken("t", world.ProjectAt("PLAT"), ["REPO_READ"], "scoped").Login!;
            world.AddUser(login + "-2");
            world.AddUser("someone").DisplayName = login;
        });
        using var bitbucket = given.Client(Given.Bearer("scoped"));

        (await ExamineAsync(bitbucket, Sample)).Kind.ShouldBe(PrincipalKind.ProjectOrRepository);
    }

    [Fact]
    public async Task UserWhoseNameManyContain_IsFoundOnALaterPage()
    {
        await using var given = await Given.ServerAsync();
        given.Server.Change(world =>
        {
            world.Quirks.PageCap = 10;
            for (var i = 0; i < 25; i++) world.AddUser($"a-bot-{i}");
            world.AddToken("t", world.AddUser("a-bot"), ["REPO_READ"], "late");
        });
        using var bitbucket = given.Client(Given.Bearer("late"));

        (await ExamineAsync(bitbucket, Sample)).Kind.ShouldBe(PrincipalKind.User);
    }

    [Theory]
    [InlineData("bot", "NORMAL", PrincipalKind.User)]
    [InlineData("Bot", null, PrincipalKind.User)]
    [InlineData("bot", "SERVICE", PrincipalKind.ProjectOrRepository)]
    [InlineData("bot-2", "NORMAL", null)]
    [InlineData(null, "NORMAL", null)]
    public void UserThatIsFound_MeansThis(string? name, string? type, PrincipalKind? kind) =>
        CredentialExaminer.KindOf(new(name, type), "bot").ShouldBe(kind);

    [Theory]
    [InlineData("7.14.0")]
    [InlineData("7.15.3")]
    public async Task TokenOnAServerThatKnowsUsersOnly_IsAUsersWithoutAsking(string version)
    {
        await using var given = await Given.ServerAsync(new() { Version = version });
        using var bitbucket = given.Client();

        (await ExamineAsync(bitbucket, Sample)).Kind.ShouldBe(PrincipalKind.User);
        given.Server.Requests.Entries.ShouldAllBe(entry => !entry.Path.EndsWith("/users", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("9.4.2-SNAPSHOT")]
    [InlineData("10.0.0-eap1")]
    [InlineData("7.16.0")]
    [InlineData("8.19.0")]
    public async Task TokenOnALaterServer_IsLookedFor(string version)
    {
        await using var given = await Given.ServerAsync();
        given.Server.Faults.Add(new SimulatedFault
        {
            Kind = FaultKind.Status, Status = 200, ContentType = "application/json", Path = "/rest/api/*/application-properties",
            Body = $$"""{"version":"{{version}}","displayName":"Bitbucket"}""",
        });
        given.Server.Change(world => world.AddToken("t", world.ProjectAt("PLAT"), ["REPO_READ"], "scoped"));
        using var bitbucket = given.Client(Given.Bearer("scoped"));

        (await ExamineAsync(bitbucket, Sample)).Kind.ShouldBe(PrincipalKind.ProjectOrRepository);
    }

    [Fact]
    public async Task BasicLogin_IsAUserWithoutAsking()
    {
        await using var given = await Given.ServerAsync();
        using var bitbucket = given.Client(Given.Basic(Given.Password));

        (await ExamineAsync(bitbucket, Sample)).Kind.ShouldBe(PrincipalKind.User);
        given.Server.Requests.Entries.ShouldAllBe(entry => !entry.Path.EndsWith("/users", StringComparison.Ordinal));
    }

    [Fact]
    public async Task ServerThatNamesNobody_LeavesTheKindOpen()
    {
        await using var given = await Given.ServerAsync();
        given.Server.Change(world => world.Quirks.StripUserHeader = true);
        using var bitbucket = given.Client();

        (await ExamineAsync(bitbucket, Sample)).Kind.ShouldBeNull();
    }

    [Fact]
    public async Task NoProjectInSight_IsUnknown()
    {
        await using var given = await Given.ServerAsync();
        given.Server.Change(world => world.AddToken("t", world.AddUser("new"), ["REPO_READ"], "lonely"));
        using var bitbucket = given.Client(Given.Bearer("lonely"));

        var finding = (await ExamineAsync(bitbucket, sample: null)).Findings[Capability.ReadProjects];

        (finding.State, finding.FoundBy).ShouldBe((Grant.Unknown, Evidence.Tried));
        finding.Message.ShouldNotBeNull().ShouldContain("PROJECT_READ");
    }

    [Fact]
    public async Task ProjectBehindEmptyPages_IsFound()
    {
        await using var given = await Given.ServerAsync();
        given.Server.Change(world =>
        {
            for (var i = 0; i < 30; i++) world.AddProject($"HIDDEN{i}");
            world.AddToken("t", world.AddUser("new"), ["PROJECT_READ"], "late");
            world.UserNamed("new").ProjectGrants[world.AddProject("SEEN").Id] = Level.Read;
        });
        using var bitbucket = given.Client(Given.Bearer("late"));

        (await ExamineAsync(bitbucket, sample: null)).Findings[Capability.ReadProjects].State.ShouldBe(Grant.Granted);
    }

    [Fact]
    public async Task ProjectOfARepositoryThatIsKnown_CostsOneRequest_WhereverItIs()
    {
        await using var given = await Given.ServerAsync();
        given.Server.Change(world =>
        {
            for (var i = 0; i < 150; i++) world.AddProject($"HIDDEN{i}");
            world.AddProject("SEEN");
            world.AddToken("t", world.ProjectAt("SEEN"), ["PROJECT_READ"], "late");
            world.AddRepository("SEEN", "x");
        });
        using var bitbucket = given.Client(Given.Bearer("late"));

        (await ExamineAsync(bitbucket, new("9", new("SEEN", "x")))).Findings[Capability.ReadProjects].State.ShouldBe(Grant.Granted);
        given.Server.Requests.Entries.Where(e => e.Path.Contains("/projects", StringComparison.Ordinal)).Select(e => e.Path)
            .ShouldBe(["/rest/api/1.0/projects/SEEN", "/rest/api/1.0/projects/SEEN/repos/x/pull-requests"]);
    }

    [Fact]
    public async Task RepositoryThatMayNotBeRead_IsMissingAndNamesRightAndRepository()
    {
        await using var given = await Given.ServerAsync();
        given.Server.Change(world =>
        {
            world.AddProject("HIDDEN");
            world.AddRepository("HIDDEN", "x");
        });
        using var bitbucket = given.Client();

        var finding = (await ExamineAsync(bitbucket, new("9", new("HIDDEN", "x")))).Findings[Capability.ReadPullRequests];

        (finding.State, finding.FoundBy).ShouldBe((Grant.Missing, Evidence.Tried));
        finding.Message.ShouldBe("token lacks REPO_READ on HIDDEN/x");
    }

    [Fact]
    public async Task DeniedListOfProjects_IsMissingAndNamesTheRight()
    {
        await using var given = await Given.ServerAsync();
        given.Server.Change(world => world.Quirks.StripUserHeader = true);
        given.Server.Faults.Add(new SimulatedFault
        {
            Kind = FaultKind.Status, Status = 401, ContentType = "application/json", Path = "/rest/api/*/projects",
            Body = """{"errors":[{"message":"no","exceptionName":"com.atlassian.bitbucket.AuthorisationException"}]}""",
        });
        using var bitbucket = given.Client();

        var finding = (await ExamineAsync(bitbucket, sample: null)).Findings[Capability.ReadProjects];

        finding.State.ShouldBe(Grant.Missing);
        finding.Message.ShouldNotBeNull().ShouldContain("PROJECT_READ");
    }

    [Fact]
    public async Task NoSample_IsNotTried()
    {
        await using var given = await Given.ServerAsync();
        using var bitbucket = given.Client();

        var finding = (await ExamineAsync(bitbucket, sample: null)).Findings[Capability.ReadPullRequests];

        (finding.State, finding.FoundBy).ShouldBe((Grant.Unknown, Evidence.NotTried));
    }

    [Theory]
    [InlineData(FaultKind.Status, 500)]
    [InlineData(FaultKind.RateLimited, 429)]
    [InlineData(FaultKind.Html, 200)]
    [InlineData(FaultKind.Reset, 0)]
    public async Task TryThatFails_IsUnknownWithItsReason(FaultKind kind, int status)
    {
        await using var given = await Given.ServerAsync();
        foreach (var path in new[] { "/rest/api/*/users", "/rest/api/*/projects", "/rest/api/*/projects/**" })
            given.Server.Faults.Add(new SimulatedFault { Kind = kind, Status = status, Path = path });
        using var bitbucket = given.Client();

        var report = await ExamineAsync(bitbucket, Sample);

        report.Kind.ShouldBeNull();
        report.Findings[Capability.ReadAccount].State.ShouldBe(Grant.Granted);
        foreach (var capability in new[] { Capability.ReadProjects, Capability.ReadPullRequests })
        {
            report.Findings[capability].State.ShouldBe(Grant.Unknown);
            report.Findings[capability].Message.ShouldNotBeNullOrEmpty();
        }
    }

    [Fact]
    public async Task CredentialRefusedOnTheWay_LeavesTheRestUnknown()
    {
        await using var given = await Given.ServerAsync();
        using var bitbucket = given.Client();
        await bitbucket.GetAccountAsync(Cancellation);
        given.Server.Change(world => world.TokenNamed("operator").Revoked = true);

        var report = await bitbucket.ExamineAsync(Sample, Cancellation);

        report.Kind.ShouldBeNull();
        report.Findings.Values.ShouldAllBe(finding => finding.State == Grant.Unknown && finding.Message!.Contains("spec.auth.secretRef"));
        given.Server.Requests.Entries.Count(entry => entry.CredentialSent).ShouldBe(2);
    }

    [Fact]
    public async Task SecondCredential_IsNamedByItsField()
    {
        await using var given = await Given.ServerAsync();
        using var bitbucket = given.Connect(t => t with { Credential = Given.Bearer("wrong"), CredentialField = "spec.webhookAuth" });

        (await Given.FaultAsync(() => bitbucket.GetAccountAsync(Cancellation))).Message.ShouldContain("the Secret of spec.webhookAuth.secretRef");
    }

    private static async Task<CredentialReport> ExamineAsync(IBitbucket bitbucket, Repository? sample)
    {
        await bitbucket.GetAccountAsync(Cancellation);
        return await bitbucket.ExamineAsync(sample, Cancellation);
    }
}
