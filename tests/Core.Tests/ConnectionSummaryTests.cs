using BitbucketOperator.Core.Api;
using BitbucketOperator.Core.Api.V1Alpha1;
using BitbucketOperator.Core.Discovery;
using BitbucketOperator.Core.Inventory;
using BitbucketOperator.Core.Levels;
using BitbucketOperator.Core.Mapping;
using BitbucketOperator.Core.Model;
using BitbucketOperator.Core.Observation;
using BitbucketOperator.Core.Ownership;
using BitbucketOperator.Core.Planning;
using BitbucketOperator.Core.Port;
using BitbucketOperator.Core.Schedule;
using BitbucketOperator.Core.Status;

namespace BitbucketOperator.Core.Tests;

public sealed class ConnectionSummaryTests
{
    private static readonly DateTimeOffset Now = DateTimeOffset.UnixEpoch.AddDays(20_000);
    private static readonly WebhookOwner Self = WebhookOwner.Of("cluster", "ci", "platform");
    private static readonly Fault Denied = Fault.Waiting(Reasons.WebhookPermissionDenied, "REPO_ADMIN is missing");

    [Fact]
    public void AllInPlace_IsReadyAndComesBackAtTheInterval()
    {
        var summary = Summarise(Connection(), Observed(repositories: 3));
        Of(summary, ConditionTypes.Ready).ShouldBe("True Succeeded: 3 of 3 repositories selected; 3 webhooks in place");
        summary.Status.Webhooks!.Summary.ShouldBe("3/3");
        summary.Next.After!.Value.ShouldBeInRange(TimeSpan.FromMinutes(9), TimeSpan.FromMinutes(10));
    }

    [Fact]
    public void RightsMissingOnSome_DegradesAndNamesThem()
    {
        var summary = Summarise(Connection(), Observed(repositories: 3, denied: 1));
        Of(summary, ConditionTypes.Ready).ShouldStartWith("True Degraded: 2 of 3 webhooks in place. PLAT/r0: REPO_ADMIN is missing");
        Of(summary, ConditionTypes.WebhooksReady).ShouldStartWith("False WebhookPermissionDenied");
        summary.Status.Failures!.ShouldHaveSingleItem().Repository.ShouldBe("PLAT/r0");
        summary.Status.Permissions!.Find(p => p.Capability == "ManageWebhooks")!.State.ShouldBe(PermissionState.Missing);
    }

    [Fact]
    public void RightsMissingOnAll_IsNotReady() =>
        Of(Summarise(Connection(), Observed(repositories: 2, denied: 2)), ConditionTypes.Ready).ShouldStartWith("False WebhookPermissionDenied");

    [Fact]
    public void ManyFailures_TwentyAreListedAndTheRestCounted()
    {
        var status = Summarise(Connection(), Observed(repositories: 30, denied: 25)).Status;
        status.Failures!.Count.ShouldBe(20);
        status.FailuresNotListed.ShouldBe(5);
        status.Failures.Select(f => f.Repository).ShouldBeInOrder();
    }

    [Fact]
    public void ServerUnreachable_KeepsTheLastCountsAndBacksOff()
    {
        var connection = Connection();
        connection.Status = Summarise(connection, Observed(repositories: 3)).Status;
        var summary = Summarise(connection, Start() with { Server = Fault.Transient(Reasons.ServerUnreachable, "bb refuses the connection. Check spec.url") });
        Of(summary, ConditionTypes.Ready).ShouldStartWith("False ServerUnreachable");
        Of(summary, ConditionTypes.CredentialValid).ShouldBe("Unknown NotChecked: not checked, because Reachable is False");
        Of(summary, ConditionTypes.Reconciling).ShouldStartWith("True");
        summary.Status.Webhooks!.Summary.ShouldBe("3/3");
        summary.Status.Repositories!.Selected.ShouldBe(3);
        summary.Next.After.ShouldBeNull();
    }

    [Fact]
    public void Refusal_StallsAndIsNotRetriedSoon()
    {
        var summary = Summarise(Connection(), new ConnectionObserved { Now = Now, Refusal = Fault.Terminal(Reasons.NotSupported, "spec.webhooks[ci].level Project is not supported by this version; remove it") });
        Of(summary, ConditionTypes.Stalled).ShouldStartWith("True NotSupported");
        summary.Status.Conditions.ShouldNotContain(c => c.Type == ConditionTypes.Reconciling);
        summary.Next.After.ShouldNotBeNull();
    }

    [Fact]
    public void RateLimited_WaitsAsTold()
    {
        var observed = Start() with { Account = Fault.Waiting(Reasons.RateLimited, "slow down", TimeSpan.FromMinutes(3)) };
        Summarise(Connection(), observed).Next.After.ShouldBe(TimeSpan.FromMinutes(3));
    }

    [Fact]
    public void SecondPass_IsEqualToTheFirst()
    {
        var connection = Connection();
        var first = Summarise(connection, Observed(repositories: 3, denied: 1)).Status;
        connection.Status = first;
        var second = Summarise(connection, Observed(repositories: 3, denied: 1) with { Now = Now.AddHours(1) }).Status;
        second.Webhooks!.LastFullCheck = first.Webhooks!.LastFullCheck;
        second.Webhooks.Verified!.At = first.Webhooks.Verified!.At;
        Json(second).ShouldBe(Json(first));
        ConnectionEvents.Of(first, second, []).ShouldBeEmpty();
    }

    [Fact]
    public void IncompleteListing_RemovesNothingAndKeepsThePlaces()
    {
        var connection = Connection();
        connection.Status = new BitbucketConnectionStatus { Webhooks = new WebhooksStatus { ManagedIn = ["GONE", "PLAT"] } };
        var observed = Observed(repositories: 2);
        observed = observed with { RepositoryListing = observed.RepositoryListing! with { Faults = [Fault.Waiting(Reasons.ProjectNotFound, "project NOPE does not exist")] } };
        var plan = Outcomes.Plan(connection, observed, Self);
        plan.RemovalsWithheld.ShouldBe("the listing of repositories is incomplete");
        plan.ManagedAfter.ShouldBe(["GONE", "PLAT"]);
    }

    [Fact]
    public void Cleanup_LostRights_IsBlockedAndSaysHowToGiveUp()
    {
        var connection = Connection();
        connection.Status = new BitbucketConnectionStatus { Webhooks = new WebhooksStatus { Desired = 2, Ready = 2, ManagedIn = ["PLAT"] } };
        var summary = Cleanup(connection, denied: 2);
        summary.Done.ShouldBeFalse();
        summary.Message.ShouldContain(Annotations.AbandonWebhooks);
    }

    [Fact]
    public void Cleanup_RightsNeverThere_IsDone()
    {
        var connection = Connection();
        connection.Status = new BitbucketConnectionStatus
        {
            Webhooks = new WebhooksStatus { Desired = 2, Failed = 2, ManagedIn = ["PLAT"] },
            Permissions = [new PermissionStatus { Capability = "ReadWebhooks", MissingOn = 2 }],
            Failures = [.. new[] { "PLAT/r0", "PLAT/r1" }.Select(r => new FailureStatus { Repository = r, Reason = "WebhookPermissionDenied", Message = "denied" })],
        };
        Cleanup(connection, denied: 2).Done.ShouldBeTrue();
    }

    [Fact]
    public void Cleanup_RightsLostAfterAPassThatWasCutOff_IsBlocked()
    {
        var connection = Connection();
        var observed = Observed(repositories: 2) with { Webhooks = new Dictionary<string, Outcome<IReadOnlyList<Webhook>>> { ["0"] = Array.Empty<Webhook>(), ["1"] = Array.Empty<Webhook>() } };
        var outcome = Outcomes.Of(connection, observed, Outcomes.Plan(connection, observed, Self), "none");
        connection.Status = ConnectionSummary.InProgress(outcome, connection.Status);
        Cleanup(connection, denied: 2).Done.ShouldBeFalse();
    }

    [Fact]
    public void RepositoryMovedOutOfTheSelection_IsLookedAtByWhatIsKnownOfIt()
    {
        var connection = Connection();
        var before = Observed(repositories: 2);
        connection.Status = Summarise(connection, before).Status;
        connection.Spec.Discovery.Exclude = ["AWAY/*"];
        Repository[] listed = [before.RepositoryListing!.Repositories[0], before.RepositoryListing.Repositories[1] with { Name = new RepositoryName("AWAY", "r1") }];
        var selection = RepositorySelection.Of(connection.Spec.Discovery.ToModel(), listed);
        var inventory = new RepositoryListing(listed, [], [], []);
        var levels = Outcomes.Levels(connection, before with { RepositoryListing = inventory, Selection = selection });
        RelevantScopes.Of(connection.ToModel(), inventory, selection, levels).Select(r => r.Id).ShouldBe(["0", "1"]);
    }

    [Fact]
    public void UnselectedRepositoryThatCannotBeSeen_KeepsItsPlaceOnRecord()
    {
        var connection = Connection();
        connection.Status = new BitbucketConnectionStatus { Webhooks = new WebhooksStatus { ManagedIn = ["PLAT", "TOOLS"] } };
        var live = Observed(repositories: 1);
        var former = new Repository("9", new RepositoryName("TOOLS", "cli"));
        var observed = live with
        {
            RepositoryListing = live.RepositoryListing! with { Former = [former] },
            Webhooks = new Dictionary<string, Outcome<IReadOnlyList<Webhook>>>(live.Webhooks) { ["9"] = Denied },
        };
        var summary = Summarise(connection, observed);
        summary.Status.Webhooks!.ManagedIn.ShouldBe(["PLAT", "TOOLS"]);
        summary.Status.Failures.ShouldBeNull();
        connection.Status = summary.Status;
        var later = observed with { Webhooks = live.Webhooks, Remembered = new Dictionary<string, ScopeCheck> { ["9"] = summary.Checks["9"] } };
        Summarise(connection, later).Status.Webhooks!.ManagedIn.ShouldBe(["PLAT", "TOOLS"]);
    }

    private static CleanupSummary Cleanup(BitbucketConnection connection, int denied)
    {
        var live = Observed(repositories: 2, denied);
        var observed = live with { RepositoryListing = new RepositoryListing([], [], live.RepositoryListing!.Repositories, []), Selection = null };
        return CleanupSummary.Of(Outcomes.Of(connection, observed, ConnectionPlanner.PlanCleanup(connection.ToModel(), observed, Self), "none"), connection.Status);
    }

    private static ConnectionSummary Summarise(BitbucketConnection connection, ConnectionObserved observed)
    {
        var plan = Outcomes.Plan(connection, observed, Self);
        return ConnectionSummary.Of(
            Outcomes.Of(
                connection, observed, plan, DesiredWebhook.Fingerprint(observed.Desired), [.. plan.Changes.Select(c => new AppliedChange(c, Fault: null))]),
            connection.Status);
    }

    private static ConnectionObserved Start() => new()
    {
        Now = Now,
        Credential = new Credential.HttpAccessToken(new SecretText("t")),
        Server = new ServerInfo("9.4.2", "Bitbucket"),
        Desired = [Desired()],
    };

    private static ConnectionObserved Observed(int repositories, int denied = 0)
    {
        var listed = Enumerable.Range(0, repositories).Select(i => new Repository($"{i}", new RepositoryName("PLAT", $"r{i}"))).ToList();
        var found = Desired().Definition.Value!;
        var webhook = new Webhook("1", found.Title, found.Marker, found.Url, found.Events, found.Active, found.SslVerification, WebhookSecret.None);
        return Start() with
        {
            Account = new Account("bot"),
            RepositoryListing = new RepositoryListing(listed, [], [], []),
            Selection = RepositorySelection.Of(new DiscoveryRules(), listed),
            Webhooks = listed.ToDictionary(r => r.Id, r => int.Parse(r.Id) < denied ? (Outcome<IReadOnlyList<Webhook>>)Denied : new Webhook[] { webhook }, StringComparer.Ordinal),
        };
    }

    private static DesiredWebhook Desired() => DesiredWebhook.Of(Connection().Spec.Webhooks[0].ToModel(), (SecretText?)null, Self, allowHttp: false, Flavour.DataCenter);

    private static BitbucketConnection Connection() => new()
    {
        Metadata = new k8s.Models.V1ObjectMeta { Name = "platform", NamespaceProperty = "ci", Uid = "u", Generation = 1 },
        Spec = new BitbucketConnectionSpec { Url = "https://bb.example.com", Webhooks = [new WebhookSpec { Name = "ci", Url = "https://ci.example.com/" }] },
    };

    private static string Of(ConnectionSummary summary, string type) =>
        summary.Status.Conditions.Find(c => c.Type == type) is { } c ? $"{c.Status} {c.Reason}: {c.Message}" : "absent";

    private static string Json(BitbucketConnectionStatus status) => System.Text.Json.JsonSerializer.Serialize(status, ApiJsonContext.Default.BitbucketConnectionStatus);
}
