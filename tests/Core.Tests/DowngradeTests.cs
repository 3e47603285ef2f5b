using System.Text.Json;
using BitbucketOperator.Core.Api;
using BitbucketOperator.Core.Api.V1Alpha1;
using BitbucketOperator.Core.Discovery;
using BitbucketOperator.Core.Inventory;
using BitbucketOperator.Core.Mapping;
using BitbucketOperator.Core.Model;
using BitbucketOperator.Core.Observation;
using BitbucketOperator.Core.Ownership;
using BitbucketOperator.Core.Planning;
using BitbucketOperator.Core.Port;
using BitbucketOperator.Core.Schedule;
using BitbucketOperator.Core.Status;

namespace BitbucketOperator.Core.Tests;

/// <summary>A token that is reduced after the webhooks were made, over several passes and restarts.</summary>
public sealed class DowngradeTests
{
    private static readonly DateTimeOffset Start = DateTimeOffset.UnixEpoch.AddDays(20_000);
    private static readonly Fault Denied = Fault.Waiting(Reasons.WebhookPermissionDenied, "REPO_ADMIN is missing");

    private readonly BitbucketConnection _connection = new()
    {
        Metadata = new k8s.Models.V1ObjectMeta { Name = "platform", NamespaceProperty = "ci", Uid = "u", Generation = 1 },
        Spec = new BitbucketConnectionSpec
        {
            Url = "https://bb.example.com",
            Webhooks = [new WebhookSpec { Name = "ci", Url = "https://ci.example.com/", Level = WebhookLevel.Repository }],
        },
    };

    private DateTimeOffset _now = Start;
    private readonly PlayedScopes _scopes = new();

    [Fact]
    public void Downgraded_LooksAgainOnScheduleOnly()
    {
        Run(repositories: 50, admin: true);
        Restart();
        Run(50, admin: false).Read.ShouldBe(50);
        var second = Run(50, admin: false);
        second.Read.ShouldBe(0);
        Ready(second).ShouldBe("True Succeeded");
        Verified().ShouldBe(50);
        _now = _now.AddMinutes(20);
        Run(50, admin: false).Read.ShouldBe(0, "of what counts as in place, spec.webhookInterval says when");
        _now = _now.AddHours(1);
        Run(50, admin: false).Read.ShouldBe(50);
    }

    [Fact]
    public void Restart_ChangesNothing()
    {
        Run(3, admin: true);
        Restart();
        Run(3, admin: false);
        var before = Json();
        Restart();
        var again = Run(3, admin: false);
        again.Read.ShouldBe(3);
        Json().ShouldBe(before);
        again.Events.ShouldBeEmpty();
    }

    [Fact]
    public void UrlOfAnotherServer_NothingIsKnownToBeInPlaceThere()
    {
        Run(3, admin: true);
        _connection.Spec.Url = "https://new.example.com/";
        Restart();
        var moved = Run(3, admin: false);
        Of(moved, ConditionTypes.WebhooksReady).ShouldBe("False WebhookPermissionDenied");
        Verified().ShouldBe(0);
        var told = moved.Events.Where(e => e.Reason == ConnectionEvents.ServerChanged).ShouldHaveSingleItem();
        told.Warning.ShouldBeTrue();
        told.Message.ShouldStartWith("spec.url changed from https://bb.example.com to https://new.example.com. ");
        Run(3, admin: false).Events.ShouldBeEmpty();
    }

    [Fact]
    public void UrlOfNoServer_NothingIsForgotten()
    {
        Run(3, admin: true);
        _connection.Spec.Url = "https://misspelt.example.com";
        var lost = new ConnectionObserved
        {
            Now = _now,
            Credential = new Credential.HttpAccessToken(new SecretText("t")),
            Server = Fault.Transient(Reasons.ServerUnreachable, "no such host"),
        };
        var outcome = Outcomes.Of(_connection, lost);
        var status = ConnectionSummary.Of(outcome, _connection.Status).Status;
        status.Server!.Url.ShouldBe("https://bb.example.com");
        ConnectionEvents.Of(_connection.Status, status, []).ShouldNotContain(e => e.Reason == ConnectionEvents.ServerChanged);
        _connection.Status = status;

        _connection.Spec.Url = "https://bb.example.com";
        Restart();
        Ready(Run(3, admin: false)).ShouldBe("True Succeeded");
    }

    [Theory]
    [InlineData("https://BB.example.com/bitbucket/", null, "https://bb.example.com/bitbucket")]
    [InlineData("https://bitbucket.org/Acme", null, "https://bitbucket.org/acme")]
    [InlineData("https://bitbucket.org", "acme", "https://bitbucket.org/acme")]
    public void Address_IsTheSameHoweverItIsWritten(string url, string? workspace, string address) =>
        new BitbucketConnectionSpec { Url = url, Workspace = workspace }.ToModel().Address.ShouldBe(address);

    [Fact]
    public void RepositoryThatAppears_FailsUntilACredentialWithRightsCame()
    {
        Run(3, admin: true);
        Restart();
        Run(3, admin: false);
        var appeared = Run(4, admin: false);
        Ready(appeared).ShouldBe("True Degraded");
        appeared.Status.Failures!.ShouldHaveSingleItem().Examples.ShouldBe(["PLAT/r3"]);
        Restart();
        Run(4, admin: true);
        Restart();
        var after = Run(4, admin: false);
        Of(after, ConditionTypes.WebhooksReady).ShouldBe("Unknown VerifiedBeforeDowngrade");
        after.Status.Webhooks!.Summary.ShouldBe("4/4");
    }

    [Fact]
    public void ChangedSpecAndBack_IsAsBefore()
    {
        Run(3, admin: true);
        _connection.Spec.Webhooks[0].Active = false;
        var changed = Run(3, admin: false);
        Ready(changed).ShouldBe("False WebhookPermissionDenied");
        changed.Status.Failures!.ShouldAllBe(f => f.Message.Contains("cannot change webhooks: spec.webhooks or one of its secrets changed"));
        _connection.Spec.Webhooks[0].Active = true;
        Of(Run(3, admin: false), ConditionTypes.WebhooksReady).ShouldBe("Unknown VerifiedBeforeDowngrade");
    }

    [Fact]
    public void ServerErrors_LoseNoMember()
    {
        Run(3, admin: true);
        _now = _now.AddHours(2);
        Run(3, Fault.Transient(Reasons.ServerError, "500"));
        Verified().ShouldBe(3);
        _now = _now.AddMinutes(1);
        Of(Run(3, admin: false), ConditionTypes.WebhooksReady).ShouldBe("Unknown VerifiedBeforeDowngrade");
    }

    [Fact]
    public void NeverVerified_IsAPlainFailure()
    {
        var outcome = Run(3, admin: false);
        Ready(outcome).ShouldBe("False WebhookPermissionDenied");
        outcome.Status.Failures!.ShouldAllBe(f => f.Message == Denied.Message);
        Verified().ShouldBe(0);
    }

    [Fact]
    public void InventoriesLost_IsAPlainFailure()
    {
        Run(3, admin: true);
        Restart();
        _scopes.Inventories.Lose();
        Ready(Run(3, admin: false)).ShouldBe("False WebhookPermissionDenied");
    }

    // The first four bytes of the SHA-256 of 0, 1 and 2, sorted, in base64.
    private const string EarlierSet = "X+zrZmuGsnPUc146";

    [Theory]
    [InlineData(EarlierSet, "True Succeeded")]
    [InlineData("", "False WebhookPermissionDenied")]
    [InlineData("not base64", "False WebhookPermissionDenied")]
    [InlineData("AAAAAAA=", "False WebhookPermissionDenied")]
    public void StatusOfAnEarlierVersion_IsUsedOnce(string set, string ready)
    {
        Run(3, admin: true);
        var desired = DesiredWebhook.Fingerprint([Desired()]);
        Restart();
        _scopes.Inventories.Lose();
        _connection.Status!.Webhooks!.Verified = new VerifiedStatus { At = Start, Repositories = 3, Set = set, Desired = desired };
        Ready(Run(3, admin: false)).ShouldBe(ready);
        _connection.Status.Webhooks.Verified.ShouldBeNull("it is in the inventories now");
        Restart();
        Ready(Run(3, admin: false)).ShouldBe(ready);
    }

    [Fact]
    public void StatusOfAnEarlierVersion_StaysUntilWebhooksWereReached()
    {
        Run(3, admin: true);
        _connection.Status!.Webhooks!.Verified = new VerifiedStatus { At = Start, Repositories = 3, Set = EarlierSet, Desired = "0" };
        var lost = new ConnectionObserved
        {
            Now = _now,
            Credential = new Credential.HttpAccessToken(new SecretText("t")),
            Server = Fault.Transient(Reasons.ServerUnreachable, "no such host"),
        };
        ConnectionSummary.Of(Outcomes.Of(_connection, lost), _connection.Status).Status.Webhooks!.Verified.ShouldNotBeNull();
    }

    // Kept in inventories: another value for the same wish makes every reduced credential fail after an upgrade of the operator.
    [Theory]
    [InlineData(Flavour.DataCenter, "73370785b15228ade625a587a8b1a9bb")]
    [InlineData(Flavour.Cloud, "6918181da650c0f6142b0f2ba95d3e4f")]
    public void FingerprintOfTheSameWish_NeverChanges(Flavour flavour, string fingerprint) =>
        DesiredWebhook.Fingerprint([Desired(flavour)]).ShouldBe(fingerprint);

    private Result Run(int repositories, bool admin) => Run(repositories, admin ? null : Denied);

    private Result Run(int repositories, Fault? fault)
    {
        _now = _now.AddSeconds(_now == Start ? 0 : 1);
        _connection.Metadata.Generation++;
        var listed = Enumerable.Range(0, repositories).Select(i => new Repository($"{i}", new RepositoryName("PLAT", $"r{i}"))).ToList();
        var webhook = PlayedScopes.Stored("1", Desired().Definition.Value!);
        foreach (var repository in listed)
        {
            _scopes.Webhooks[repository.Id] = fault is null ? (Outcome<IReadOnlyList<Webhook>>)new[] { webhook } : fault;
        }

        _scopes.Read.Clear();
        var outcome = _scopes.Settle(_connection, new ConnectionObserved
        {
            Now = _now,
            Credential = new Credential.HttpAccessToken(new SecretText("t")),
            Server = new ServerInfo("9.4.2", "Bitbucket"),
            Account = new Account("bot"),
            Desired = [Desired()],
            RepositoryListing = new RepositoryListing(listed, [], [], []),
            Selection = RepositorySelection.Of(new DiscoveryRules(), listed),
        });
        var summary = _scopes.Finish(_connection, outcome);
        var events = ConnectionEvents.Of(_connection.Status, summary.Status, []);
        _connection.Status = summary.Status;
        return new Result(summary.Status, _scopes.Read.Count, events);
    }

    private void Restart()
    {
        _scopes.Restart();
        _connection.Status = JsonSerializer.Deserialize(Serialize(), ApiJsonContext.Default.BitbucketConnectionStatus);
    }

    private DesiredWebhook Desired(Flavour flavour = Flavour.DataCenter) =>
        DesiredWebhook.Of(_connection.Spec.Webhooks[0].ToModel(), (SecretText?)null, Outcomes.Self, allowHttp: false, flavour);

    private int Verified() => Enumerable.Range(0, 100).Count(i => _scopes.Verified!.Contains($"{i}"));

    private string Serialize() => JsonSerializer.Serialize(_connection.Status!, ApiJsonContext.Default.BitbucketConnectionStatus);

    private string Json() => Serialize().Replace($"\"observedGeneration\":{_connection.Metadata.Generation}", "", StringComparison.Ordinal);

    private static string Ready(Result result) => Of(result, ConditionTypes.Ready);

    private static string Of(Result result, string type)
    {
        var condition = result.Status.Conditions.Find(c => c.Type == type)!;
        return $"{condition.Status} {condition.Reason}";
    }

    private sealed record Result(BitbucketConnectionStatus Status, int Read, IReadOnlyList<ConnectionEvent> Events);
}
