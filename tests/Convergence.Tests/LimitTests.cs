using BitbucketOperator.Testing.Servers;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using BitbucketOperator.BitbucketSimulator.Faults;
using BitbucketOperator.Convergence.Tests.World;
using BitbucketOperator.Core.Api.V1Alpha1;
using Microsoft.Extensions.Time.Testing;
using SimulatedFault = BitbucketOperator.BitbucketSimulator.Faults.Fault;

namespace BitbucketOperator.Convergence.Tests;

/// <summary>Hours under the limits of Bitbucket, with a clock that waits for nobody.</summary>
public sealed class LimitTests(ITestOutputHelper output)
{
    private const int PerHour = 1000;

    // Of a limit the operator takes 80 %.
    private const double Share = PerHour * 0.8;
    private const string Secret = "hook-secret";

    [Fact]
    public async Task RestartsInTheMiddleOfASync_NoLimitExceeded_AllInPlaceInTime()
    {
        const int Repositories = 600;
        const int Restarts = 12;
        await using var world = await CloudOf(Repositories);
        world.Server.Limit(PerHour);
        var (start, restarts) = (world.Clock.GetUtcNow(), 0);
        var firstMinute = -1;
        for (var pass = 0; pass < 200 && world.Server.Hooks.Count < Repositories; pass++)
        {
            var dies = world.Clock.GetUtcNow() + TimeSpan.FromMinutes(7);
            await world.Operator.PassAsync(() => world.Clock.GetUtcNow() >= dies, dies: false);
            firstMinute = firstMinute < 0 ? world.Server.Hooks.Count : firstMinute;
            world.Clock.Advance(TimeSpan.FromSeconds(5));
            if (restarts < Restarts)
            {
                world.Operator.Restart();
                restarts++;
            }
        }

        restarts.ShouldBe(Restarts);
        world.Server.Hooks.Count.ShouldBe(Repositories);
        world.Server.Hooks.Select(h => h.PlaceId).Distinct().Count().ShouldBe(Repositories);
        world.Server.Counters.RateLimited.ShouldBe(0, "no hour had more requests than are allowed");
        firstMinute.ShouldBePositive();

        // One request to list and one to write, of each repository.
        var bound = TimeSpan.FromHours(2 * Repositories / Share);
        ((world.Clock.GetUtcNow() - start) / bound).ShouldBeLessThan(1.2);
    }

    [Fact]
    public async Task RotatedSecret_IsPushedWithOneListingOfEachRepository()
    {
        const int Repositories = 500;
        await using var world = await CloudOf(Repositories);
        await world.Operator.PassAsync(() => false, dies: false);
        world.Server.Hooks.Count.ShouldBe(Repositories);

        // Verification is due everywhere as well.
        world.Clock.Advance(TimeSpan.FromHours(25));
        world.Server.Limit(PerHour);
        world.Resource.WriteSecret(Secret);
        var (before, start) = (world.Server.Counters, world.Clock.GetUtcNow());
        for (var pass = 0; pass < 50 && world.Server.Counters.WebhookPuts < before.WebhookPuts + Repositories; pass++)
        {
            await world.Operator.PassAsync(() => false, dies: false);
            world.Clock.Advance(TimeSpan.FromSeconds(5));
        }

        var wanted = world.Resource.Wanted(world.Resource.Spec.Webhooks[0]);
        world.Server.Hooks.ShouldAllBe(h => h.Fields == wanted);
        (world.Server.Counters.WebhookPuts - before.WebhookPuts).ShouldBe(Repositories);
        (world.Server.Counters.WebhookReads - before.WebhookReads).ShouldBe(Repositories, "each repository is listed once");
        world.Server.Counters.RateLimited.ShouldBe(0);
        ((world.Clock.GetUtcNow() - start) / TimeSpan.FromHours(2 * Repositories / Share)).ShouldBeLessThan(1.2);
    }

    [Fact]
    public async Task Deletion_WhileOthersUsedTheLimitUp_RemovesEveryWebhook()
    {
        const int Repositories = 200;
        var statuses = new List<BitbucketConnectionStatus>();
        await using var world = await CloudOf(Repositories, statuses.Add);
        await world.Operator.PassAsync(() => false, dies: false);
        world.Clock.Advance(TimeSpan.FromHours(3));
        world.Server.Limit(PerHour);
        await world.UseUpAsync();
        var (refused, start) = (world.Server.Counters.RateLimited, world.Clock.GetUtcNow());

        statuses.Clear();
        world.Resource.Connection.Metadata.DeletionTimestamp = start.UtcDateTime;
        var done = false;
        for (var pass = 0; pass < 300 && !done; pass++)
        {
            done = await world.Operator.CleanUpAsync(dies: false);
            world.Clock.Advance(TimeSpan.FromSeconds(30));
            if (pass % 20 == 10)
            {
                world.Operator.Restart();
            }
        }

        done.ShouldBeTrue();
        world.Server.Hooks.ShouldBeEmpty();
        statuses.ShouldNotBeEmpty();
        statuses.SelectMany(s => s.Conditions).ShouldNotContain(c => c.Reason == "CleanupBlocked", "a limit pauses and never fails");
        (world.Server.Counters.RateLimited - refused).ShouldBeLessThan(20, "one request at a time tries whether the limit ended");
        (world.Clock.GetUtcNow() - start).ShouldBeLessThan(TimeSpan.FromHours(2), "an hour until others' requests no longer count, and the rest");
    }

    // Another program with the same credential sends nine of ten requests that the limit allows, hour after hour.
    [Theory]
    [InlineData(Hosting.Cloud, 400, PerHour, 900)]
    [InlineData(Hosting.DataCenter, 200, 60, 1620)]
    public async Task AnotherClientThatTakesNineTenths_AllInPlace_WithFewRefusals(
        Hosting hosting, int repositories, int limit, int othersPerHour)
    {
        await using var world = await WorldOf(hosting, repositories);
        world.Server.Limit(limit);
        using var other = new OtherClient(world.Clock, () => world.Client(), othersPerHour);
        world.Clock.Advance(TimeSpan.FromHours(1));
        var (start, sent, refused) = (world.Clock.GetUtcNow(), other.Sent, other.Refused);
        var before = world.Server.Counters.RateLimited - refused;
        for (var pass = 0; pass < 1000 && world.Server.Hooks.Count < repositories; pass++)
        {
            await world.Operator.PassAsync(() => false, dies: false);
            world.Clock.Advance(TimeSpan.FromSeconds(5));
        }

        world.Server.Hooks.Select(h => h.PlaceId).Distinct().Count().ShouldBe(repositories);
        world.Server.Hooks.Count.ShouldBe(repositories);
        var hours = (world.Clock.GetUtcNow() - start).TotalHours;
        hours.ShouldBeLessThan(2 * 2 * repositories / (othersPerHour / 9.0), "at half the speed of what is left at least");
        var own = world.Server.Counters.RateLimited - other.Refused - before;
        output.WriteLine($"{hours:F1} h, {own} refused; of the other {other.Refused - refused} of {other.Sent - sent}");
        own.ShouldBeLessThan((long)(60 * hours), "one request at a time tries whether the limit ended");

        // Refused requests count on Cloud: a client that never slows down stays refused for as long as it uses all that is left.
        (other.Refused - refused).ShouldBeLessThan((other.Sent - sent) * 2 / 3);
    }

    // What a server says of when to come again is believed for ten minutes at most, and for a second at least.
    [Theory]
    [InlineData(Hosting.Cloud, "31536000")]
    [InlineData(Hosting.Cloud, "0")]
    [InlineData(Hosting.Cloud, "-5")]
    [InlineData(Hosting.Cloud, "soon")]
    [InlineData(Hosting.Cloud, "Fri, 31 Dec 9999 23:59:59 GMT")]
    [InlineData(Hosting.Cloud, "Thu, 01 Jan 1970 00:00:00 GMT")]
    [InlineData(Hosting.Cloud, null)]
    [InlineData(Hosting.DataCenter, "31536000")]
    [InlineData(Hosting.DataCenter, "0")]
    [InlineData(Hosting.DataCenter, "-5")]
    [InlineData(Hosting.DataCenter, "soon")]
    [InlineData(Hosting.DataCenter, "Fri, 31 Dec 9999 23:59:59 GMT")]
    [InlineData(Hosting.DataCenter, "Thu, 01 Jan 1970 00:00:00 GMT")]
    [InlineData(Hosting.DataCenter, null)]
    public async Task RetryAfterOfAnyKind_IsWaitedForTenMinutesAtMost_AndSaid(Hosting hosting, string? header)
    {
        const int Repositories = 20;
        const int Refusals = 3;
        var statuses = new List<BitbucketConnectionStatus>();
        await using var world = await WorldOf(hosting, Repositories, statuses.Add);
        world.Server.Faults.Add(new SimulatedFault { Kind = FaultKind.RateLimited, RetryAfter = header, Count = Refusals });
        world.Server.Faults.Add(new SimulatedFault { Kind = FaultKind.RateLimited, RetryAfter = header, After = 20, Count = Refusals });
        var start = world.Clock.GetUtcNow();
        for (var pass = 0; pass < 1000 && world.Server.Hooks.Count < Repositories; pass++)
        {
            await world.Operator.PassAsync(() => false, dies: false);
            world.Clock.Advance(TimeSpan.FromSeconds(5));
        }

        await world.Operator.PassAsync(() => false, dies: false);
        world.Server.Hooks.Select(h => h.PlaceId).Distinct().Count().ShouldBe(Repositories);
        world.Server.Hooks.Count.ShouldBe(Repositories);
        world.Server.Counters.RateLimited.ShouldBe(2 * Refusals, "a good answer ends a pause");
        (world.Clock.GetUtcNow() - start).ShouldBeLessThan((2 * Refusals * TimeSpan.FromMinutes(10)) + TimeSpan.FromMinutes(5));
        statuses.SelectMany(s => s.Conditions).ShouldContain(c => c.Reason == "RateLimited");
        statuses[^1].Conditions.ShouldNotContain(c => c.Reason == "RateLimited");
        statuses[^1].Webhooks!.Ready.ShouldBe(Repositories);
    }

    private static Task<LimitedWorld> CloudOf(int repositories, Action<BitbucketConnectionStatus>? written = null) =>
        WorldOf(Hosting.Cloud, repositories, written);

    private static async Task<LimitedWorld> WorldOf(Hosting hosting, int repositories, Action<BitbucketConnectionStatus>? written = null)
    {
        var clock = new FakeTimeProvider(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
        var server = await PlayedServer.StartAsync(hosting, 100, clock);
        server.AddProject("PLAT");
        for (var i = 0; i < repositories; i++)
        {
            server.AddRepository("PLAT", $"repository-{i:000}", archived: false, fork: false);
        }

        var resource = new Resource(server);
        resource.WriteSecret(Secret);
        resource.Spec.WebhookInterval = "24h";
        resource.Spec.Webhooks =
        [
            new WebhookSpec
            {
                Name = "ci",
                Url = "https://ci.example.com/hook",
                SecretRef = new SecretKeyReference { Name = Secret },
                Level = WebhookLevel.Repository,
            },
        ];
        var token = "token-number-1";
        server.AddToken(token);
        server.GrantAll();
        resource.UseToken(token);
        return new LimitedWorld(server, resource, new PlayedOperator(server, resource, clock, written ?? (_ => { })));
    }

    private sealed record LimitedWorld(PlayedServer Server, Resource Resource, PlayedOperator Operator) : IAsyncDisposable
    {
        public FakeTimeProvider Clock => Operator.Clock;

        /// <summary>Another program with the same credential sends all that the limit allows.</summary>
        public async Task UseUpAsync()
        {
            using var client = Client();
            for (var i = 0; i <= PerHour; i++)
            {
                using var response = await client.GetAsync((Uri?)null, TestContext.Current.CancellationToken);
                if (response.StatusCode == HttpStatusCode.TooManyRequests)
                {
                    return;
                }
            }

            throw new InvalidOperationException("The limit was never reached.");
        }

        /// <summary>What another program with the same credential would use, to read the webhooks of a repository.</summary>
        public HttpClient Client()
        {
            var login = Convert.ToBase64String(Encoding.UTF8.GetBytes($"{PlayedCloud.Email}:{Resource.Token}"));
            return Server switch
            {
                PlayedCloud cloud => new HttpClient
                {
                    BaseAddress = new Uri(cloud.ApiUrl, $"/2.0/repositories/{PlayedCloud.Workspace}/repository-000/hooks"),
                    DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Basic", login) },
                },
                PlayedDataCenter dataCenter => new HttpClient
                {
                    BaseAddress = new Uri(dataCenter.Url, "/rest/api/latest/projects/PLAT/repos/repository-000/webhooks"),
                    DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Bearer", Resource.Token) },
                },
                _ => throw new NotSupportedException(),
            };
        }

        public async ValueTask DisposeAsync()
        {
            await Operator.DisposeAsync();
            await Server.DisposeAsync();
        }
    }

    /// <summary>Sends while the clock turns.</summary>
    private sealed class OtherClient : IDisposable
    {
        private readonly HttpClient _client;
        private readonly ITimer _timer;

        public OtherClient(TimeProvider clock, Func<HttpClient> connect, int perHour)
        {
            _client = connect();
            _timer = clock.CreateTimer(_ => Send(), state: null, TimeSpan.Zero, TimeSpan.FromHours(1) / perHour);
        }

        public int Sent { get; private set; }

        public int Refused { get; private set; }

        public void Dispose()
        {
            _timer.Dispose();
            _client.Dispose();
        }

        private void Send()
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, _client.BaseAddress);
            using var response = _client.Send(request);
            Sent++;
            Refused += response.StatusCode == HttpStatusCode.TooManyRequests ? 1 : 0;
        }
    }
}
