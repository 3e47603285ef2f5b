using BitbucketOperator.BitbucketSimulator.Cloud;
using BitbucketOperator.BitbucketSimulator.Faults;
using BitbucketOperator.BitbucketSimulator.State;
using BitbucketOperator.Core.Port;
using SimulatedFault = BitbucketOperator.BitbucketSimulator.Faults.Fault;

namespace BitbucketOperator.Bitbucket.Tests.Cloud;

/// <summary>What a credential may do, found out over the wire.</summary>
public sealed class PermissionTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>kind; account kind; expected capabilities, all of them granted.</summary>
    public static TheoryData<string, PrincipalKind, string> Kinds => new()
    {
        { "ApiToken", PrincipalKind.User, "ReadAccount ReadProjects ReadRepositories ReadPullRequests ReadWebhooks ManageWebhooks DeleteWebhooks" },
        { "ProjectToken", PrincipalKind.Project, "ReadProjects ReadRepositories ReadPullRequests ReadWebhooks ManageWebhooks" },
        { "WorkspaceToken", PrincipalKind.Workspace, "ReadProjects ReadRepositories ReadPullRequests ReadWebhooks ManageWebhooks" },
        { "Consumer", PrincipalKind.OAuthConsumer, "ReadAccount ReadProjects ReadRepositories ReadPullRequests ReadWebhooks ManageWebhooks" },
    };

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Scopes_TellWithoutARequest(string kind, PrincipalKind account, string granted)
    {
        await using var given = await GivenCloud.ServerAsync();
        using var bitbucket = given.Client(LoginTests.Of(kind));
        await bitbucket.GetAccountAsync(Cancellation);
        given.Server.Requests.Reset();

        var report = await bitbucket.ExamineAsync(sample: null, Cancellation);

        report.Kind.ShouldBe(account);
        Describe(report).ShouldBe(string.Join(' ', granted.Split(' ').Select(capability => $"{capability}=Granted/Scopes")));
        given.Server.Counters.Requests.ShouldBe(0);
    }

    [Fact]
    public async Task ScopeThatIsMissing_IsNamedWithTheWayToAddIt()
    {
        await using var given = await GivenCloud.ServerAsync();
        given.SetScopes("api-token", "read:repository:bitbucket", "read:webhook:bitbucket");
        given.SetScopes("repository-token", "pullrequest:write");

        var ofUser = await ExamineAsync(given, GivenCloud.ApiToken);
        var ofRepository = await ExamineAsync(given, GivenCloud.RepositoryToken);

        Describe(ofUser).ShouldBe("ReadAccount=Missing/Scopes ReadProjects=Missing/Scopes ReadRepositories=Granted/Scopes ReadPullRequests=Missing/Scopes "
            + "ReadWebhooks=Granted/Scopes ManageWebhooks=Missing/Scopes DeleteWebhooks=Missing/Scopes");
        ofUser.Findings[Capability.ManageWebhooks].Message!.ShouldStartWith(
            "API token lacks scope write:webhook:bitbucket. Put an API token that has scope write:webhook:bitbucket too into");
        Describe(ofRepository).ShouldBe("ReadProjects=Missing/Scopes ReadRepositories=Granted/Scopes ReadPullRequests=Granted/Scopes "
            + "ReadWebhooks=Missing/Scopes ManageWebhooks=Missing/Scopes");
        ofRepository.Findings[Capability.ManageWebhooks].Message!.ShouldContain("Put a repository access token that has scope webhook too into");
    }

    [Fact]
    public async Task TokenEndpoint_TellsTheScopesOfAConsumerWhereNoHeaderDoes()
    {
        await using var given = await GivenCloud.ServerAsync();
        given.Server.Change(world =>
        {
            world.Quirks.ScopeHeaders = false;
            CloudWorld.SetScopes(world.ConsumerNamed(GivenCloud.ConsumerKey), ["account", "repository"]);
        });

        var report = await ExamineAsync(given, GivenCloud.Consumer);

        Describe(report).ShouldBe("ReadAccount=Granted/Scopes ReadProjects=Missing/Scopes ReadRepositories=Granted/Scopes ReadPullRequests=Missing/Scopes "
            + "ReadWebhooks=Missing/Scopes ManageWebhooks=Missing/Scopes");
        report.Findings[Capability.ManageWebhooks].Message!.ShouldContain("Tick Webhooks: Read and write (scope webhook) on the OAuth consumer");
    }

    [Theory]
    [InlineData("ApiToken", "ReadAccount=Granted/Tried ReadProjects=Granted/Tried ReadPullRequests=Granted/Tried ReadWebhooks=Granted/Tried "
        + "ManageWebhooks=Granted/Tried DeleteWebhooks=Granted/Tried")]
    [InlineData("WorkspaceToken", "ReadProjects=Granted/Tried ReadPullRequests=Granted/Tried ReadWebhooks=Granted/Tried ManageWebhooks=Granted/Tried")]
    public async Task WithoutScopes_EachIsTriedAndNothingChanged(string kind, string expected)
    {
        await using var given = await GivenCloud.ServerAsync();
        given.Server.Change(world => world.AddWebhook(world.RepositoryAt("acme/api"), hook => hook.Url = "https://ci.example.com"));

        Describe(await ExamineWithoutHeadersAsync(given, LoginTests.Of(kind))).ShouldBe(expected);

        given.Server.Read(world => world.Webhooks.Single().Url).ShouldBe("https://ci.example.com");
        given.Server.Counters.WebhookWrites.ShouldBe(0);
    }

    [Theory]
    [InlineData("read:user:bitbucket", "ReadAccount")]
    [InlineData("read:project:bitbucket", "ReadProjects")]
    [InlineData("read:pullrequest:bitbucket", "ReadPullRequests")]
    [InlineData("read:webhook:bitbucket", "ReadWebhooks")]
    [InlineData("write:webhook:bitbucket", "ManageWebhooks")]
    [InlineData("delete:webhook:bitbucket", "DeleteWebhooks")]
    public async Task EachScopeThatIsMissing_IsFoundByTrying(string scope, string capability)
    {
        await using var given = await GivenCloud.ServerAsync();
        given.Server.Change(world =>
        {
            var token = world.TokenNamed("api-token");
            CloudWorld.SetScopes(token, token.Scopes.Except([scope]));
        });

        var report = await ExamineWithoutHeadersAsync(given, GivenCloud.ApiToken);

        var finding = report.Findings[Enum.Parse<Capability>(capability)];
        (finding.State, finding.FoundBy).ShouldBe((Grant.Missing, Evidence.Tried));
        finding.Message!.ShouldContain($"Put an API token that has scope {scope} too into");
    }

    [Fact]
    public async Task RightOnTheRepository_IsToldApartFromTheScope()
    {
        await using var given = await GivenCloud.ServerAsync();
        given.Server.Change(world => world.UserNamed("bot").Join(world.WorkspaceAt("acme"), WorkspaceRole.Member, Level.Write));

        var report = await ExamineWithoutHeadersAsync(given, GivenCloud.ApiToken);

        report.Findings[Capability.ReadWebhooks].State.ShouldBe(Grant.Missing);
        report.Findings[Capability.ReadWebhooks].Message!.ShouldContain("lacks permission to administer the repository");
        report.Findings[Capability.ManageWebhooks].State.ShouldBe(Grant.Unknown);
        report.Findings[Capability.ReadPullRequests].State.ShouldBe(Grant.Granted);
    }

    [Fact]
    public async Task WithoutASample_OnlyWhatNeedsNoneIsTried()
    {
        await using var given = await GivenCloud.ServerAsync();
        given.Server.Change(world => world.Quirks.ScopeHeaders = false);
        using var bitbucket = given.Client();
        await bitbucket.GetAccountAsync(Cancellation);

        Describe(await bitbucket.ExamineAsync(sample: null, Cancellation)).ShouldBe("ReadAccount=Granted/Tried ReadProjects=Granted/Tried");
    }

    [Theory]
    [InlineData(FaultKind.Status)]
    [InlineData(FaultKind.Html)]
    [InlineData(FaultKind.Reset)]
    [InlineData(FaultKind.RateLimited)]
    public async Task WhatCannotBeTried_IsUnknownAndNoFault(FaultKind kind)
    {
        await using var given = await GivenCloud.ServerAsync();
        given.Server.Faults.Add(new SimulatedFault { Kind = kind, Path = "/2.0/repositories/**" });

        var report = await ExamineWithoutHeadersAsync(given, GivenCloud.ApiToken);

        Describe(report).ShouldBe("ReadAccount=Granted/Tried ReadProjects=Granted/Tried ReadPullRequests=Unknown/Tried ReadWebhooks=Unknown/Tried "
            + "ManageWebhooks=Unknown/Tried DeleteWebhooks=Unknown/Tried");
        report.Findings[Capability.ManageWebhooks].Message.ShouldNotBeNullOrEmpty();
    }

    private static async Task<CredentialReport> ExamineWithoutHeadersAsync(GivenCloud given, Credential credential)
    {
        given.Server.Change(world => world.Quirks.ScopeHeaders = false);
        return await ExamineAsync(given, credential);
    }

    private static async Task<CredentialReport> ExamineAsync(GivenCloud given, Credential credential)
    {
        using var bitbucket = given.Client(credential);
        await bitbucket.GetAccountAsync(Cancellation);
        return await bitbucket.ExamineAsync(new Core.Port.Repository("{1}", GivenCloud.Api), Cancellation);
    }

    private static string Describe(CredentialReport report) =>
        string.Join(' ', report.Findings.OrderBy(finding => finding.Key).Select(finding => $"{finding.Key}={finding.Value.State}/{finding.Value.FoundBy}"));
}
