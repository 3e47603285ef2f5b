using BitbucketOperator.BitbucketSimulator.Cloud;
using BitbucketOperator.BitbucketSimulator.Faults;
using BitbucketOperator.Core.Port;
using Microsoft.Extensions.Time.Testing;
using SimulatedFault = BitbucketOperator.BitbucketSimulator.Faults.Fault;

namespace BitbucketOperator.Bitbucket.Tests.Cloud;

/// <summary>Tokens of OAuth consumers, over the wire.</summary>
public sealed class OAuthTests
{
    private const string TokenPath = "/site/oauth2/access_token";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task ConnectionsThatNeedATokenAtOnce_AskForOne()
    {
        await using var given = await GivenCloud.ServerAsync();
        given.Server.Faults.Add(new SimulatedFault { Kind = FaultKind.Latency, LatencyMilliseconds = 100, Path = TokenPath });

        await Parallel.ForAsync(0, 20, Cancellation, async (_, cancel) =>
        {
            using var bitbucket = given.Client(GivenCloud.Consumer);
            await bitbucket.GetAccountAsync(cancel);
        });

        given.Server.Counters.TokenRequests.ShouldBe(1);
    }

    [Fact]
    public async Task SecretOfTheConsumer_GoesToTheTokenAddressOnly()
    {
        await using var given = await GivenCloud.ServerAsync();
        using var bitbucket = given.Client(GivenCloud.Consumer);
        await bitbucket.GetAccountAsync(Cancellation);

        var entries = given.Server.Requests.Entries;

        entries.Select(entry => entry.Path).ShouldBe([TokenPath, "/2.0/user"]);
        entries[0].Method.ShouldBe("POST");
    }

    [Fact]
    public async Task Token_IsReplacedShortlyBeforeItsEnd()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var given = await GivenCloud.ServerAsync(time: time);
        given.Server.Change(world => world.Quirks.TokenLifetimeSeconds = 3600);

        await ProveAsync(given);
        time.Advance(TimeSpan.FromMinutes(54));
        await ProveAsync(given);
        given.Server.Counters.TokenRequests.ShouldBe(1);
        time.Advance(TimeSpan.FromMinutes(2));
        await ProveAsync(given);

        given.Server.Counters.TokenRequests.ShouldBe(2);
        given.Server.Requests.Entries.ShouldAllBe(entry => entry.Status == 200);
    }

    [Fact]
    public async Task TokenThatIsRefused_IsReplacedOnceForAllWhoHadIt()
    {
        await using var given = await GivenCloud.ServerAsync();
        using var one = given.Client(GivenCloud.Consumer);
        using var other = given.Client(GivenCloud.Consumer);
        await one.GetAccountAsync(Cancellation);
        await other.GetAccountAsync(Cancellation);
        given.Server.Change(world => world.RevokeTokens(world.ConsumerNamed(GivenCloud.ConsumerKey)));

        await Task.WhenAll(Given.ListAsync(one), Given.ListAsync(other));

        given.Server.Counters.TokenRequests.ShouldBe(2);
        (await one.CreateWebhookAsync(GivenCloud.ApiPlace, GivenCloud.Hook(), Cancellation)).Active.ShouldBeTrue();
    }

    [Fact]
    public async Task FreshTokenThatIsRefusedToo_IsNotReplacedForEver()
    {
        await using var given = await GivenCloud.ServerAsync();
        given.Server.Faults.Add(new SimulatedFault { Kind = FaultKind.Status, Status = 401, Body = "", Path = "/2.0/**" });
        using var bitbucket = given.Client(GivenCloud.Consumer);

        var fault = await Given.FaultAsync(() => bitbucket.GetAccountAsync(Cancellation));
        (await Given.FaultAsync(() => Given.ListAsync(bitbucket))).ShouldBe(fault);

        (fault.Class, fault.Reason.Name).ShouldBe((FaultClass.Waiting, "CredentialRejected"));
        given.Server.Counters.Requests.ShouldBe(4);
        given.Server.Counters.TokenRequests.ShouldBe(2);
    }

    [Fact]
    public async Task WrongSecret_IsRefusedAlthoughTheServerIsThere()
    {
        await using var given = await GivenCloud.ServerAsync();
        using var bitbucket = given.Client(new Credential.OAuth2(GivenCloud.ConsumerKey, new("wrong-5ecret")), field: "spec.webhookAuth");

        (await bitbucket.GetServerAsync(Cancellation)).DisplayName.ShouldBe("Bitbucket Cloud");
        var fault = await Given.FaultAsync(() => bitbucket.GetAccountAsync(Cancellation));

        (fault.Class, fault.Reason.Name).ShouldBe((FaultClass.Waiting, "CredentialRejected"));
        fault.Message.ShouldContain("spec.webhookAuth.secretRef");
        given.Server.Counters.Requests.ShouldBe(1);
    }

    [Fact]
    public async Task SecretThatWasPutRight_IsNotHeldUpByTheWrongOne()
    {
        await using var given = await GivenCloud.ServerAsync();
        using var wrong = given.Client(new Credential.OAuth2(GivenCloud.ConsumerKey, new("wrong-5ecret")));
        await Given.FaultAsync(() => wrong.GetAccountAsync(Cancellation));

        await ProveAsync(given);
    }

    [Fact]
    public async Task RefusalThatSeveralWaitFor_NamesTheFieldOfEach()
    {
        await using var given = await GivenCloud.ServerAsync();
        given.Server.Faults.Add(new SimulatedFault { Kind = FaultKind.Latency, LatencyMilliseconds = 3000, Path = TokenPath });
        using var one = given.Client(new Credential.OAuth2(GivenCloud.ConsumerKey, new("wrong-5ecret")));
        using var other = given.Client(new Credential.OAuth2(GivenCloud.ConsumerKey, new("wrong-5ecret")), field: "spec.webhookAuth");

        var faults = await Task.WhenAll(Given.FaultAsync(() => one.GetAccountAsync(Cancellation)), Given.FaultAsync(() => other.GetAccountAsync(Cancellation)));

        faults[0].Message.ShouldContain("spec.auth.secretRef");
        faults[1].Message.ShouldContain("spec.webhookAuth.secretRef");
        given.Server.Counters.TokenRequests.ShouldBe(1);
    }

    [Fact]
    public async Task PublicConsumer_IsToldWhatToTick()
    {
        await using var given = await GivenCloud.ServerAsync();
        given.Server.Change(world => world.ConsumerNamed(GivenCloud.ConsumerKey).IsPrivate = false);
        using var bitbucket = given.Client(GivenCloud.Consumer);

        (await Given.FaultAsync(() => bitbucket.GetAccountAsync(Cancellation))).Message.ShouldContain("private consumer");
    }

    [Theory]
    [InlineData(FaultKind.Maintenance, FaultClass.Transient, "ServerError")]
    [InlineData(FaultKind.RateLimited, FaultClass.Waiting, "RateLimited")]
    [InlineData(FaultKind.Html, FaultClass.Transient, "UnexpectedAnswer")]
    [InlineData(FaultKind.BrokenJson, FaultClass.Transient, "UnexpectedAnswer")]
    [InlineData(FaultKind.Reset, FaultClass.Transient, "ServerUnreachable")]
    [InlineData(FaultKind.Redirect, FaultClass.Transient, "RedirectRefused")]
    public async Task TokenEndpointThatFails_SaysNothingOfTheCredential(FaultKind kind, FaultClass @class, string reason)
    {
        await using var given = await GivenCloud.ServerAsync();
        given.Server.Faults.Add(new SimulatedFault { Kind = kind, Path = TokenPath, Count = 1 });
        using var bitbucket = given.Client(GivenCloud.Consumer);

        var fault = await Given.FaultAsync(() => bitbucket.GetServerAsync(Cancellation));

        (fault.Class, fault.Reason.Name).ShouldBe((@class, reason));
        if (kind == FaultKind.RateLimited) await Given.FaultAsync(() => bitbucket.GetServerAsync(Cancellation));
        else await ProveAsync(given);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"access_token":""}""")]
    [InlineData("""{"access_token":"line\nbreak"}""")]
    [InlineData("[]")]
    public async Task AnswerWithoutAToken_IsNone(string body)
    {
        await using var given = await GivenCloud.ServerAsync();
        given.Server.Faults.Add(new SimulatedFault { Kind = FaultKind.Status, Status = 200, Body = body, ContentType = "application/json", Path = TokenPath });
        using var bitbucket = given.Client(GivenCloud.Consumer);

        (await Given.FaultAsync(() => bitbucket.GetServerAsync(Cancellation))).Reason.Name.ShouldBe("UnexpectedAnswer");
    }

    [Fact]
    public async Task PermissionThatIsTicked_ComesWithTheNextTokenBeforeTheOldOneEnds()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var given = await GivenCloud.ServerAsync(time: time);
        given.Server.Change(world => CloudWorld.SetScopes(world.ConsumerNamed(GivenCloud.ConsumerKey), ["account", "repository"]));
        await DeniedAsync(given);
        given.Server.Change(world => CloudWorld.SetScopes(world.ConsumerNamed(GivenCloud.ConsumerKey), ["account", "repository", "webhook"]));

        // A token that is quite new is not replaced with each refusal.
        await DeniedAsync(given);
        given.Server.Counters.TokenRequests.ShouldBe(1);
        time.Advance(TimeSpan.FromMinutes(6));
        await DeniedAsync(given);

        using var bitbucket = given.Client(GivenCloud.Consumer);
        (await bitbucket.ListWebhooksAsync(GivenCloud.ApiPlace, Cancellation)).ShouldBeEmpty();
        given.Server.Counters.TokenRequests.ShouldBe(2);
    }

    [Fact]
    public async Task CallerWhoGivesUp_DoesNotTakeTheTokenFromTheOthers()
    {
        await using var given = await GivenCloud.ServerAsync();
        given.Server.Faults.Add(new SimulatedFault { Kind = FaultKind.Latency, LatencyMilliseconds = 3000, Path = TokenPath });
        using var impatient = new CancellationTokenSource();
        using var one = given.Client(GivenCloud.Consumer);
        using var other = given.Client(GivenCloud.Consumer);

        var first = one.GetAccountAsync(impatient.Token);
        var second = other.GetAccountAsync(Cancellation);
        await impatient.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(first);
        (await second).ShouldBe(new Account(Name: null));
        given.Server.Counters.TokenRequests.ShouldBe(1);
    }

    private static async Task ProveAsync(GivenCloud given)
    {
        using var bitbucket = given.Client(GivenCloud.Consumer);
        (await bitbucket.GetAccountAsync(Cancellation)).ShouldBe(new Account(Name: null));
    }

    private static async Task DeniedAsync(GivenCloud given)
    {
        using var bitbucket = given.Client(GivenCloud.Consumer);
        var fault = await Given.FaultAsync(() => bitbucket.ListWebhooksAsync(GivenCloud.ApiPlace, Cancellation));
        fault.Reason.Name.ShouldBe("WebhookPermissionDenied");
        fault.Message.ShouldContain("Tick Webhooks: Read and write");
    }
}
