using BitbucketOperator.Core.Api;
using BitbucketOperator.Core.Api.V1Alpha1;
using BitbucketOperator.Core.Discovery;
using BitbucketOperator.Core.Inventory;
using BitbucketOperator.Core.Mapping;
using BitbucketOperator.Core.Model;
using BitbucketOperator.Core.Observation;
using BitbucketOperator.Core.Planning;
using BitbucketOperator.Core.Port;
using BitbucketOperator.Core.Schedule;
using BitbucketOperator.Core.Status;

namespace BitbucketOperator.Core.Tests;

/// <summary>Which scopes are synced when and why, and in which order webhooks move.</summary>
public sealed class SyncScheduleTests
{
    private const string Project = "project:PLAT";
    private static readonly DateTimeOffset Start = DateTimeOffset.UnixEpoch.AddDays(20_000);
    private static readonly Fault Denied = Fault.Waiting(Reasons.WebhookPermissionDenied, "REPO_ADMIN is missing");
    private static readonly Fault Broken = Fault.Transient(Reasons.ServerError, "500");

    private readonly PlayedScopes _scopes = new();
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
    private string _secret = "first";
    private bool _isNewProcess;
    private DateTimeOffset? _readAt;
    private Repository[] _listed = [.. Enumerable.Range(0, 3).Select(i => new Repository($"{i}", new RepositoryName("PLAT", $"r{i}")))];

    public static TheoryData<Fault> FaultsThatDoNotHeal => new(Denied, Fault.Terminal(Reasons.WebhookPermissionDenied, "no"));

    [Fact]
    public void NeverSynced_IsMissingAndDueAtOnce() =>
        Items().Values.ShouldAllBe(i => i.Class == WorkClass.Missing && i.DueAt == Start);

    [Fact]
    public void Synced_IsVerifiedLater()
    {
        Settle();
        Items().Values.ShouldAllBe(i => i.Class == WorkClass.Verification && i.DueAt > Start);
    }

    [Fact]
    public void ListingThatALimitPutsOff_IsThoughtOverEachIntervalUntilItIsDue()
    {
        Settle();
        var outcome = new ReconcileOutcome(_scopes.State(_connection, Observed()), [])
        {
            Outlook = new Outlook(UntilSynced: null, Interval: TimeSpan.FromMinutes(35), WebhookInterval: TimeSpan.FromHours(13)),
        };
        NextReconcile.Of([], outcome).After!.Value.ShouldBeInRange(TimeSpan.FromMinutes(9), TimeSpan.FromMinutes(10));

        _readAt = Start - TimeSpan.FromMinutes(30);
        var later = outcome with { State = _scopes.State(_connection, Observed()) };
        NextReconcile.Of([], later).After.ShouldBe(TimeSpan.FromMinutes(5));
        var status = ConnectionSummary.Of(outcome, before: null).Status;
        (status.Repositories!.EffectiveInterval, status.Webhooks!.EffectiveInterval, status.Webhooks.ExpectedCompletion).ShouldBe(("35m", "13h", null));
    }

    [Fact]
    public void WorkloadThatIsTold_IsWhatIsLeft()
    {
        _connection.Spec.Webhooks.Add(new WebhookSpec { Name = "audit", Url = "https://audit.example.com/", Level = WebhookLevel.Repository });
        var workload = SyncCost.Workload(_scopes.State(_connection, Observed()), pages: 2);
        (workload.Waiting, workload.Discovery).ShouldBe((3 * 3, new RepeatedWork(5, TimeSpan.FromMinutes(10))));
        workload.Verification.ShouldBe(new RepeatedWork(3, TimeSpan.FromMinutes(45)));

        Settle();
        SyncCost.Workload(_scopes.State(_connection, Observed()), pages: 2).Waiting.ShouldBe(0);
        _connection.Status = new BitbucketConnectionStatus { Bookkeeping = new BookkeepingStatus { ManagedIn = ["PLAT"] } };
        _connection.Spec.Discovery.Exclude = ["PLAT/r1"];
        SyncCost.Workload(_scopes.State(_connection, Observed()), pages: 2).Waiting.ShouldBe(2, "one to list and one to remove");
    }

    [Fact]
    public void SomethingElseDesired_IsChangedAndDueAtOnce()
    {
        Settle();
        _connection.Spec.Webhooks[0].Url = "https://new.example.com/";
        Items().Values.ShouldAllBe(i => i.Class == WorkClass.Changed && i.DueAt == Start);
    }

    [Fact]
    public void RotatedSecret_IsUrgent()
    {
        Settle();
        _secret = "second";
        Items().Values.ShouldAllBe(i => i.Class == WorkClass.Cleanup && i.DueAt == Start);
        Settle();
        _scopes.Applied.TakeLast(3).ShouldAllBe(a => a.Change.Reason == "differs in secret");
        Items().Values.ShouldAllBe(i => i.Class == WorkClass.Verification);
    }

    [Fact]
    public void RotatedSecretWithAnotherUrl_IsAChange()
    {
        Settle();
        (_secret, _connection.Spec.Webhooks[0].Url) = ("second", "https://new.example.com/");
        Items().Values.ShouldAllBe(i => i.Class == WorkClass.Changed);
    }

    [Fact]
    public void DeselectedRepository_IsCleanedUrgently()
    {
        Settle();
        _connection.Status = new BitbucketConnectionStatus { Bookkeeping = new BookkeepingStatus { ManagedIn = ["PLAT"] } };
        _connection.Spec.Discovery.Exclude = ["PLAT/r1"];
        var items = Items();
        (items["1"].Class, items["1"].DueAt).ShouldBe((WorkClass.Cleanup, Start));
        items["0"].Class.ShouldBe(WorkClass.Verification);
        Settle();
        Holders().ShouldBe(["0", "2"]);
        Items()["1"].Class.ShouldBe(WorkClass.Verification);
    }

    [Fact]
    public void DeletedConnection_IsCleanedUrgently()
    {
        Settle();
        _connection.Metadata.DeletionTimestamp = Start.UtcDateTime;
        var observed = Observed() with { RepositoryListing = new RepositoryListing([], [], _listed, []) };
        SyncSchedule.Items(_scopes.State(_connection, observed), _now).ShouldAllBe(i => i.Class == WorkClass.Cleanup && i.DueAt == Start);
        _scopes.Settle(_connection, observed);
        Holders().ShouldBeEmpty();
    }

    [Fact]
    public void Failed_IsRetriedAndGrowsToTenMinutes()
    {
        foreach (var repository in _listed)
        {
            _scopes.Webhooks[repository.Id] = Broken;
        }

        var expected = TimeSpan.FromSeconds(10);
        var last = new Dictionary<string, TimeSpan>(StringComparer.Ordinal);
        for (var tries = 1; tries <= 40; tries++)
        {
            Settle();
            foreach (var (id, item) in Items())
            {
                var wait = item.DueAt - _now;
                item.Class.ShouldBe(WorkClass.Retry);
                wait.ShouldBeInRange(expected * 0.75, expected * 1.25);
                wait.ShouldBeGreaterThanOrEqualTo(last.GetValueOrDefault(id));
                last[id] = wait;
            }

            _now += TimeSpan.FromMinutes(13);
            expected = expected * 2 < TimeSpan.FromMinutes(10) ? expected * 2 : TimeSpan.FromMinutes(10);
        }

        last.Values.Distinct().Count().ShouldBe(3, "what failed together does not come again together");
    }

    [Fact]
    public void SuccessAfterFailures_StartsTheBackOffAnew()
    {
        _scopes.Webhooks["0"] = Broken;
        for (var tries = 0; tries < 5; tries++)
        {
            Settle();
            _now += TimeSpan.FromMinutes(13);
        }

        _scopes.Webhooks.Remove("0");
        Settle();
        Items()["0"].Class.ShouldBe(WorkClass.Verification);
        _scopes.Webhooks["0"] = Broken;
        _now += TimeSpan.FromHours(1);
        Settle();
        (Items()["0"].DueAt - _now).ShouldBeLessThan(TimeSpan.FromSeconds(13));
    }

    [Fact]
    public void ChangeThatFailed_IsRetriedToo()
    {
        _scopes.Refuses = c => c.Scope.Id == "0" ? Broken : null;
        Settle();
        var items = Items();
        items["0"].Class.ShouldBe(WorkClass.Retry);
        items["1"].Class.ShouldBe(WorkClass.Verification);
        (_scopes.Refuses, _now) = (_ => null, items["0"].DueAt);
        Settle();
        Holders().ShouldBe(["0", "1", "2"]);
    }

    [Theory]
    [MemberData(nameof(FaultsThatDoNotHeal))]
    public void FailedForGood_ComesBackAfterTheInterval(Fault fault)
    {
        _scopes.Webhooks["0"] = fault;
        _scopes.Refuses = c => c.Scope.Id == "1" ? fault : null;
        Settle();
        foreach (var id in new[] { "0", "1" })
        {
            Items()[id].ShouldSatisfyAllConditions(
                i => i.Class.ShouldBe(WorkClass.Retry), i => i.DueAt.ShouldBe(Start + TimeSpan.FromMinutes(10)));
        }
    }

    [Theory]
    [InlineData(3, 3)]
    [InlineData(60, 10)]
    public void ServerThatNamesATime_IsHeardUpToTheInterval(int asked, int minutes)
    {
        _scopes.Webhooks["0"] = Denied with { RetryAfter = TimeSpan.FromMinutes(asked) };
        Settle();
        Items()["0"].DueAt.ShouldBe(Start + TimeSpan.FromMinutes(minutes));
    }

    [Fact]
    public void Verification_IsSpreadAndWithinTheWebhookInterval()
    {
        _listed = [.. Enumerable.Range(0, 400).Select(i => new Repository($"{i}", new RepositoryName("PLAT", $"r{i}")))];
        _connection.Spec.WebhookInterval = "2h";
        Settle();
        var waits = Items().Values.Select(i => i.DueAt - _now).ToList();
        waits.ShouldAllBe(w => w >= TimeSpan.FromHours(1) && w <= TimeSpan.FromHours(2));
        waits.GroupBy(w => (int)(w - TimeSpan.FromHours(1)).TotalMinutes / 10).Select(g => g.Count()).ShouldAllBe(n => n < 120);
        waits.Distinct().Count().ShouldBeGreaterThan(390);
    }

    [Fact]
    public void Restart_ReadsWhatIsOnRecordInItsTurn()
    {
        SettleAndRestart(repositories: 50);
        var (began, aTenth, read) = (_now, ConnectionSpec.DefaultWebhookInterval / 10, new List<int>());
        for (var tenth = 0; tenth <= 10; tenth++)
        {
            for (; _now < began + (aTenth * tenth); _now += TimeSpan.FromMinutes(1))
            {
                Settle();
            }

            Settle();
            read.Add(_scopes.Read.Count);
        }

        read[0].ShouldBe(0, "what status says is taken for true");
        _scopes.Read.Order(StringComparer.Ordinal).ShouldBe(_listed.Select(r => r.Id).Order(StringComparer.Ordinal), "each once");
        read.Zip(read.Skip(1), (before, after) => after - before).ShouldAllBe(n => n <= 50 / 3);
        _scopes.Applied.ShouldBeEmpty();
    }

    [Fact]
    public void RestartAfterAChange_ReadsEverythingAtOnce()
    {
        SettleAndRestart(repositories: 50);
        _connection.Spec.Webhooks[0].Url = "https://new.example.com/";
        Items().Values.ShouldAllBe(i => i.DueAt == _now);
        Settle();
        _scopes.Read.Order(StringComparer.Ordinal).ShouldBe(_listed.Select(r => r.Id).Order(StringComparer.Ordinal));
        _scopes.Applied.Count.ShouldBe(50);
    }

    [Fact]
    public void Repository_WaitsUntilItsProjectWasSynced()
    {
        _connection.Spec.Webhooks[0].Level = WebhookLevel.Auto;
        Items().Keys.ShouldBe([Project]);
        SyncOne(Project);
        _scopes.Checks[Project].ProjectLevel!.View.ShouldBe(ScopeView.Read);
        Items().Keys.ShouldHaveSingleItem("it was seen, and not synced for what that makes of it").ShouldBe(Project);
        SyncOne(Project);
        State().Scopes.Values.ShouldAllBe(s => !SyncSchedule.IsBlocked(s, State()));
        Holders().ShouldBe([Project]);
    }

    [Fact]
    public void Repository_DoesNotWaitForAProjectWhoseReadFailed()
    {
        _connection.Spec.Webhooks[0].Level = WebhookLevel.Auto;
        _scopes.Webhooks[Project] = Broken;
        var waiting = State();
        waiting.Scopes.Values.Where(s => s.DependsOn is not null).ShouldAllBe(s => SyncSchedule.IsBlocked(s, waiting));
        SyncOne(Project);
        var failed = State();
        failed.Scopes.Values.ShouldAllBe(s => !SyncSchedule.IsBlocked(s, failed));
        Settle();
        SyncSchedule.IsSynced(State()).ShouldBeTrue("a failure counts as a sync");
        _scopes.Applied.ShouldBeEmpty("nothing is moved for a read that failed");
    }

    [Theory]
    [InlineData(WebhookLevel.Auto)]
    [InlineData(WebhookLevel.Project)]
    public void ProjectReadAtLast_RepositoriesBelowAreSyncedForIt(WebhookLevel level)
    {
        Settle();
        _connection.Status = new BitbucketConnectionStatus { Bookkeeping = new BookkeepingStatus { ManagedIn = ["PLAT"] } };
        _connection.Spec.Webhooks[0].Level = level;
        _scopes.Restart();
        _scopes.Webhooks[Project] = Broken;
        Settle();
        var held = State().Scopes["0"].Fingerprint;
        _scopes.Checks["0"].DesiredFingerprint.ShouldBe(held);
        Holders().ShouldBe(["0", "1", "2"]);

        _scopes.Webhooks.Remove(Project);
        _now = Items()[Project].DueAt;
        SyncOne(Project);

        var state = State();
        state.Scopes["0"].Fingerprint.ShouldNotBe(held);
        SyncSchedule.IsSynced(state).ShouldBeFalse();
        Settle();
        Holders().ShouldBe([Project]);
    }

    [Fact]
    public void MovingDown_TheProjectsWebhookGoesWhenEveryUnarchivedRepositoryHasItsOwn()
    {
        _listed[2] = _listed[2] with { Archived = true };
        _connection.Spec.Webhooks[0].Level = WebhookLevel.Project;
        Settle();
        Record("project:PLAT");
        Holders().ShouldBe([Project]);
        _connection.Spec.Webhooks[0].Level = WebhookLevel.Repository;
        _scopes.Refuses = c => c.Scope.Id is "1" or "2" ? Broken : null;

        Settle();
        Record("PLAT", "project:PLAT");

        Holders().ShouldBe(["0", Project]);
        State().Observed.Checks[Project].MovePending.ShouldBeTrue();
        _scopes.Refuses = c => c.Scope.Id == "2" ? Broken : null;
        _now += TimeSpan.FromMinutes(13);
        Settle();
        Holders().ShouldBe(["0", "1"], "an archived repository delivers nothing");
        _scopes.Applied[^1].Change.ShouldSatisfyAllConditions(
            c => c.Kind.ShouldBe(ChangeKind.Remove), c => c.Scope.Id.ShouldBe(Project));
    }

    [Fact]
    public void MovingUp_TheRepositoriesWebhooksGoOnceTheProjectsIsInPlace()
    {
        Settle();
        Record("PLAT");
        _connection.Spec.Webhooks[0].Level = WebhookLevel.Project;
        _scopes.Refuses = c => c.Scope.Id == Project ? Broken : null;

        Settle();
        Record("PLAT", "project:PLAT");

        Holders().ShouldBe(["0", "1", "2"]);
        _scopes.Refuses = _ => null;
        _now += TimeSpan.FromMinutes(13);
        _scopes.Applied.Clear();
        Settle();
        Holders().ShouldBe([Project]);
        _scopes.Applied.Select(a => (a.Change.Kind, a.Change.Scope.Id)).ShouldBe(
            [(ChangeKind.Create, Project), (ChangeKind.Remove, "0"), (ChangeKind.Remove, "1"), (ChangeKind.Remove, "2")]);
    }

    private DesiredState State() => _scopes.State(_connection, Observed());

    private Dictionary<string, SyncItem> Items() =>
        SyncSchedule.Items(State(), _now).ToDictionary(i => i.Scope.Scope.Id, StringComparer.Ordinal);

    private void Settle() => _scopes.Settle(_connection, Observed());

    // What is in place is on record, and the process that finds it there knows no more.
    private void SettleAndRestart(int repositories)
    {
        _listed = [.. Enumerable.Range(0, repositories).Select(i => new Repository($"{i}", new RepositoryName("PLAT", $"r{i}")))];
        _connection.Status = _scopes.Finish(_connection, _scopes.Settle(_connection, Observed())).Status;
        _listed.ShouldAllBe(r => _scopes.Verified!.Contains(r.Id));
        _scopes.Restart();
        _scopes.Read.Clear();
        _scopes.Applied.Clear();
        _now += TimeSpan.FromDays(1);
        _isNewProcess = true;
    }

    private void SyncOne(string id)
    {
        var state = State();
        _scopes.Sync(state, state.Scopes[id]);
    }

    private void Record(params string[] managed) =>
        _connection.Status = new BitbucketConnectionStatus { Bookkeeping = new BookkeepingStatus { ManagedIn = [.. managed] } };

    // The scopes that have a webhook.
    private string[] Holders() =>
        [.. _scopes.Webhooks.Where(w => w.Value.Value is { Count: > 0 }).Select(w => w.Key).Order(StringComparer.Ordinal)];

    private ConnectionObserved Observed() => new()
    {
        Now = _now,
        AssumesWhatIsKnown = _isNewProcess,
        ReadAt = _readAt,
        Owner = Outcomes.Self,
        Credential = new Credential.HttpAccessToken(new SecretText("t")),
        Server = new ServerInfo("9.4.2", "Bitbucket"),
        Account = new Account("bot"),
        Desired =
        [
            .. _connection.Spec.Webhooks.Select(w => DesiredWebhook.Of(
                w.ToModel(), new SecretText(_secret), Outcomes.Self, allowHttp: false, Flavour.DataCenter)),
        ],
        RepositoryListing = new RepositoryListing(_listed, [], [], []),
        Selection = RepositorySelection.Of(_connection.Spec.Discovery.ToModel(), _listed),
    };
}
