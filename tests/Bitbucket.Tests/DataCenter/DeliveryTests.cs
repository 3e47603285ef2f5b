using System.Globalization;
using BitbucketOperator.BitbucketSimulator.Faults;
using BitbucketOperator.BitbucketSimulator.Receiving;
using BitbucketOperator.BitbucketSimulator.State;
using BitbucketOperator.Core.Port;
using SimulatedFault = BitbucketOperator.BitbucketSimulator.Faults.Fault;

namespace BitbucketOperator.Bitbucket.Tests.DataCenter;

/// <summary>Delivery health and tests of webhooks, from real deliveries to a real receiver.</summary>
public sealed class DeliveryTests
{
    private const string History = "/rest/api/*/projects/PLAT/repos/api/webhooks/*/*";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task WebhookThatWasNeverInvoked_IsWell()
    {
        await using var given = await Given.ServerAsync();
        var id = Add(given, "https://ci.example.com/hooks");
        using var bitbucket = given.Client();

        (await bitbucket.GetDeliveryHealthAsync(Given.ApiPlace, id, Cancellation)).ShouldBe(DeliveryHealth.NeverInvoked);
    }

    [Fact]
    public async Task DeliveriesThatGetThrough_AreToldWithOneRequest()
    {
        await using var given = await Given.ServerAsync();
        await using var receiver = await WebhookReceiver.StartAsync(() => null, cancel: Cancellation);
        var id = Add(given, receiver.Url.AbsoluteUri);
        await PushAsync(given, 2);
        using var bitbucket = given.Client();

        var health = (await bitbucket.GetDeliveryHealthAsync(Given.ApiPlace, id, Cancellation))!;

        (health.IsFailing, health.FailuresInRow).ShouldBe((false, 0));
        health.LastSuccess.ShouldNotBeNull().ShouldBe(DateTimeOffset.UtcNow, TimeSpan.FromMinutes(1));
        given.Server.Requests.Entries.Count(r => r.Path.Contains("/webhooks/", StringComparison.Ordinal)).ShouldBe(1);
    }

    [Fact]
    public async Task DeliveriesThatAreRefused_AreCountedWithTheReceiversAnswer()
    {
        await using var given = await Given.ServerAsync();
        await using var receiver = await WebhookReceiver.StartAsync(() => null, cancel: Cancellation);
        var id = Add(given, $"{receiver.Url}hooks?token=t0p-s3cret");
        receiver.AnswerStatus = 500;
        await PushAsync(given, 7);
        using var bitbucket = given.Client();

        var health = (await bitbucket.GetDeliveryHealthAsync(Given.ApiPlace, id, Cancellation))!;

        health.LastError.ShouldBe($"500 from {receiver.Url.Authority}");
        health.LastSuccess.ShouldBeNull();
        health.LastFailure.ShouldNotBeNull();
        health.Window.ShouldBe(new DeliveryCounts(Successes: 0, Failures: 5), "the circuit breaker skips what follows five failures");
        health.FailuresInRow.ShouldBe(5);
    }

    [Fact]
    public async Task FailureAfterASuccess_IsOneInARowForCertain()
    {
        await using var given = await Given.ServerAsync();
        await using var receiver = await WebhookReceiver.StartAsync(() => null, cancel: Cancellation);
        var id = Add(given, receiver.Url.AbsoluteUri);
        await PushAsync(given, 1);
        receiver.AnswerStatus = 404;
        await PushAsync(given, 2);
        using var bitbucket = given.Client();

        var health = (await bitbucket.GetDeliveryHealthAsync(Given.ApiPlace, id, Cancellation))!;

        (health.IsFailing, health.FailuresInRow, health.Window).ShouldBe((true, 1, new DeliveryCounts(1, 2)));
        health.LastSuccess.ShouldNotBeNull();
    }

    [Fact]
    public async Task ReceiverThatCannotBeReached_IsNamedWithoutLoginPathAndQuery()
    {
        await using var given = await Given.ServerAsync();
        var id = Add(given, "http://user:t0p-s3cret@127.0.0.1:9/hooks/t0p-s3cret?token=t0p-s3cret");
        await PushAsync(given, 1);
        given.Server.Change(
            w => Tell(w, i => i with { Description = "Connect to http://user:t0p-s3cret@127.0.0.1:9/hooks/t0p-s3cret?token=t0p-s3cret failed\u001b[0m" }));
        using var bitbucket = given.Client();

        var health = (await bitbucket.GetDeliveryHealthAsync(Given.ApiPlace, id, Cancellation))!;

        health.LastError.ShouldBe("no answer from 127.0.0.1:9 (Connect to http://127.0.0.1:9 failed [0m)");
    }

    [Theory]
    [InlineData(404, "application/json", """{"errors":[{"message":"null for uri","exceptionName":"com.sun.jersey.api.NotFoundException"}]}""")]
    [InlineData(404, "text/html", "<html>not here</html>")]
    public async Task ServerThatKnowsNoHistory_IsNoFault(int status, string type, string body)
    {
        await using var given = await Given.ServerAsync();
        var id = Add(given, "https://ci.example.com/hooks");
        given.Server.Faults.Add(new SimulatedFault { Kind = FaultKind.Status, Status = status, ContentType = type, Body = body, Path = History });
        given.Server.Faults.Add(new SimulatedFault { Kind = FaultKind.Status,
            Status = status, ContentType = type, Body = body, Path = "/rest/api/*/projects/PLAT/repos/api/webhooks/test" });
        using var bitbucket = given.Client();

        (await bitbucket.GetDeliveryHealthAsync(Given.ApiPlace, id, Cancellation)).ShouldBeNull();
        (await bitbucket.TestWebhookAsync(Given.ApiPlace, id, Given.Hook(), Cancellation)).ShouldBeNull();
    }

    [Theory]
    [InlineData("""{"result":{"outcome":"FAILURE","description":"500"},"request":{"url":"https://ci.example.com/x"},"finish":"2026-06-05T13:54:44Z"}""",
        "500 from ci.example.com")]
    [InlineData("""{"result":{"outcome":"ERROR"},"finish":99999999999999999}""", "no answer from the receiver")]
    [InlineData("""{"result":{"outcome":"FAILURE"},"request":{"url":"https://ci.example.com:8443/x"}}""", "ci.example.com:8443 refuses it")]
    [InlineData("""{"result":null}""", null)]
    [InlineData("{}", null)]
    public async Task HistoryOfAnotherForm_IsReadAsFarAsItGoes(string latest, string? error)
    {
        await using var given = await Given.ServerAsync();
        var id = Add(given, "https://ci.example.com/hooks");
        given.Server.Faults.Add(new SimulatedFault { Kind = FaultKind.Status,
            Status = 200, ContentType = "application/json", Body = latest, Path = History.Replace("/*/*", "/*/latest", StringComparison.Ordinal) });
        given.Server.Faults.Add(new SimulatedFault { Kind = FaultKind.Status,
            Status = 200, ContentType = "application/json", Body = "{}", Path = History.Replace("/*/*", "/*/statistics", StringComparison.Ordinal) });
        using var bitbucket = given.Client();

        var health = (await bitbucket.GetDeliveryHealthAsync(Given.ApiPlace, id, Cancellation))!;

        (health.LastError, health.FailuresInRow).ShouldBe((error, error is null ? 0 : 1));
    }

    [Fact]
    public async Task TokenWithoutAdminRight_IsAFault()
    {
        await using var given = await Given.ServerAsync();
        var id = Add(given, "https://ci.example.com/hooks");
        given.Server.Change(world => World.SetPermissions(world.TokenNamed("operator"), ["REPO_READ"]));
        using var bitbucket = given.Client();

        (await Given.FaultAsync(() => bitbucket.GetDeliveryHealthAsync(Given.ApiPlace, id, Cancellation))).Reason.Name.ShouldBe("WebhookPermissionDenied");
        (await Given.FaultAsync(() => bitbucket.TestWebhookAsync(Given.ApiPlace, id, Given.Hook(), Cancellation)))
            .Reason.Name.ShouldBe("WebhookPermissionDenied");
    }

    [Fact]
    public async Task Test_TellsWhatTheReceiverAnswersAndNothingOfWhatWasSent()
    {
        await using var given = await Given.ServerAsync();
        await using var receiver = await WebhookReceiver.StartAsync(() => null, cancel: Cancellation);
        var url = $"{receiver.Url}hooks?a=b&token=t0p-s3cret";
        var id = Add(given, url, hook => (hook.Username, hook.Password) = ("u", "receiver-password"));
        var definition = Given.Hook() with { Url = url };
        using var bitbucket = given.Client();

        (await bitbucket.TestWebhookAsync(Given.ApiPlace, id, definition, Cancellation)).ShouldBeNull();
        receiver.AnswerStatus = 401;
        (await bitbucket.TestWebhookAsync(Given.ApiPlace, id, definition, Cancellation)).ShouldBe($"401 from {receiver.Url.Authority}");
        (await bitbucket.TestWebhookAsync(Given.ApiPlace, id, definition with { Url = "http://127.0.0.1:9/" }, Cancellation))!.ShouldStartWith(
            "no answer from 127.0.0.1:9 (");

        receiver.Deliveries.Count.ShouldBe(2);
        receiver.Deliveries.ShouldAllBe(d => d.Event == "diagnostics:ping" && !d.Signed && d.Authorization == "Basic dTpyZWNlaXZlci1wYXNzd29yZA==");
        given.Server.Counters.WebhookWriteAttempts.ShouldBe(0);
    }

    private static async Task PushAsync(Given given, int times)
    {
        for (var i = 0; i < times; i++) await given.Server.PushAsync("PLAT/api", cancel: Cancellation);
    }

    private static void Tell(World world, Func<Invocation, Invocation> change)
    {
        var invocations = world.Webhooks.Single().Invocations;
        invocations[^1] = change(invocations[^1]);
    }

    private static string Add(Given given, string url, Action<BitbucketSimulator.State.Webhook>? fill = null)
    {
        var id = 0;
        given.Server.Change(world => id = world.AddWebhook(world.RepositoryAt("PLAT/api"), hook =>
        {
            (hook.Url, hook.Events) = (url, ["repo:refs_changed"]);
            fill?.Invoke(hook);
        }).Id);
        return id.ToString(CultureInfo.InvariantCulture);
    }
}
