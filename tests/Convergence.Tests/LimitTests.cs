using System.Net;
using System.Net.Http.Headers;
using System.Text;
using BitbucketOperator.Convergence.Tests.World;
using BitbucketOperator.Core.Api.V1Alpha1;
using Microsoft.Extensions.Time.Testing;

namespace BitbucketOperator.Convergence.Tests;

/// <summary>Hours under the limits of Bitbucket Cloud, with a clock that waits for nobody.</summary>
public sealed class LimitTests
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

    private static async Task<CloudWorldOf> CloudOf(int repositories, Action<BitbucketConnectionStatus>? written = null)
    {
        var clock = new FakeTimeProvider(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
        var server = await PlayedCloud.StartAsync(100, clock);
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
        return new CloudWorldOf(server, resource, new PlayedOperator(server, resource, clock, written ?? (_ => { })));
    }

    private sealed record CloudWorldOf(PlayedCloud Server, Resource Resource, PlayedOperator Operator) : IAsyncDisposable
    {
        public FakeTimeProvider Clock => Operator.Clock;

        /// <summary>Another program with the same credential sends all that the limit allows.</summary>
        public async Task UseUpAsync()
        {
            using var client = new HttpClient();
            var login = Convert.ToBase64String(Encoding.UTF8.GetBytes($"{PlayedCloud.Email}:{Resource.Token}"));
            client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Basic", login);
            var url = new Uri(Server.ApiUrl, $"/2.0/repositories/{PlayedCloud.Workspace}/repository-000/hooks");
            for (var i = 0; i <= PerHour; i++)
            {
                using var response = await client.GetAsync(url, TestContext.Current.CancellationToken);
                if (response.StatusCode == HttpStatusCode.TooManyRequests)
                {
                    return;
                }
            }

            throw new InvalidOperationException("The limit was never reached.");
        }

        public async ValueTask DisposeAsync()
        {
            await Operator.DisposeAsync();
            await Server.DisposeAsync();
        }
    }
}
