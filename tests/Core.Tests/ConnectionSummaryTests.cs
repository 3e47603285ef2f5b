using System.Globalization;
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
        var summary = Summarise(Connection(), Observed(repositories: 3), denied: 1);
        Of(summary, ConditionTypes.Ready).ShouldStartWith("True Degraded: 1 of 3 webhooks failed: REPO_ADMIN is missing (PLAT/r0)");
        Of(summary, ConditionTypes.WebhooksReady).ShouldStartWith("False WebhookPermissionDenied");
        summary.Status.Failures!.ShouldHaveSingleItem().Examples.ShouldBe(["PLAT/r0"]);
        summary.Status.Permissions!.Find(p => p.Capability == "ManageWebhooks")!.State.ShouldBe(PermissionState.Missing);
    }

    [Fact]
    public void RightsMissingOnAll_IsNotReady() =>
        Of(Summarise(Connection(), Observed(repositories: 2), denied: 2), ConditionTypes.Ready)
            .ShouldStartWith("False WebhookPermissionDenied");

    [Fact]
    public void ManyFailuresForOneReason_AreOneGroupWithFiveExamples()
    {
        var status = Summarise(Connection(), Observed(repositories: 30), denied: 25).Status;
        var group = status.Failures.ShouldHaveSingleItem();
        (group.Count, group.Examples.Count, status.FailuresNotListed).ShouldBe((25, 5, null));
        (status.Repositories!.Covered, status.Webhooks!.Summary).ShouldBe((5, "5/30"));
    }

    [Fact]
    public void ServerUnreachable_KeepsTheLastCountsAndBacksOff()
    {
        var connection = Connection();
        connection.Status = Summarise(connection, Observed(repositories: 3)).Status;
        var summary = Summarise(connection, Start() with { Server = Fault.Transient(Reasons.ServerUnreachable, "bb refuses the connection. Check spec.url") });
        Of(summary, ConditionTypes.Ready).ShouldStartWith("False ServerUnreachable");
        Of(summary, ConditionTypes.CredentialValid).ShouldBe("Unknown NotChecked: Not checked: Reachable is False");
        Of(summary, ConditionTypes.Reconciling).ShouldStartWith("True");
        summary.Status.Webhooks!.Summary.ShouldBe("3/3");
        summary.Status.Repositories!.Selected.ShouldBe(3);
        summary.Next.After.ShouldBeNull();
    }

    [Fact]
    public void Refusal_StallsAndIsNotRetriedSoon()
    {
        var summary = Summarise(Connection(), new ConnectionObserved { Now = Now, Refusal = Fault.Terminal(
            Reasons.NotSupported, "spec.webhooks[ci].level Project is not supported by this version; remove it") });
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
        var first = Summarise(connection, Observed(repositories: 3), denied: 1).Status;
        connection.Status = first;
        var second = Summarise(connection, Observed(repositories: 3) with { Now = Now.AddHours(1) }, denied: 1).Status;
        second.Webhooks!.LastFullCheck = first.Webhooks!.LastFullCheck;
        Json(second).ShouldBe(Json(first));
        ConnectionEvents.Of(first, second, []).ShouldBeEmpty();
    }

    [Fact]
    public void IncompleteListing_RemovesNothingAndKeepsThePlaces()
    {
        var connection = Connection();
        connection.Status = new BitbucketConnectionStatus { Bookkeeping = new BookkeepingStatus { ManagedIn = ["GONE", "PLAT"] } };
        var observed = Observed(repositories: 2);
        observed = observed with { RepositoryListing = observed.RepositoryListing! with { Faults = [
            Fault.Waiting(Reasons.ProjectNotFound, "project NOPE does not exist")] } };
        Outcomes.Of(connection, observed).State.RemovalsWithheld.ShouldBe("repository listing is incomplete");
        Summarise(connection, observed).Status.Bookkeeping!.ManagedIn.ShouldBe(["GONE", "PLAT"]);
    }

    [Fact]
    public void Cleanup_LostRights_IsBlockedAndSaysHowToGiveUp()
    {
        var connection = Connection();
        connection.Status = new BitbucketConnectionStatus
        {
            Webhooks = new WebhooksStatus { Desired = 2, Ready = 2 },
            Bookkeeping = new BookkeepingStatus { ManagedIn = ["PLAT"] },
        };
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
            Webhooks = new WebhooksStatus { Desired = 2, Failed = 2 },
            Bookkeeping = new BookkeepingStatus { ManagedIn = ["PLAT"] },
            Permissions = [new PermissionStatus { Capability = "ReadWebhooks", MissingOn = 2 }],
            Failures = [new FailureStatus { Reason = "WebhookPermissionDenied", Message = "denied", Count = 2, Examples = ["PLAT/r0", "PLAT/r1"] }],
        };
        Cleanup(connection, denied: 2).Done.ShouldBeTrue();
    }

    [Fact]
    public void Cleanup_RightsLostAfterAProcessThatDied_IsBlocked()
    {
        var connection = Connection();
        connection.Status = ConnectionSummary.Of(Outcomes.Of(connection, Observed(repositories: 2)), connection.Status).Status;
        Cleanup(connection, denied: 2).Done.ShouldBeFalse();
    }

    [Fact]
    public void Cleanup_UntilEveryScopeIsSynced_GoesOn()
    {
        var connection = Connection();
        connection.Status = Summarise(connection, Observed(repositories: 2)).Status;
        connection.Metadata.DeletionTimestamp = Now.UtcDateTime;
        var begun = CleanupSummary.Of(Outcomes.Of(connection, ForCleanup(repositories: 2)), removed: 0, connection.Status);
        (begun.Done, begun.IsBlocked, begun.Message)
            .ShouldBe((false, false, "Removing webhooks: 2 of 2 repositories and projects left"));
        var scopes = Scopes(repositories: 2, denied: 0);
        CleanupSummary.Of(scopes.Settle(connection, ForCleanup(repositories: 2)), removed: 2, connection.Status)
            .ShouldBe(new CleanupSummary(Done: true, IsBlocked: false, "Removed 2 webhooks", Status: null));
        scopes.Applied.Count(a => a.Change.Kind == ChangeKind.Remove).ShouldBe(2);
    }

    [Fact]
    public void ScopesThatWaitForTheirSync_AreNeitherReadyNorFailed()
    {
        var connection = Connection();
        var observed = Observed(repositories: 3);
        var scopes = Scopes(repositories: 3, denied: 0);
        var state = scopes.State(connection, observed);
        scopes.Sync(state, state.Scopes["1"]);
        var summary = ConnectionSummary.Of(new ReconcileOutcome(state, []), connection.Status);
        (summary.Status.Webhooks!.Ready, summary.Status.Webhooks.Waiting, summary.Status.Webhooks.Failed).ShouldBe((1, 2, 0));
        Of(summary, ConditionTypes.WebhooksReady).ShouldBe("Unknown Progressing: Syncing: 1 of 3 webhooks in place");
        summary.Status.Bookkeeping!.ManagedIn.ShouldBe(["PLAT"], "on record before the first change");
        summary.Status.Webhooks.LastFullCheck.ShouldBeNull();
    }

    [Fact]
    public void RepositoryMovedOutOfTheSelection_IsLookedAtByWhatIsKnownOfIt()
    {
        var connection = Connection();
        var before = Observed(repositories: 2);
        var summary = Summarise(connection, before);
        connection.Status = summary.Status;
        connection.Spec.Discovery.Exclude = ["AWAY/*"];
        Repository[] listed =
            [before.RepositoryListing!.Repositories[0], before.RepositoryListing.Repositories[1] with { Name = new RepositoryName("AWAY", "r1") }];
        var selection = RepositorySelection.Of(connection.Spec.Discovery.ToModel(), listed);
        var inventory = new RepositoryListing(listed, [], [], []);
        var levels = Outcomes.Levels(connection, before with { RepositoryListing = inventory, Selection = selection });
        var model = connection.ToModel();
        var known = model with { Known = model.Known with { Verified = summary.Verified } };
        RelevantScopes.Of(known, inventory, selection, levels).Select(r => r.Id).ShouldBe(["0", "1"]);
    }

    [Fact]
    public void UnselectedRepositoryThatCannotBeSeen_KeepsItsPlaceOnRecord()
    {
        var connection = Connection();
        connection.Status = new BitbucketConnectionStatus { Bookkeeping = new BookkeepingStatus { ManagedIn = ["PLAT", "TOOLS"] } };
        var live = Observed(repositories: 1);
        var former = new Repository("9", new RepositoryName("TOOLS", "cli"));
        var observed = live with { RepositoryListing = live.RepositoryListing! with { Former = [former] } };
        var scopes = Scopes(repositories: 1, denied: 0);
        scopes.Webhooks["9"] = Denied;
        var status = ConnectionSummary.Of(scopes.Settle(connection, observed), connection.Status).Status;
        status.Bookkeeping!.ManagedIn.ShouldBe(["PLAT", "TOOLS"]);
        status.Failures.ShouldBeNull();
        connection.Status = status;
        scopes.Read.Clear();
        ConnectionSummary.Of(scopes.Settle(connection, observed), status).Status.Bookkeeping!.ManagedIn.ShouldBe(["PLAT", "TOOLS"]);
        scopes.Read.ShouldBeEmpty("what was found is remembered");
    }

    private static CleanupSummary Cleanup(BitbucketConnection connection, int denied)
    {
        connection.Metadata.DeletionTimestamp = Now.UtcDateTime;
        var outcome = Scopes(repositories: 2, denied).Settle(connection, ForCleanup(repositories: 2));
        return CleanupSummary.Of(outcome, removed: 0, connection.Status);
    }

    private static ConnectionSummary Summarise(BitbucketConnection connection, ConnectionObserved observed, int denied = 0) =>
        ConnectionSummary.Of(
            Scopes(observed.RepositoryListing?.Repositories.Count ?? 0, denied).Settle(connection, observed), connection.Status);

    private static ConnectionObserved Start() => new()
    {
        Now = Now,
        Credential = new Credential.HttpAccessToken(new SecretText("t")),
        Server = new ServerInfo("9.4.2", "Bitbucket"),
        Desired = [Desired()],
    };

    private static ConnectionObserved Observed(int repositories)
    {
        var listed = Repositories(repositories);
        return Start() with
        {
            Account = new Account("bot"),
            RepositoryListing = new RepositoryListing(listed, [], [], []),
            Selection = RepositorySelection.Of(new DiscoveryRules(), listed),
        };
    }

    private static ConnectionObserved ForCleanup(int repositories) => Observed(repositories) with
    {
        RepositoryListing = new RepositoryListing([], [], Repositories(repositories), []),
        Selection = null,
    };

    // The webhook is there on every repository; of some the credential may not see it.
    private static PlayedScopes Scopes(int repositories, int denied)
    {
        var webhook = PlayedScopes.Stored("1", Desired().Definition.Value!);
        return new PlayedScopes
        {
            Webhooks = Repositories(repositories).ToDictionary(
                r => r.Id,
                r => int.Parse(r.Id, CultureInfo.InvariantCulture) < denied ? (Outcome<IReadOnlyList<Webhook>>)Denied : new[] { webhook },
                StringComparer.Ordinal),
        };
    }

    private static List<Repository> Repositories(int count) =>
        [.. Enumerable.Range(0, count).Select(i => new Repository($"{i}", new RepositoryName("PLAT", $"r{i}")))];

    private static DesiredWebhook Desired() =>
        DesiredWebhook.Of(Connection().Spec.Webhooks[0].ToModel(), (SecretText?)null, Outcomes.Self, allowHttp: false, Flavour.DataCenter);

    private static BitbucketConnection Connection() => new()
    {
        Metadata = new k8s.Models.V1ObjectMeta { Name = "platform", NamespaceProperty = "ci", Uid = "u", Generation = 1 },
        Spec = new BitbucketConnectionSpec
        {
            Url = "https://bb.example.com",
            Webhooks = [new WebhookSpec { Name = "ci", Url = "https://ci.example.com/", Level = WebhookLevel.Repository }],
        },
    };

    private static string Of(ConnectionSummary summary, string type) =>
        summary.Status.Conditions.Find(c => c.Type == type) is { } c ? $"{c.Status} {c.Reason}: {c.Message}" : "absent";

    private static string Json(BitbucketConnectionStatus status) =>
        System.Text.Json.JsonSerializer.Serialize(status, ApiJsonContext.Default.BitbucketConnectionStatus);
}
