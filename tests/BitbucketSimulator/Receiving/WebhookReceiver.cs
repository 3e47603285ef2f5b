using System.Collections.Concurrent;
using System.Net;
using System.Text.Json;
using BitbucketOperator.BitbucketSimulator.Deliveries;
using BitbucketOperator.BitbucketSimulator.State;

namespace BitbucketOperator.BitbucketSimulator.Receiving;

/// <summary>One delivery that came in.</summary>
/// <param name="Event">X-Event-Key.</param>
/// <param name="RequestId">X-Request-Id, or X-Request-UUID as Cloud says.</param>
/// <param name="Repository">KEY/slug from the body, on Cloud workspace/slug, or null.</param>
/// <param name="SignatureValid">Null when no secret was given to check with or the delivery is not signed.</param>
/// <param name="Signed">Whether X-Hub-Signature was sent.</param>
/// <param name="ContentType">As sent.</param>
/// <param name="Authorization">As sent, or null.</param>
/// <param name="Body">Raw text.</param>
public sealed record ReceivedDelivery(
    string Event,
    string RequestId,
    string? Repository,
    bool? SignatureValid,
    bool Signed,
    string? ContentType,
    string? Authorization,
    string Body)
{
    /// <summary>X-Hook-UUID, which only Cloud sends.</summary>
    public string? HookId { get; init; }

    /// <summary>X-Attempt-Number, which only Cloud sends.</summary>
    public string? Attempt { get; init; }

    public string? UserAgent { get; init; }
}

/// <summary>A small HTTP endpoint that keeps what webhooks send and checks its signature.</summary>
public sealed class WebhookReceiver : IAsyncDisposable
{
    private const int Kept = 10_000;
    private readonly ConcurrentQueue<ReceivedDelivery> _deliveries = new();
    private readonly WebApplication _app;
    private readonly Func<string?> _secret;
    private readonly Action<ReceivedDelivery>? _onDelivery;

    private WebhookReceiver(WebApplication app, Func<string?> secret, Action<ReceivedDelivery>? onDelivery)
    {
        (_app, _secret, _onDelivery) = (app, secret, onDelivery);
        app.Run(HandleAsync);
    }

    /// <summary>Where to send webhooks; any path is taken.</summary>
    public Uri Url { get; private set; } = new("http://127.0.0.1/");

    /// <summary>What came in, oldest first; bounded.</summary>
    public IReadOnlyList<ReceivedDelivery> Deliveries => [.. _deliveries];

    /// <summary>Status to answer with from now on.</summary>
    public int AnswerStatus { get; set; } = 200;

    /// <summary>
    /// Starts listening. <paramref name="secret"/> is asked for each delivery, so a changed file is noticed; with
    /// <paramref name="authority"/> the endpoint is https.
    /// </summary>
    public static async Task<WebhookReceiver> StartAsync(
        Func<string?> secret,
        int port = 0,
        IPAddress? bind = null,
        Authority? authority = null,
        Action<ReceivedDelivery>? onDelivery = null,
        CancellationToken cancel = default)
    {
        var certificate = authority?.Issue([]);
        var receiver = new WebhookReceiver(Host.Create(bind ?? IPAddress.Loopback, port, certificate), secret, onDelivery);
        await receiver._app.StartAsync(cancel);
        receiver.Url = new Uri(Host.Address(receiver._app) + "/");
        return receiver;
    }

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();

    private async Task HandleAsync(HttpContext http)
    {
        using var buffer = new MemoryStream();
        await http.Request.Body.CopyToAsync(buffer, http.RequestAborted);
        var delivery = Read(http.Request, buffer.ToArray());
        _deliveries.Enqueue(delivery);
        if (_deliveries.Count > Kept) _deliveries.TryDequeue(out _);
        _onDelivery?.Invoke(delivery);
        http.Response.StatusCode = AnswerStatus;
    }

    private ReceivedDelivery Read(HttpRequest request, byte[] body)
    {
        var signature = request.Headers["X-Hub-Signature"].FirstOrDefault();
        bool? valid = signature is null || _secret() is not { } secret ? null : Signature.Matches(secret, body, signature);
        return new ReceivedDelivery(
            request.Headers["X-Event-Key"].ToString(),
            request.Headers["X-Request-Id"].FirstOrDefault() ?? request.Headers["X-Request-UUID"].ToString(),
            RepositoryIn(body),
            valid,
            signature is not null,
            request.ContentType,
            request.Headers.Authorization.FirstOrDefault(),
            System.Text.Encoding.UTF8.GetString(body))
        {
            HookId = request.Headers["X-Hook-UUID"].FirstOrDefault(),
            Attempt = request.Headers["X-Attempt-Number"].FirstOrDefault(),
            UserAgent = request.Headers.UserAgent.FirstOrDefault(),
        };
    }

    private static string? RepositoryIn(byte[] body)
    {
        try
        {
            using var json = JsonDocument.Parse(body);
            var repository = json.RootElement.GetProperty("repository");
            if (repository.TryGetProperty("full_name", out var name)) return name.GetString();
            return $"{repository.GetProperty("project").GetProperty("key").GetString()}/{repository.GetProperty("slug").GetString()}";
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            return null;
        }
    }
}
