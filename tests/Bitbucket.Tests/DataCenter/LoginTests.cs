using BitbucketOperator.Bitbucket.Cloud;
using BitbucketOperator.BitbucketSimulator.Faults;
using BitbucketOperator.BitbucketSimulator.State;
using BitbucketOperator.Core.Port;
using SimulatedFault = BitbucketOperator.BitbucketSimulator.Faults.Fault;

namespace BitbucketOperator.Bitbucket.Tests.DataCenter;

/// <summary>First contact and the proof of the credential, over the wire.</summary>
public sealed class LoginTests
{
    private const string Properties = "/rest/api/*/application-properties";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("7.14.0")]
    [InlineData("8.19.12")]
    [InlineData("9.4.2")]
    [InlineData("10.2.1")]
    public async Task Server_IsKnownByVersionAndAccount(string version)
    {
        await using var given = await Given.ServerAsync(new() { Version = version, ContextPath = "/bitbucket" });
        using var bitbucket = given.Client();

        (await bitbucket.GetServerAsync(Cancellation)).ShouldBe(new ServerInfo(version, "Bitbucket"));
        (await bitbucket.GetAccountAsync(Cancellation)).ShouldBe(new Account("bot"));
    }

    [Fact]
    public async Task Credential_GoesNowhereButBelowRest()
    {
        await using var given = await Given.ServerAsync();
        using var bitbucket = given.Client();

        await bitbucket.GetServerAsync(Cancellation);
        await Given.ListAsync(bitbucket);

        var entries = given.Server.Requests.Entries;
        entries.Single(entry => entry.Path == "/status").CredentialSent.ShouldBeFalse();
        entries.Where(entry => entry.CredentialSent).ShouldNotBeEmpty();
        entries.Where(entry => entry.CredentialSent).ShouldAllBe(entry => entry.Path.StartsWith("/rest/", StringComparison.Ordinal));
    }

    [Fact]
    public async Task BasicLogin_Works()
    {
        await using var given = await Given.ServerAsync();
        using var bitbucket = given.Client(Given.Basic(Given.Password));

        (await bitbucket.GetAccountAsync(Cancellation)).Name.ShouldBe("bot");
    }

    [Fact]
    public async Task ProjectToken_IsNamedAsTheServerDoes()
    {
        await using var given = await Given.ServerAsync();
        var token = Change(given, world => world.AddToken("project", world.ProjectAt("PLAT"), ["PROJECT_READ", "REPO_ADMIN"]));
        using var bitbucket = given.Client(Given.Bearer(token.Secret));

        (await bitbucket.GetAccountAsync(Cancellation)).Name.ShouldBe(token.Login);
        (await Given.ListAsync(bitbucket, "PLAT")).Count.ShouldBe(2);
        (await bitbucket.ListWebhooksAsync(Given.ApiPlace, Cancellation)).ShouldBeEmpty();
    }

    [Fact]
    public async Task EncodedUserName_IsDecoded()
    {
        await using var given = await Given.ServerAsync();
        given.Server.Change(world =>
        {
            world.Quirks.EncodeUserHeader = true;
            world.AddToken("jane", world.AddUser("jane@example.com"), ["REPO_READ"], "jane-token");
        });
        using var bitbucket = given.Client(Given.Bearer("jane-token"));

        (await bitbucket.GetAccountAsync(Cancellation)).Name.ShouldBe("jane@example.com");
    }

    [Fact]
    public async Task ProxyThatStripsTheName_StillProvesTheLogin()
    {
        await using var given = await Given.ServerAsync();
        given.Server.Change(world => world.Quirks.StripUserHeader = true);
        using var bitbucket = given.Client();

        (await bitbucket.GetAccountAsync(Cancellation)).ShouldBe(new Account(Name: null));
        (await Given.ListAsync(bitbucket)).Count.ShouldBe(2);
    }

    [Fact]
    public async Task ProxyThatStripsTheName_DoesNotTurnMissingPermissionIntoALostLogin()
    {
        await using var given = await Given.ServerAsync();
        given.Server.Change(world =>
        {
            world.Quirks.StripUserHeader = true;
            World.SetPermissions(world.TokenNamed("operator"), ["REPO_READ"]);
        });
        using var bitbucket = given.Client();
        await bitbucket.GetAccountAsync(Cancellation);

        (await Given.FaultAsync(() => bitbucket.ListWebhooksAsync(Given.ApiPlace, Cancellation))).Reason.Name.ShouldBe("WebhookPermissionDenied");
        (await Given.ListAsync(bitbucket)).Count.ShouldBe(2);
    }

    [Theory]
    [InlineData(AnonymousHeader.Absent)]
    [InlineData(AnonymousHeader.Word)]
    public async Task RevokedTokenServedAsAnonymous_IsNoAccount(AnonymousHeader header)
    {
        await using var given = await Given.ServerAsync();
        given.Server.Change(world =>
        {
            world.PublicAccess = true;
            world.Quirks.AnonymousHeader = header;
            world.TokenNamed("operator").Revoked = true;
        });
        using var bitbucket = given.Client();

        (await bitbucket.GetServerAsync(Cancellation)).Version.ShouldBe("9.4.2");
        (await Given.FaultAsync(() => bitbucket.GetAccountAsync(Cancellation))).Reason.Name.ShouldBe("AnonymousFallback");
    }

    [Fact]
    public async Task TokenRevokedBetweenRequests_DoesNotMakeAnEmptyListing()
    {
        await using var given = await Given.ServerAsync();
        given.Server.Change(world => world.PublicAccess = true);
        using var bitbucket = given.Client();
        await bitbucket.GetAccountAsync(Cancellation);
        given.Server.Change(world => world.TokenNamed("operator").Revoked = true);

        (await Given.FaultAsync(() => Given.ListAsync(bitbucket))).Reason.Name.ShouldBe("AnonymousFallback");
    }

    [Fact]
    public async Task RefusedToken_StillTellsTheVersion()
    {
        await using var given = await Given.ServerAsync();
        using var bitbucket = given.Client(Given.Bearer("wrong-5ecret"));

        (await bitbucket.GetServerAsync(Cancellation)).Version.ShouldBe("9.4.2");
        var fault = await Given.FaultAsync(() => bitbucket.GetAccountAsync(Cancellation));
        fault.Reason.Name.ShouldBe("CredentialRejected");
        fault.Message.ShouldContain("spec.auth.secretRef");
    }

    [Fact]
    public async Task WrongPassword_IsSentOnce()
    {
        await using var given = await Given.ServerAsync();
        using var bitbucket = given.Client(Given.Basic("wrong"));
        await bitbucket.GetServerAsync(Cancellation);

        (await Given.FaultAsync(() => bitbucket.GetAccountAsync(Cancellation))).Reason.Name.ShouldBe("CredentialRejected");
        (await Given.FaultAsync(() => Given.ListAsync(bitbucket))).Reason.Name.ShouldBe("CredentialRejected");
        (await Given.FaultAsync(() => bitbucket.CreateWebhookAsync(Given.ApiPlace, Given.Hook(), Cancellation))).Reason.Name.ShouldBe("CredentialRejected");

        given.Server.Requests.Entries.Count(entry => entry.CredentialSent).ShouldBe(1);
        given.Server.Read(world => world.UserNamed("bot").FailedLogins).ShouldBe(1);
    }

    [Theory]
    [InlineData(401, false)]
    [InlineData(403, false)]
    [InlineData(403, true)]
    public async Task LockedAccount_AsksForTheCaptcha(int status, bool header)
    {
        await using var given = await Given.ServerAsync();
        given.Server.Change(world =>
        {
            (world.Quirks.CaptchaStatus, world.Quirks.CaptchaHeader) = (status, header);
            world.UserNamed("bot").FailedLogins = 9;
        });
        using var bitbucket = given.Client(Given.Basic(Given.Password));

        (await Given.FaultAsync(() => bitbucket.GetAccountAsync(Cancellation))).Reason.Name.ShouldBe("CaptchaRequired");
    }

    [Theory]
    [InlineData(ServerStatus.Starting, "ServerStarting")]
    [InlineData(ServerStatus.FirstRun, "ServerStarting")]
    [InlineData(ServerStatus.Maintenance, "ServerInMaintenance")]
    [InlineData(ServerStatus.Error, "ServerError")]
    public async Task ServerThatDoesNotRun_SaysSoBeforeAnyLogin(ServerStatus status, string reason)
    {
        await using var given = await Given.ServerAsync();
        given.Server.Change(world => world.Status = status);
        using var bitbucket = given.Client();

        (await Given.FaultAsync(() => bitbucket.GetServerAsync(Cancellation))).Reason.Name.ShouldBe(reason);
        given.Server.Requests.Entries.ShouldAllBe(entry => !entry.CredentialSent);
    }

    [Theory]
    [InlineData(FaultKind.Html, 200)]
    [InlineData(FaultKind.Redirect, 302)]
    [InlineData(FaultKind.Status, 404)]
    public async Task StatusPageThatAProxyHides_IsNoObstacle(FaultKind kind, int status)
    {
        await using var given = await Given.ServerAsync();
        given.Server.Faults.Add(new SimulatedFault { Kind = kind, Status = status, Path = "/status" });
        using var bitbucket = given.Client();

        (await bitbucket.GetServerAsync(Cancellation)).Version.ShouldBe("9.4.2");
    }

    [Theory]
    [InlineData(200, "{\"version\":\"1.0\"}", "application/json", "NotBitbucket")]
    [InlineData(200, "{\"displayName\":\"Wiki\"}", "application/json", "NotBitbucket")]
    [InlineData(200, "{}", "application/json", "NotBitbucket")]
    [InlineData(200, "[]", "application/json", "UnexpectedAnswer")]
    [InlineData(200, "<html/>", "text/html", "NotBitbucket")]
    [InlineData(404, "{\"message\":\"no\"}", "application/json", "NotBitbucket")]
    [InlineData(404, "<html/>", "text/html", "NotBitbucket")]
    public async Task OtherProduct_IsNamedAsSuch(int status, string body, string type, string reason)
    {
        await using var given = await Given.ServerAsync();
        given.Server.Faults.Add(new SimulatedFault { Kind = FaultKind.Status, Status = status, Body = body, ContentType = type, Path = Properties });
        using var bitbucket = given.Client();

        (await Given.FaultAsync(() => bitbucket.GetServerAsync(Cancellation))).Reason.Name.ShouldBe(reason);
    }

    [Fact]
    public async Task MissingContextPath_IsTold()
    {
        await using var given = await Given.ServerAsync(new() { ContextPath = "/bitbucket" });
        using var bitbucket = given.Client(url: new(given.Server.BaseUrl, "/"));

        var fault = await Given.FaultAsync(() => bitbucket.GetServerAsync(Cancellation));

        fault.Reason.Name.ShouldBe("NotBitbucket");
        fault.Message.ShouldContain("context path");
    }

    [Fact]
    public async Task NothingThatIsSecret_IsLogged()
    {
        await using var given = await Given.ServerAsync();
        using var bitbucket = given.Client();
        await bitbucket.GetAccountAsync(Cancellation);
        await bitbucket.CreateWebhookAsync(Given.ApiPlace, Given.Hook(new("hook-5ecret")), Cancellation);
        await bitbucket.ListWebhooksAsync(Given.ApiPlace, Cancellation);

        given.Logged.ShouldContain(line => line.Contains("GET", StringComparison.Ordinal) && line.Contains("/webhooks: 200", StringComparison.Ordinal));
        given.Logged.ShouldAllBe(
            line => !line.Contains("5ecret", StringComparison.Ordinal) && !line.Contains("Authorization", StringComparison.OrdinalIgnoreCase));
    }

    private static T Change<T>(Given given, Func<World, T> change)
    {
        var result = default(T);
        given.Server.Change(world => result = change(world));
        return result!;
    }
}
