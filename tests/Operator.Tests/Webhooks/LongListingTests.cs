using BitbucketOperator.Bitbucket.Http;
using BitbucketOperator.Controllers;
using BitbucketOperator.Core.Api;
using BitbucketOperator.Core.Api.V1Alpha1;
using BitbucketOperator.Core.Mapping;
using BitbucketOperator.Core.Ownership;
using BitbucketOperator.Core.Port;
using BitbucketOperator.Core.Status;
using BitbucketOperator.Core.Validation;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace BitbucketOperator.Operator.Tests.Webhooks;

/// <summary>Listings of repositories that do not end, or break off late, under a clock of our own.</summary>
public sealed class LongListingTests : IDisposable
{
    private const int Most = 100;
    private const int PerPage = 10;
    private static readonly TimeSpan LongestBackoff = TimeSpan.FromMinutes(5);
    private static readonly WebhookOwner Owner = WebhookOwner.Of("cluster", "ci", "platform");
    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
    private readonly PlayedBitbucket _bitbucket = new();
    private readonly ConnectionState _state = new();
    private readonly ConnectionReconciler _reconciler;
    private readonly WebhookSync _sync;
    private readonly BitbucketConnection _connection = new()
    {
        Metadata = new() { Name = "platform", NamespaceProperty = "ci", Uid = "platform", Generation = 1 },
        Spec = new()
        {
            Url = "https://bb.example.com",
            Auth = new() { Type = AuthType.HTTPAccessToken, SecretRef = new() { Name = "bitbucket" } },
            Interval = "10m",
            WebhookInterval = "24h",
            Webhooks = [new WebhookSpec { Name = "ci", Url = "https://ci.example.com/hook", Level = WebhookLevel.Repository }],
        },
    };

    private int _failures;

    public LongListingTests()
    {
        var references = new MemoryReferences();
        references.Secrets["bitbucket"] = new(StringComparer.Ordinal) { ["token"] = "token-that-is-right" };
        _reconciler = new ConnectionReconciler(
            new ConnectionPreparer(references, new ConnectionPolicy(AllowHttp: false)),
            new ConnectionObserver(new BitbucketOptions { MaxRepositories = Most }, _clock),
            new PlayedConnector(_bitbucket),
            ListedOwners.None,
            _clock);
        _sync = new WebhookSync(new DeliveryObserver(_clock), ListedOwners.None, _clock, NullLogger<WebhookSync>.Instance);
    }

    [Fact]
    public async Task ListingThatNeverEnds_IsGivenUpAtTheBound_AndNothingIsChanged()
    {
        await HealthyAsync(repositories: 20);
        _bitbucket.Page = page => Repositories(page * PerPage, PerPage);
        await RunForAsync(TimeSpan.FromMinutes(11));
        (_bitbucket.Pages / ((Most / PerPage) + 1.0)).ShouldBeOneOf(1.0, 2.0);
        Condition(ConditionTypes.RepositoriesDiscovered).Reason.ShouldBe("TooManyRepositories");
        Condition(ConditionTypes.RepositoriesDiscovered).Message.ShouldStartWith($"More than {Most} repositories listed");
        Condition(ConditionTypes.Ready).Status.ShouldBe(ConditionState.False);
        _connection.Status!.Webhooks!.ReadyOfDesired().ShouldBe("20/20", "what was there is there");
        _connection.Status.Bookkeeping!.ManagedIn.ShouldBe(["PLAT"]);
        _bitbucket.Deleted.ShouldBe(0);

        await RunForAsync(TimeSpan.FromHours(1));
        _bitbucket.Pages.ShouldBeInRange(6 * (Most / PerPage), 13 * ((Most / PerPage) + 1), "as often as the interval says, within its spread");
        _bitbucket.Deleted.ShouldBe(0);

        _bitbucket.Page = page => page == 0 ? Repositories(0, 20) : null;
        await RunForAsync(TimeSpan.FromMinutes(11));
        Condition(ConditionTypes.Ready).Status.ShouldBe(ConditionState.True);
        _connection.Status.Webhooks!.ReadyOfDesired().ShouldBe("20/20");
    }

    [Fact]
    public async Task DeletionWhileTheListingNeverEnds_SaysSoAndIsNotDone()
    {
        await HealthyAsync(repositories: 20);
        _bitbucket.Page = page => Repositories(page * PerPage, PerPage);
        _connection.Metadata.DeletionTimestamp = _clock.GetUtcNow().UtcDateTime;
        var outcome = await _reconciler.CleanUpAsync(_connection.ToModel(), Owner, _state, TestContext.Current.CancellationToken);
        var summary = CleanupSummary.Of(outcome, removed: 0, _connection.Status);
        summary.Done.ShouldBeFalse();
        summary.Status!.Conditions.ShouldContain(c => c.Message.Contains($"More than {Most} repositories listed", StringComparison.Ordinal));
        summary.Status.Bookkeeping!.ManagedIn.ShouldBe(["PLAT"]);
        _bitbucket.Pages.ShouldBe((Most / PerPage) + 1);
    }

    [Fact]
    public async Task AsManyRepositoriesAsAllowed_AreTaken()
    {
        await HealthyAsync(Most);
        _connection.Status!.Webhooks!.ReadyOfDesired().ShouldBe($"{Most}/{Most}");
    }

    [Theory]
    [InlineData(0)]
    [InlineData(PerPage)]
    public async Task PagesWithNothingNew_EndTheListing(int repositories)
    {
        await HealthyAsync(repositories: 20);
        _bitbucket.Page = _ => Repositories(0, repositories);
        await RunForAsync(TimeSpan.FromMinutes(11));
        _bitbucket.Pages.ShouldBeInRange(1000, 2002, "once or twice in an interval");
        Condition(ConditionTypes.RepositoriesDiscovered).Reason.ShouldBe("ListingIncomplete");
        Condition(ConditionTypes.RepositoriesDiscovered).Message.ShouldContain("1000 pages in a row");
        _bitbucket.Deleted.ShouldBe(0);
        await RunForAsync(TimeSpan.FromHours(1));
        _bitbucket.Pages.ShouldBeLessThan(13_100, "as often as the interval says");
    }

    [Fact]
    public async Task ManyEmptyPages_AreFollowed()
    {
        await HealthyAsync(repositories: 20);
        _bitbucket.Page = page => page switch { < 900 => [], 900 => Repositories(0, 20), _ => null };
        await RunForAsync(TimeSpan.FromMinutes(11));
        Condition(ConditionTypes.Ready).Status.ShouldBe(ConditionState.True);
    }

    // A listing that takes longer than a reconcile may: those in between that go on with it succeed.
    [Fact]
    public async Task SlowListingThatBreaksOffLate_IsBegunAnewLessAndLessOften()
    {
        await HealthyAsync(repositories: 20);
        var begun = 0;
        _bitbucket.Page = page =>
        {
            begun += page == 0 ? 1 : 0;
            _clock.Advance(TimeSpan.FromSeconds(2));
            return page < 6 ? Repositories(page, 1) : throw new FaultException(Fault.Transient(Reasons.ServerError, "500"));
        };
        await RunForAsync(TimeSpan.FromHours(1) + TimeSpan.FromMinutes(11));
        begun.ShouldBeInRange(10, 40, "about every two minutes");

        _bitbucket.Page = page =>
        {
            _clock.Advance(TimeSpan.FromSeconds(2));
            return page < 60 ? Repositories(page % 20, 1) : null;
        };
        await RunForAsync(TimeSpan.FromMinutes(8));
        Condition(ConditionTypes.Ready).Status.ShouldBe(ConditionState.True);
    }

    public void Dispose() => _bitbucket.Dispose();

    private async Task HealthyAsync(int repositories)
    {
        _bitbucket.Page = page => page == 0 ? Repositories(0, repositories) : null;
        await RunForAsync(TimeSpan.FromMinutes(1));
        Condition(ConditionTypes.Ready).Status.ShouldBe(ConditionState.True);
        _bitbucket.Forget();
    }

    // As the queue does: at the time that a reconcile names, or after the back-off of those that failed in a row.
    private async Task RunForAsync(TimeSpan time)
    {
        for (var end = _clock.GetUtcNow() + time; _clock.GetUtcNow() < end;)
        {
            var after = await ReconcileAsync();
            _failures = after is null ? _failures + 1 : 0;
            var backoff = TimeSpan.FromSeconds(Math.Pow(2, Math.Min(_failures, 12) - 1));
            _clock.Advance(after ?? (backoff < LongestBackoff ? backoff : LongestBackoff));
        }
    }

    private async Task<TimeSpan?> ReconcileAsync()
    {
        while (true)
        {
            var connection = _connection.ToModel();
            _state.Verified ??= connection.Known.Verified;
            var outcome = await _reconciler.RunAsync(connection, Owner, _state, TestContext.Current.CancellationToken);
            var summary = ConnectionSummary.Of(outcome, _connection.Status);
            (_connection.Status, _state.Verified) = (summary.Status, summary.Verified);
            ConnectionReconciler.Schedule(outcome, _state);
            if (_state.Sync.IsDone(_clock.GetUtcNow()))
            {
                return summary.Next.After;
            }

            await SyncDrain.RunAsync(_state, _sync, _clock, parallel: 1, TestContext.Current.CancellationToken);
        }
    }

    private Condition Condition(string type) => _connection.Status!.Conditions.Find(c => c.Type == type)!;

    private static IReadOnlyList<Repository> Repositories(int first, int count) =>
        [.. Enumerable.Range(first, count).Select(i => new Repository($"{i}", new RepositoryName("PLAT", $"repository-{i}")))];

    private sealed class PlayedConnector(IBitbucket bitbucket) : IBitbucketConnector
    {
        public IBitbucket Connect(ConnectionTarget target, Credential? other = null) => bitbucket;
    }
}
