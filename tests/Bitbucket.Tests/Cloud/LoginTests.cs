using BitbucketOperator.Bitbucket.Cloud;
using BitbucketOperator.Bitbucket.Tests.Http;
using BitbucketOperator.BitbucketSimulator.Cloud;
using BitbucketOperator.BitbucketSimulator.Faults;
using BitbucketOperator.BitbucketSimulator.State;
using BitbucketOperator.Core.Port;
using CredentialKind = BitbucketOperator.Core.Port.CredentialKind;
using SimulatedFault = BitbucketOperator.BitbucketSimulator.Faults.Fault;

namespace BitbucketOperator.Bitbucket.Tests.Cloud;

/// <summary>First contact and the proof of each kind of credential, over the wire.</summary>
public sealed class LoginTests
{
    private const string User = "/2.0/user";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static TheoryData<string, string?> Kinds => new()
    {
        { "ApiToken", "CI bot" },
        { "RepositoryToken", null },
        { "ProjectToken", null },
        { "WorkspaceToken", null },
        { "Consumer", null },
    };

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task EachKind_IsProven(string kind, string? name)
    {
        await using var given = await GivenCloud.ServerAsync(tls: true);
        using var bitbucket = given.Client(Of(kind));

        (await bitbucket.GetServerAsync(Cancellation)).ShouldBe(new ServerInfo(null, "Bitbucket Cloud"));
        (await bitbucket.GetAccountAsync(Cancellation)).ShouldBe(new Account(name));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task EachKind_IsProvenWithoutTheHeadersThatNobodyPromised(string kind, string? name)
    {
        await using var given = await GivenCloud.ServerAsync();
        given.Server.Change(world => world.Quirks.ScopeHeaders = false);
        using var bitbucket = given.Client(Of(kind));

        (await bitbucket.GetAccountAsync(Cancellation)).ShouldBe(new Account(name));
    }

    [Fact]
    public async Task AccessTokenWhoseUserIsA401_IsKnownByTheMessage()
    {
        await using var given = await GivenCloud.ServerAsync();
        given.Server.Change(world => world.Quirks.UserForAccessTokensStatus = 401);
        using var bitbucket = given.Client(GivenCloud.WorkspaceToken);

        (await bitbucket.GetAccountAsync(Cancellation)).ShouldBe(new Account(Name: null));
    }

    [Fact]
    public async Task ApiTokenThatMayNotReadItsUser_IsValidAllTheSame()
    {
        await using var given = await GivenCloud.ServerAsync();
        given.SetScopes("api-token", "read:repository:bitbucket");
        using var bitbucket = given.Client();

        (await bitbucket.GetAccountAsync(Cancellation)).ShouldBe(new Account(Name: null));
        (await Given.ListAsync(bitbucket)).Count.ShouldBe(3);
    }

    [Theory]
    [InlineData("ApiToken")]
    [InlineData("RepositoryToken")]
    [InlineData("ProjectToken")]
    [InlineData("WorkspaceToken")]
    public async Task RevokedToken_IsRefusedAndSentOnce(string kind)
    {
        foreach (var body in Enum.GetValues<UnauthorizedBody>())
        {
            await using var given = await GivenCloud.ServerAsync();
            given.Server.Change(world =>
            {
                world.Quirks.UnauthorizedBody = body;
                foreach (var token in world.Tokens) token.Revoked = true;
            });
            using var bitbucket = given.Client(Of(kind));

            (await bitbucket.GetServerAsync(Cancellation)).DisplayName.ShouldBe("Bitbucket Cloud");
            var fault = await Given.FaultAsync(() => bitbucket.GetAccountAsync(Cancellation));
            (fault.Class, fault.Reason.Name).ShouldBe((FaultClass.Waiting, "CredentialRejected"));
            fault.Message.ShouldContain("spec.auth.secretRef");
            (await Given.FaultAsync(() => Given.ListAsync(bitbucket))).Reason.Name.ShouldBe("CredentialRejected");
            given.Server.Counters.Requests.ShouldBe(1);
        }
    }

    [Fact]
    public async Task ExpiredToken_IsRefused()
    {
        await using var given = await GivenCloud.ServerAsync();
        given.Server.Change(world => world.Expire(world.TokenNamed("api-token")));
        using var bitbucket = given.Client(field: "spec.webhookAuth");

        var fault = await Given.FaultAsync(() => bitbucket.GetAccountAsync(Cancellation));

        fault.Reason.Name.ShouldBe("CredentialRejected");
        fault.Message.ShouldContain("spec.webhookAuth.secretRef");
    }

    [Fact]
    public async Task TokenRevokedBetweenRequests_DoesNotMakeAnEmptyListing()
    {
        await using var given = await GivenCloud.ServerAsync();
        using var bitbucket = given.Client();
        await bitbucket.GetAccountAsync(Cancellation);
        given.Server.Change(world => world.Revoke(world.TokenNamed("api-token")));

        (await Given.FaultAsync(() => Given.ListAsync(bitbucket))).Reason.Name.ShouldBe("CredentialRejected");
    }

    [Fact]
    public async Task UserNameInPlaceOfTheAddress_IsToldAsTheLikelyCause()
    {
        await using var given = await GivenCloud.ServerAsync();
        using var bitbucket = given.Client(new Credential.ApiToken("bot", new(GivenCloud.ApiTokenText)));

        (await Given.FaultAsync(() => bitbucket.GetAccountAsync(Cancellation))).Message.ShouldContain("has no @");
    }

    [Fact]
    public async Task ApiTokenWithoutScopes_IsRefusedWithThatCause()
    {
        await using var given = await GivenCloud.ServerAsync();
        given.SetScopes("api-token");
        using var bitbucket = given.Client();

        (await Given.FaultAsync(() => bitbucket.GetAccountAsync(Cancellation))).Message.ShouldContain("Use one with scopes");
    }

    [Fact]
    public async Task AppPassword_IsToldThatItsKindIsGone()
    {
        await using var given = await GivenCloud.ServerAsync();
        using var bitbucket = given.Client(GivenCloud.AppPassword);

        var fault = await Given.FaultAsync(() => bitbucket.GetAccountAsync(Cancellation));

        (fault.Class, fault.Reason.Name).ShouldBe((FaultClass.Waiting, "AppPasswordRemoved"));
        fault.Message.ShouldContain("removed app passwords");
        fault.Message.ShouldContain("spec.auth.type to APIToken");
    }

    [Fact]
    public async Task AppPasswordThatStillWorks_IsAnAccount()
    {
        await using var given = await GivenCloud.ServerAsync();
        given.Server.Change(world => world.Quirks.AppPasswordsUntil = DateTimeOffset.MaxValue);
        using var bitbucket = given.Client(GivenCloud.AppPassword);

        (await bitbucket.GetAccountAsync(Cancellation)).Name.ShouldBe("CI bot");
    }

    [Fact]
    public async Task ApiTokenSentAsAccessToken_IsKnownByTheHeaderWhereBitbucketTakesIt()
    {
        await using var given = await GivenCloud.ServerAsync();
        given.Server.Change(world => world.Quirks.BearerForApiTokens = true);
        using var bitbucket = given.Client(new Credential.AccessToken(new(GivenCloud.ApiTokenText)));

        var fault = await Given.FaultAsync(() => bitbucket.GetAccountAsync(Cancellation));

        (fault.Class, fault.Reason.Name).ShouldBe((FaultClass.Waiting, "WrongCredentialKind"));
        fault.Message.ShouldContain("this is an API token. Set it to APIToken");
    }

    [Fact]
    public async Task ApiTokenSentAsAccessToken_IsHintedAtByItsBeginningWhereBitbucketDoesNot()
    {
        await using var given = await GivenCloud.ServerAsync();
        given.Server.Change(world => world.AddApiToken(world.UserNamed("bot"), "ATATT3x5ecret", ["read:user:bitbucket"]));
        using var bitbucket = given.Client(new Credential.AccessToken(new("ATATT3x5ecret")));

        var fault = await Given.FaultAsync(() => bitbucket.GetAccountAsync(Cancellation));

        fault.Reason.Name.ShouldBe("CredentialRejected");
        fault.Message.ShouldContain("looks like an API token");
        fault.Message.ShouldNotContain("5ecret");
    }

    [Theory]
    [InlineData(FaultKind.Html, "UnexpectedAnswer")]
    [InlineData(FaultKind.BrokenJson, "UnexpectedAnswer")]
    [InlineData(FaultKind.Reset, "ServerUnreachable")]
    [InlineData(FaultKind.EmptyReply, "ServerUnreachable")]
    [InlineData(FaultKind.Redirect, "RedirectRefused")]
    [InlineData(FaultKind.Maintenance, "ServerError")]
    public async Task AnswerThatIsNone_ProvesNothing(FaultKind kind, string reason)
    {
        await using var given = await GivenCloud.ServerAsync();
        given.Server.Faults.Add(new SimulatedFault { Kind = kind, Path = User });
        using var bitbucket = given.Client();

        var fault = await Given.FaultAsync(() => bitbucket.GetAccountAsync(Cancellation));

        (fault.Class, fault.Reason.Name).ShouldBe((FaultClass.Transient, reason));
    }

    [Fact]
    public async Task AnswerThatBreaksOff_ProvesNothing()
    {
        using var broken = new RawServer(
            "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{\"uuid\":\"{1}\",\"display_name\":\"x\"}"u8.ToArray());
        await using var given = await GivenCloud.ServerAsync(api: new(broken.Url, "2.0"));
        using var bitbucket = given.Client();

        var fault = await Given.FaultAsync(() => bitbucket.GetAccountAsync(Cancellation));

        (fault.Class, fault.Reason.Name).ShouldBe((FaultClass.Transient, "UnexpectedAnswer"));
    }

    [Theory]
    [InlineData(200, "{}", "UnexpectedAnswer")]
    [InlineData(200, "[]", "UnexpectedAnswer")]
    [InlineData(200, "null", "UnexpectedAnswer")]
    [InlineData(200, """{"type":"error","error":{"message":"no"}}""", "UnexpectedAnswer")]
    [InlineData(401, "null", "CredentialRejected")]
    [InlineData(403, """{"type":"error","error":{"message":"Forbidden"}}""", "UnexpectedAnswer")]
    [InlineData(404, """{"type":"error","error":{"message":"Resource not found"}}""", "UnexpectedAnswer")]
    public async Task JsonThatIsNoUser_ProvesNothing(int status, string body, string reason)
    {
        await using var given = await GivenCloud.ServerAsync();
        given.Server.Faults.Add(new SimulatedFault { Kind = FaultKind.Status, Status = status, Body = body, ContentType = "application/json", Path = User });
        using var bitbucket = given.Client();

        (await Given.FaultAsync(() => bitbucket.GetAccountAsync(Cancellation))).Reason.Name.ShouldBe(reason);
    }

    [Theory]
    [InlineData(401, "CredentialRejected")]
    [InlineData(500, "ServerError")]
    [InlineData(404, null)]
    [InlineData(403, null)]
    public async Task WorkspaceOfAnAccessToken_DecidesByA401Alone(int status, string? reason)
    {
        await using var given = await GivenCloud.ServerAsync();
        const string body = """{"type":"error","error":{"message":"no"}}""";
        given.Server.Faults.Add(
            new SimulatedFault { Kind = FaultKind.Status, Status = status, Body = body, ContentType = "application/json", Path = "/2.0/workspaces/acme" });
        using var bitbucket = given.Client(GivenCloud.WorkspaceToken);

        if (reason is null) (await bitbucket.GetAccountAsync(Cancellation)).ShouldBe(new Account(Name: null));
        else (await Given.FaultAsync(() => bitbucket.GetAccountAsync(Cancellation))).Reason.Name.ShouldBe(reason);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task NothingThatIsSecret_IsLogged(string kind, string? name)
    {
        await using var given = await GivenCloud.ServerAsync();
        using var bitbucket = given.Client(Of(kind));
        (await bitbucket.GetAccountAsync(Cancellation)).Name.ShouldBe(name);
        await bitbucket.CreateWebhookAsync(GivenCloud.ApiPlace, GivenCloud.Hook(new("hook-5ecret")), Cancellation);
        var minted = given.Server.Read(world => world.Tokens.Select(token => token.Secret).ToList());

        given.Logged.ShouldContain(line => line.Contains("/hooks: 201", StringComparison.Ordinal));
        given.Logged.ShouldAllBe(line =>
            !line.Contains("5ecret", StringComparison.Ordinal)
            && !line.Contains("Authorization", StringComparison.OrdinalIgnoreCase)
            && !minted.Exists(secret => line.Contains(secret, StringComparison.Ordinal)));
    }

    internal static Credential Of(string kind) => kind switch
    {
        "ApiToken" => GivenCloud.ApiToken,
        "RepositoryToken" => GivenCloud.RepositoryToken,
        "ProjectToken" => GivenCloud.ProjectToken,
        "WorkspaceToken" => GivenCloud.WorkspaceToken,
        _ => GivenCloud.Consumer,
    };

    [Theory]
    [InlineData(CredentialKind.APIToken)]
    [InlineData(CredentialKind.AccessToken)]
    [InlineData(CredentialKind.OAuth2)]
    public async Task RefusalThatTheLoginDoesNotRepeat_IsOfThatScopeAlone(CredentialKind kind)
    {
        await using var given = await GivenCloud.ServerAsync();
        given.Server.Faults.Add(new SimulatedFault
        {
            Kind = FaultKind.Status, Status = 401, ContentType = "application/json", Path = "/2.0/repositories/acme/api/hooks",
            Body = """{"type":"error","error":{"message":"Token is invalid, expired, or not supported for this endpoint."}}""",
        });
        using var bitbucket = given.Client(CredentialOf(kind));
        await bitbucket.GetAccountAsync(Cancellation);

        var fault = await Given.FaultAsync(() => bitbucket.ListWebhooksAsync(GivenCloud.ApiPlace, Cancellation));

        (fault.Class, fault.Reason.Name).ShouldBe((FaultClass.Transient, "WebhookCredentialRejected"));
        fault.Message.ShouldContain("not supported for this endpoint");
        fault.Message.ShouldContain("spec.auth");
        (await bitbucket.ListWebhooksAsync(Given.Scope("PLAT", "web"), Cancellation)).ShouldBeEmpty();
    }

    [Theory]
    [InlineData(CredentialKind.APIToken)]
    [InlineData(CredentialKind.AccessToken)]
    [InlineData(CredentialKind.OAuth2)]
    public async Task RefusalThatTheLoginRepeats_IsOfTheCredentialAndNotSentAgain(CredentialKind kind)
    {
        await using var given = await GivenCloud.ServerAsync();
        using var bitbucket = given.Client(CredentialOf(kind));
        await bitbucket.GetAccountAsync(Cancellation);
        given.Server.Faults.Add(new SimulatedFault
        {
            Kind = FaultKind.Status, Status = 401, ContentType = "application/json", Path = "/2.0/**",
            Body = """{"type":"error","error":{"message":"Access token expired."}}""",
        });

        var fault = await Given.FaultAsync(() => bitbucket.ListWebhooksAsync(GivenCloud.ApiPlace, Cancellation));
        var sent = given.Server.Counters.Requests;
        (await Given.FaultAsync(() => bitbucket.ListWebhooksAsync(Given.Scope("PLAT", "web"), Cancellation))).ShouldBe(fault);

        fault.Reason.Name.ShouldBe("CredentialRejected");
        given.Server.Counters.Requests.ShouldBe(sent);
    }

    private static Credential CredentialOf(CredentialKind kind) => kind switch
    {
        CredentialKind.APIToken => GivenCloud.ApiToken,
        CredentialKind.AccessToken => GivenCloud.WorkspaceToken,
        _ => GivenCloud.Consumer,
    };
}
