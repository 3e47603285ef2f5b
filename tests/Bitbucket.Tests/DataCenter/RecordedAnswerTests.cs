using BitbucketOperator.BitbucketSimulator.Faults;
using BitbucketOperator.BitbucketSimulator.State;
using BitbucketOperator.Core.Port;
using Repository = BitbucketOperator.Core.Port.Repository;
using SimulatedFault = BitbucketOperator.BitbucketSimulator.Faults.Fault;

namespace BitbucketOperator.Bitbucket.Tests.DataCenter;

/// <summary>Answers that were recorded from public servers, versions 9.2 to 10.4, reduced to what matters.</summary>
public sealed class RecordedAnswerTests
{
    private const string Hooks = "/rest/api/*/projects/*/repos/*/webhooks";
    private const string Json = "application/json;charset=UTF-8";

    private const string Stored = """{"errors":[{"context":null,"message":"(was java.util.ConcurrentModificationException) """
        + """(through reference chain: com.atlassian.bitbucket.internal.webhooks.rest.RestWebhook[\"configuration\"])","""
        + """ "exceptionName":"com.fasterxml.jackson.databind.JsonMappingException"}]}""";

    private const string NotStored = """{"errors":[{"context":null,"message":"Cannot deserialize value of type `java.lang.String` """
        + """(through reference chain: com.atlassian.bitbucket.internal.webhooks.rest.RestWebhook[\"url\"])","""
        + """ "exceptionName":"com.fasterxml.jackson.databind.JsonMappingException"}]}""";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(Stored, FaultClass.Transient, "ServerError")]
    [InlineData(NotStored, FaultClass.Terminal, "WebhookRejected")]
    public async Task AnswerThatCouldNotBeWritten_IsNotARefusal(string body, FaultClass @class, string reason)
    {
        await using var given = await Given.ServerAsync();
        given.Server.Faults.Add(new SimulatedFault
        {
            Kind = FaultKind.Status, Status = 400, Body = body, ContentType = Json, Method = "POST", Path = Hooks,
        });
        using var bitbucket = given.Client();

        var fault = await Given.FaultAsync(() => bitbucket.CreateWebhookAsync(Given.ApiPlace, Given.Hook(), Cancellation));

        (fault.Class, fault.Reason.Name).ShouldBe((@class, reason));
    }

    [Fact]
    public async Task WebhookStoredWithoutAnswer_IsFoundAsDefined()
    {
        await using var given = await Given.ServerAsync(new() { Version = "10.4.0" });
        given.Server.Change(world => world.Quirks.StoresWithoutAnswerEvery = 1);
        using var bitbucket = given.Client();
        var definition = Given.Hook(new("hook-5ecret"));

        await Given.FaultAsync(() => bitbucket.CreateWebhookAsync(Given.ApiPlace, definition, Cancellation));

        var found = (await bitbucket.ListWebhooksAsync(Given.ApiPlace, Cancellation)).ShouldHaveSingleItem();
        (found.Marker, found.Secret).ShouldBe((definition.Marker, new WebhookSecret(IsSet: true, new("hook-5ecret"))));
    }

    [Fact]
    public async Task ChangedWebhookAnsweredWithoutConfiguration_IsReadAgain()
    {
        await using var given = await Given.ServerAsync();
        using var bitbucket = given.Client();
        var id = (await bitbucket.CreateWebhookAsync(Given.ApiPlace, Given.Hook(), Cancellation)).Id;
        given.Server.Faults.Add(new SimulatedFault
        {
            Kind = FaultKind.Status, Status = 200, ContentType = Json, Method = "PUT", Path = $"{Hooks}/*", AfterProcessing = true,
            Body = $$"""{"id":{{id}},"name":"ci","url":"https://ci.example.com/hooks","events":["repo:refs_changed","pr:opened"],"configuration":"""
                + $$"""{},"active":true}""",
        });

        var updated = await bitbucket.UpdateWebhookAsync(Given.ApiPlace, id, Given.Hook(new("hook-5ecret")), Cancellation);

        (updated.Marker, updated.Secret.Value).ShouldBe((Given.Hook().Marker, new SecretText("hook-5ecret")));
    }

    [Theory]
    [InlineData(
        "com.atlassian.bitbucket.auth.NoAccessAuthenticationException", "You are not currently licensed to use Bitbucket.", "Give the account a license")]
    [InlineData(
        "com.atlassian.plugins.rest.api.security.exception.AuthenticationRequiredException",
        "Client must be authenticated",
        "Renew the token in the Secret of spec.auth.secretRef")]
    public async Task RefusalThatTheLoginDoesNotRepeat_IsOfThatScopeAlone(string exception, string message, string cure)
    {
        await using var given = await Given.ServerAsync();
        given.Server.Faults.Add(new SimulatedFault
        {
            Kind = FaultKind.Status, Status = 401, ContentType = Json, Path = "/rest/api/*/projects/PLAT/repos/api/webhooks",
            Body = $$"""{"errors":[{"context":null,"message":"{{message}}","exceptionName":"{{exception}}"}]}""",
        });
        using var bitbucket = given.Client();
        await bitbucket.GetAccountAsync(Cancellation);

        var faults = await Task.WhenAll(
            Enumerable.Range(0, 4).Select(_ => Given.FaultAsync(() => bitbucket.ListWebhooksAsync(Given.ApiPlace, Cancellation))));

        faults.ShouldAllBe(fault => fault.Class == FaultClass.Transient && fault.Reason.Name == "WebhookCredentialRejected");
        faults[0].Message.ShouldContain(message);
        faults[0].Message.ShouldContain(cure);
        faults[0].Message.Length.ShouldBeLessThanOrEqualTo(120);
        (await bitbucket.ListWebhooksAsync(Given.Scope("PLAT", "web"), Cancellation)).ShouldBeEmpty();
    }

    [Fact]
    public async Task RefusalThatTheLoginRepeats_IsOfTheCredentialAndNotSentAgain()
    {
        await using var given = await Given.ServerAsync();
        using var bitbucket = given.Client();
        await bitbucket.GetAccountAsync(Cancellation);
        given.Server.Change(world => world.TokenNamed("operator").Revoked = true);

        var fault = await Given.FaultAsync(() => bitbucket.ListWebhooksAsync(Given.ApiPlace, Cancellation));
        var sent = given.Server.Counters.Requests;
        (await Given.FaultAsync(() => bitbucket.ListWebhooksAsync(Given.Scope("PLAT", "web"), Cancellation))).ShouldBe(fault);

        fault.Reason.Condition.ShouldBe("CredentialValid");
        given.Server.Counters.Requests.ShouldBe(sent);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task AccountWithoutLicense_IsNotAWrongCredential(bool basic)
    {
        await using var given = await Given.ServerAsync();
        given.Server.Change(world => world.UserNamed("bot").Global = GlobalRight.None);
        using var bitbucket = given.Client(basic ? Given.Basic(Given.Password) : Given.Bearer(Given.Token));
        await bitbucket.GetServerAsync(Cancellation);

        var fault = await Given.FaultAsync(() => bitbucket.GetAccountAsync(Cancellation));

        (fault.Class, fault.Reason.Name).ShouldBe((FaultClass.Waiting, "CredentialRejected"));
        fault.Message.ShouldBe(
            "Account may not use Bitbucket: \"You are not currently licensed to use Bitbucket.\". Grant it the global permission Bitbucket User");
    }

    [Fact]
    public async Task MovedRepository_IsNotAWrongUrl()
    {
        await using var given = await Given.ServerAsync();
        given.Server.Change(world => world.MoveRepository(world.FindRepository("PLAT", "api")!, slug: "backend"));
        using var bitbucket = given.Client();

        var fault = await Given.FaultAsync(() => bitbucket.ListWebhooksAsync(Given.ApiPlace, Cancellation));

        (fault.Class, fault.Reason.Name).ShouldBe((FaultClass.Transient, "RedirectRefused"));
        fault.Message.ShouldBe("Repository or project was moved or renamed; the next discovery finds it");
    }

    [Theory]
    [InlineData(UnknownResource.Xml)]
    [InlineData(UnknownResource.Empty)]
    [InlineData(UnknownResource.Json)]
    public async Task SearchThatTheServerDoesNotHave_IsNotAFault(UnknownResource answer)
    {
        await using var given = await Given.ServerAsync(new() { Version = "7.21.0" });
        given.Server.Change(world => world.Quirks.UnknownResource = answer);
        using var bitbucket = given.Client();

        (await bitbucket.ListInheritedWebhooksAsync(new Repository("1", Given.Api), Cancellation)).ShouldBeNull();
    }

    [Theory]
    [InlineData(UnknownResource.Xml)]
    [InlineData(UnknownResource.Empty)]
    [InlineData(UnknownResource.Json)]
    public async Task ServerWithoutProjectWebhooks_SaysSoInItsWay(UnknownResource answer)
    {
        await using var given = await Given.ServerAsync(new() { Version = "8.5.0" });
        given.Server.Change(world => world.Quirks.UnknownResource = answer);
        using var bitbucket = given.Client();

        var fault = await Given.FaultAsync(() => bitbucket.ListWebhooksAsync(WebhookScope.OfProject("PLAT"), Cancellation));

        fault.Reason.Name.ShouldBe("LevelNotSupported");
    }

    [Theory]
    [InlineData("Request blocked by policy", "text/plain")]
    [InlineData("""{"status":"ok"}""", Json)]
    public async Task DeletionThatSomethingElseAnswers_IsNotDone(string body, string type)
    {
        await using var given = await Given.ServerAsync();
        using var bitbucket = given.Client();
        var id = (await bitbucket.CreateWebhookAsync(Given.ApiPlace, Given.Hook(), Cancellation)).Id;
        given.Server.Faults.Add(new SimulatedFault { Kind = FaultKind.Status, Status = 200, Body = body, ContentType = type, Method = "DELETE" });

        var fault = await Given.FaultAsync(() => bitbucket.DeleteWebhookAsync(Given.ApiPlace, id, Cancellation));

        (fault.Class, fault.Reason.Name).ShouldBe((FaultClass.Transient, "UnexpectedAnswer"));
    }

    [Theory]
    [InlineData(200, "", "application/json")]
    [InlineData(404, "<status><status-code>404</status-code></status>", "application/xml")]
    public async Task HistoryThatTheServerDoesNotHave_IsNotAFault(int status, string body, string type)
    {
        await using var given = await Given.ServerAsync();
        using var bitbucket = given.Client();
        var id = (await bitbucket.CreateWebhookAsync(Given.ApiPlace, Given.Hook(), Cancellation)).Id;
        given.Server.Faults.Add(new SimulatedFault { Kind = FaultKind.Status, Status = status, Body = body, ContentType = type, Path = $"{Hooks}/*/latest" });

        (await bitbucket.GetDeliveryHealthAsync(Given.ApiPlace, id, Cancellation)).ShouldBeNull();
    }

    [Theory]
    [InlineData(400)]
    [InlineData(401)]
    [InlineData(403)]
    [InlineData(404)]
    [InlineData(407)]
    [InlineData(200)]
    public async Task WebPageOnWebhooks_ConcludesNothing(int status) => await IsUnexpectedAsync(status, "<html>Access denied</html>", "text/html");

    [Theory]
    [InlineData(401, """{"error":"login required"}""")]
    [InlineData(403, """{"message":"Forbidden"}""")]
    [InlineData(404, """{"message":"no Route matched with those values"}""")]
    [InlineData(403, """["blocked"]""")]
    [InlineData(403, "")]
    [InlineData(400, "")]
    [InlineData(401, "")]
    [InlineData(404, "")]
    [InlineData(403, """{"errors":[{"code":"WAF-12","message":"Blocked by WAF"}]}""")]
    [InlineData(403, """{"errors":["blocked"]}""")]
    [InlineData(401, """{"errors":[],"policy":"x"}""")]
    public async Task ForeignJsonOnWebhooks_ConcludesNothing(int status, string body) => await IsUnexpectedAsync(status, body, Json);

    [Theory]
    [InlineData("~_svc", "~_svc")]
    [InlineData("~jdoe", "~JDoe")]
    public async Task PersonalProject_IsFoundInAnyCase(string key, string written)
    {
        await using var given = await Given.ServerAsync();
        given.Server.Change(world =>
        {
            world.AddUser(key[1..]);
            world.AddProject(key);
            world.AddRepository(key, "dotfiles");
            world.UserNamed("bot").Global = GlobalRight.Admin;
        });
        using var bitbucket = given.Client(Given.Basic(Given.Password));

        (await Given.ListAsync(bitbucket, written)).ShouldHaveSingleItem().Name.ToString().ShouldBe($"{key}/dotfiles");
        (await bitbucket.GetRepositoryAsync(new(written, "dotfiles"), Cancellation)).Name.Slug.ShouldBe("dotfiles");
    }

    [Theory]
    [InlineData("PLAT", "api.git", "Use PLAT/api, without .git")]
    [InlineData("JDoe", "dotfiles", "Project not found: JDoe. Correct spec.discovery.repositories; a personal repository is ~JDoe/dotfiles")]
    [InlineData("~nobody", "dotfiles", "Personal project not found: ~nobody. Use the user name in spec.discovery.repositories")]
    public async Task RepositoryWrittenAsElsewhere_GetsAHint(string project, string slug, string hint)
    {
        await using var given = await Given.ServerAsync();
        using var bitbucket = given.Client();

        (await Given.FaultAsync(() => bitbucket.GetRepositoryAsync(new(project, slug), Cancellation))).Message.ShouldContain(hint);
    }

    [Fact]
    public async Task ForeignAnswerWithoutAName_IsNotALostLogin()
    {
        await using var given = await Given.ServerAsync();
        using var bitbucket = given.Client();
        await bitbucket.GetServerAsync(Cancellation);
        given.Server.Change(world => world.Quirks.StripUserHeader = true);
        given.Server.Faults.Add(new SimulatedFault
        {
            Kind = FaultKind.Status, Status = 200, Body = """{"status":"ok"}""", ContentType = Json, Path = "/rest/api/*/repos",
        });

        var fault = await Given.FaultAsync(() => Given.ListAsync(bitbucket));

        fault.Reason.Name.ShouldBe("UnexpectedAnswer");
    }

    private static async Task IsUnexpectedAsync(int status, string body, string type)
    {
        await using var given = await Given.ServerAsync();
        using var bitbucket = given.Client();
        await bitbucket.GetServerAsync(Cancellation);
        var id = (await bitbucket.CreateWebhookAsync(Given.ApiPlace, Given.Hook(), Cancellation)).Id;
        foreach (var path in (string[])[Hooks, $"{Hooks}/*"])
            given.Server.Faults.Add(new SimulatedFault { Kind = FaultKind.Status, Status = status, Body = body, ContentType = type, Path = path });
        Func<Task>[] calls =
        [
            () => bitbucket.ListWebhooksAsync(Given.ApiPlace, Cancellation),
            () => bitbucket.CreateWebhookAsync(Given.ApiPlace, Given.Hook(), Cancellation),
            () => bitbucket.UpdateWebhookAsync(Given.ApiPlace, id, Given.Hook(), Cancellation),
            () => bitbucket.DeleteWebhookAsync(Given.ApiPlace, id, Cancellation),
        ];

        foreach (var call in calls)
        {
            var fault = await Given.FaultAsync(call);
            (fault.Class, fault.Reason.Name).ShouldBe((FaultClass.Transient, "UnexpectedAnswer"));
            fault.Message.ShouldContain(status == 200 ? "does a proxy ask for a login?" : "Proxy or firewall answered");
        }
    }
}
