using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using BitbucketOperator.BitbucketSimulator.DataCenter;
using BitbucketOperator.BitbucketSimulator.State;

namespace BitbucketOperator.BitbucketSimulator.Deliveries;

/// <summary>Sends events to webhooks and keeps the results, with the server's circuit breaker.</summary>
internal sealed class DeliveryService : IDisposable
{
    private const int FailuresBeforeSkipping = 5;
    private const int MaxInFlight = 250;
    private const int KeptInvocations = 200;
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan LongestPause = TimeSpan.FromHours(10);

    private readonly Backend _backend;
    private readonly Courier _courier;
    private int _inFlight;

    public DeliveryService(Backend backend) => (_backend, _courier) = (backend, new Courier(backend.Clock));

    /// <summary>Simulates a push and waits until every webhook that wants it was served or skipped.</summary>
    public async Task<IReadOnlyList<Delivery>> PushAsync(string path, string branch, string? user, CancellationToken cancel)
    {
        List<Plan> plans;
        string body;
        lock (_backend.World.Gate)
        {
            var world = _backend.World;
            var repository = world.RepositoryAt(path);
            var actor = user is null ? null : world.UserNamed(user);
            var shapes = new Shapes(world, _backend.LinksBase);
            body = Payloads.Push(world, repository, branch, actor, shapes, _backend.Clock.GetUtcNow()).ToJsonString();
            plans = [.. repository.Webhooks.Concat(repository.Project.Webhooks)
                .Where(w => w.Active && w.Events.Contains("repo:refs_changed"))
                .Select(w => Prepare(w, "repo:refs_changed"))];
        }

        return await Task.WhenAll(plans.Select(plan => DeliverAsync(plan, body, cancel)));
    }

    /// <summary>The test button: a ping without signature, answered with the exchange.</summary>
    public async Task<JsonObject> PingAsync(string url, bool verify, string? username, string? password, CancellationToken cancel)
    {
        var plan = new Plan(null, url, "diagnostics:ping", verify, null, username, password, null);
        const string body = """{"test": true}""";
        using var request = Request(plan, body);
        var headers = new JsonObject();
        foreach (var (name, values) in request.Headers.Concat(request.Content!.Headers)) headers[name] = string.Join(", ", values);
        var shown = new JsonObject { ["method"] = "POST", ["url"] = url, ["headers"] = headers, ["body"] = body };
        var (outcome, description, status) = await _courier.SendAsync(request, plan.VerifyTls, cancel);
        var response = status is null ? null : new JsonObject { ["statusCode"] = status.Value };
        return new JsonObject
        {
            ["request"] = shown,
            ["response"] = response,
            ["result"] = new JsonObject { ["description"] = description, ["outcome"] = Shapes.NameOf(outcome) },
        };
    }

    public void Dispose() => _courier.Dispose();

    private Plan Prepare(Webhook hook, string key)
    {
        var open = hook.SkippedUntil > _backend.Clock.GetUtcNow();
        var skip = open ? $"skipped after {hook.ConsecutiveFailures} failures" : null;
        return new Plan(hook, hook.Url, key, hook.SslVerificationRequired, hook.Secret, hook.Username, hook.Password, skip);
    }

    private async Task<Delivery> DeliverAsync(Plan plan, string body, CancellationToken cancel)
    {
        var hook = plan.Hook!;
        if (plan.SkipReason is not null) return new Delivery(hook.Id, plan.Url, Skipped: true, null, plan.SkipReason);
        using var request = Request(plan, body);
        var start = _backend.Clock.GetUtcNow();
        var inFlight = Interlocked.Increment(ref _inFlight);
        try
        {
            if (inFlight > MaxInFlight) return new Delivery(hook.Id, plan.Url, Skipped: true, null, "skipped: too many in flight");
            var (outcome, description, _) = await _courier.SendAsync(request, plan.VerifyTls, cancel);
            Record(hook, plan, start, outcome, description);
            return new Delivery(hook.Id, plan.Url, Skipped: false, outcome, description);
        }
        finally
        {
            Interlocked.Decrement(ref _inFlight);
        }
    }

    private void Record(Webhook hook, Plan plan, DateTimeOffset start, Outcome outcome, string description)
    {
        lock (_backend.World.Gate)
        {
            var now = _backend.Clock.GetUtcNow();
            hook.Invocations.Add(new Invocation(_backend.World.NextId(), plan.Key, plan.Url, start, now, outcome, description));
            if (hook.Invocations.Count > KeptInvocations) hook.Invocations.RemoveAt(0);
            hook.ConsecutiveFailures = outcome == Outcome.Success ? 0 : hook.ConsecutiveFailures + 1;
            hook.SkippedUntil = hook.ConsecutiveFailures < FailuresBeforeSkipping ? null : now + Pause(hook.ConsecutiveFailures);
        }
    }

    /// <summary>10 seconds after the fifth failure, twice as long after each further one, 10 hours at most.</summary>
    private static TimeSpan Pause(int failures)
    {
        var doublings = Math.Min(failures - FailuresBeforeSkipping, 20);
        var pause = FirstPause * Math.Pow(2, doublings);
        return pause < LongestPause ? pause : LongestPause;
    }

    private static HttpRequestMessage Request(Plan plan, string body)
    {
        var request = Courier.Compose(plan.Url, plan.Key, body, plan.Secret);
        request.Headers.Add("X-Request-Id", Guid.NewGuid().ToString());
        if (plan.Username is not null)
        {
            var pair = Convert.ToBase64String(Encoding.UTF8.GetBytes($"{plan.Username}:{plan.Password}"));
            request.Headers.Authorization = new AuthenticationHeaderValue("Basic", pair);
        }

        return request;
    }

    private sealed record Plan(Webhook? Hook, string Url, string Key, bool VerifyTls, string? Secret, string? Username, string? Password, string? SkipReason);
}
