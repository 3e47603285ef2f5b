using System.Globalization;
using System.Net;
using System.Text.Json;
using BitbucketOperator.Bitbucket.Http;
using BitbucketOperator.Core.Port;

namespace BitbucketOperator.Bitbucket.DataCenter;

/// <summary>
/// How the deliveries of webhooks went. A webhook that Bitbucket skips after failures is shown as active all the while; only
/// its history tells. Needs REPO_ADMIN or PROJECT_ADMIN.
/// </summary>
internal sealed class DeliveryReader(RestSession session)
{
    private const string Success = "SUCCESS";
    private const long LastMoment = 253_402_300_799_999;

    /// <summary>One request where all is well, two where the latest delivery failed.</summary>
    public async Task<DeliveryHealth?> ReadAsync(WebhookScope scope, string id, CancellationToken cancellationToken)
    {
        var call = WebhookEditor.CallOf(Operation.ReadDeliveries, scope);
        var path = WebhookEditor.PathOf(scope, id);
        var answer = await session.SendAsync(call, HttpMethod.Get, $"{path}/latest", body: null, cancellationToken);
        if (answer.Status == HttpStatusCode.NotFound) return null;
        if (answer.Status == HttpStatusCode.NoContent) return DeliveryHealth.NeverInvoked;
        if (answer.Kind == BodyKind.Empty) return null;
        var latest = RestSession.Read(call, answer, WireJson.Default.WireInvocation);
        if (ErrorOf(latest.Result, latest.Request?.Url, session.Text) is not { } error)
            return new(TimeOf(latest), LastFailure: null, Window: null, LastError: null);
        var statistics = await session.SendAsync(call, HttpMethod.Get, $"{path}/statistics", body: null, cancellationToken);
        var all = statistics is { Status: HttpStatusCode.OK, Kind: BodyKind.Json } ? RestSession.Read(call, statistics, WireJson.Default.WireDeliveries) : null;
        return new(TimeOf(all?.LastSuccess), TimeOf(latest), CountsOf(all?.Counts), error);
    }

    /// <summary>The answer shows the request with the receiver's password: nothing of it is passed on but status and description.</summary>
    public async Task<string?> TestAsync(WebhookScope scope, string id, WebhookDefinition definition, CancellationToken cancellationToken)
    {
        var call = WebhookEditor.CallOf(Operation.TestWebhook, scope);
        var verify = definition.SslVerification ? "true" : "false";
        var query = $"url={Uri.EscapeDataString(definition.Url)}&webhookId={Uri.EscapeDataString(id)}&sslVerificationRequired={verify}";
        var path = $"{WebhookEditor.PathOf(scope)}/test?{query}";
        SecretText[] secrets = WebhookEditor.SecretsOf(definition);
        var answer = await session.SendAsync(call, HttpMethod.Post, path, body: null, cancellationToken, secrets);
        if (answer.Status == HttpStatusCode.NotFound) return null;
        var test = RestSession.Read(call, answer, WireJson.Default.WireTest);
        return ErrorOf(test.Result ?? ResultOf(test.Response), definition.Url, session.Text.With(secrets));
    }

    private static WireInvocationResult ResultOf(WireTestResponse? response) => response?.StatusCode is not { } status
        ? new("", "ERROR")
        : new(status.ToString(CultureInfo.InvariantCulture), status is >= 200 and < 300 ? Success : "FAILURE");

    // Null where it went well, or nobody says that it did not.
    private static string? ErrorOf(WireInvocationResult? result, string? url, ServerText text)
    {
        if (result?.Outcome is not { } outcome || outcome.Equals(Success, StringComparison.OrdinalIgnoreCase)) return null;
        var host = Uri.TryCreate(ServerText.Kept(url), UriKind.Absolute, out var receiver) ? text.Clean(receiver.Authority) : "the receiver";
        var said = text.Clean(ShownUrl.HostsIn(VisibleText.OneLine(ServerText.Kept(result.Description))));
        var answered = outcome.Equals("FAILURE", StringComparison.OrdinalIgnoreCase);
        if (said.Length == 0) return answered ? $"{host} refuses it" : $"no answer from {host}";
        return answered ? $"{said} from {host}" : $"no answer from {host} ({said})";
    }

    private static DeliveryCounts? CountsOf(WireDeliveryCounts? counts) =>
        counts is null ? null : new(counts.Successes ?? 0, (counts.Failures ?? 0) + (counts.Errors ?? 0));

    // Milliseconds, or from version 10 on perhaps a text.
    private static DateTimeOffset? TimeOf(WireInvocation? invocation) => invocation?.Finish is not { } value
        ? null
        : value.ValueKind switch
        {
            JsonValueKind.Number when value.TryGetInt64(out var milliseconds) && milliseconds is >= 0 and <= LastMoment =>
                DateTimeOffset.FromUnixTimeMilliseconds(milliseconds),
            JsonValueKind.String when TryParse(value, out var time) => time,
            _ => (DateTimeOffset?)null,
        };

    private static bool TryParse(JsonElement value, out DateTimeOffset time) =>
        DateTimeOffset.TryParse(JsonTree.TextOf(value), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out time);
}
