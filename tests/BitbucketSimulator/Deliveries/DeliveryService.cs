using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net.Http.Headers;
using System.Security.Cryptography;
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
    private static readonly TimeSpan RequestTimeout = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan LongestPause = TimeSpan.FromHours(10);

    private readonly Backend _backend;
    private readonly HttpClient _strict = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false }) { Timeout = Timeout.InfiniteTimeSpan };
    private readonly HttpClient _lax;
    private int _inFlight;

    [SuppressMessage("Security", "CA5359:Do Not Disable Certificate Validation", Justification = "sslVerificationRequired=false on a webhook means exactly this")]
    [SuppressMessage("Security", "MA0039:Do not write your own certificate validation method", Justification = "As above")]
    public DeliveryService(Backend backend)
    {
        _backend = backend;
        var handler = new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false };
        handler.SslOptions.RemoteCertificateValidationCallback = (_, _, _, _) => true;
        _lax = new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan };
    }

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
        var (outcome, description, status) = await SendAsync(plan, request, cancel);
        var response = status is null ? null : new JsonObject { ["statusCode"] = status.Value };
        return new JsonObject
        {
            ["request"] = shown,
            ["response"] = response,
            ["result"] = new JsonObject { ["description"] = description, ["outcome"] = Shapes.NameOf(outcome) },
        };
    }

    public void Dispose()
    {
        _strict.Dispose();
        _lax.Dispose();
    }

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
            var (outcome, description, _) = await SendAsync(plan, request, cancel);
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

    private async Task<(Outcome Outcome, string Description, int? Status)> SendAsync(Plan plan, HttpRequestMessage request, CancellationToken cancel)
    {
        using var timeout = new CancellationTokenSource(RequestTimeout, _backend.Clock);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancel, timeout.Token);
        try
        {
            using var response = await (plan.VerifyTls ? _strict : _lax).SendAsync(request, HttpCompletionOption.ResponseHeadersRead, both.Token);
            var status = (int)response.StatusCode;
            return (response.IsSuccessStatusCode ? Outcome.Success : Outcome.Failure, status.ToString(CultureInfo.InvariantCulture), status);
        }
        catch (HttpRequestException e)
        {
            return (Outcome.Error, e.HttpRequestError == HttpRequestError.SecureConnectionError ? "TLS handshake failed" : e.Message, null);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            return (Outcome.Error, "timed out", null);
        }
    }

    private static HttpRequestMessage Request(Plan plan, string body)
    {
        var bytes = Encoding.UTF8.GetBytes(body);
        var request = new HttpRequestMessage(HttpMethod.Post, plan.Url) { Content = new ByteArrayContent(bytes) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json") { CharSet = "utf-8" };
        request.Headers.Add("X-Event-Key", plan.Key);
        request.Headers.Add("X-Request-Id", Guid.NewGuid().ToString());
        if (plan.Secret is not null) request.Headers.Add("X-Hub-Signature", Signature.Of(plan.Secret, bytes));
        if (plan.Username is not null)
        {
            var pair = Convert.ToBase64String(Encoding.UTF8.GetBytes($"{plan.Username}:{plan.Password}"));
            request.Headers.Authorization = new AuthenticationHeaderValue("Basic", pair);
        }

        return request;
    }

    private sealed record Plan(Webhook? Hook, string Url, string Key, bool VerifyTls, string? Secret, string? Username, string? Password, string? SkipReason);
}

/// <summary>The signature header of deliveries.</summary>
internal static class Signature
{
    public static string Of(string secret, ReadOnlySpan<byte> body) =>
        "sha256=" + Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), body));

    public static bool Matches(string secret, ReadOnlySpan<byte> body, string? header) =>
        header is not null && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(Of(secret, body)), Encoding.UTF8.GetBytes(header));
}
