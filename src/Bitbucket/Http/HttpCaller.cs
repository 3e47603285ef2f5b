using System.Net;
using BitbucketOperator.Bitbucket.RateLimiting;
using BitbucketOperator.Core.Port;
using Microsoft.Extensions.Logging;
using Polly;

namespace BitbucketOperator.Bitbucket.Http;

/// <summary>Sends requests: each paid for, with retries, time-outs and bounded bodies.</summary>
internal sealed partial class HttpCaller(
    BitbucketOptions options, BitbucketMetrics metrics, TimeProvider time, ILogger<HttpCaller> logger, IWriteGate? gate = null)
{
    private readonly Resilience _resilience = new(options, time);

    /// <summary>The answer, whatever its status.</summary>
    /// <exception cref="FaultException">There was no answer, it could not be read, or a limit keeps the request from being sent.</exception>
    /// <exception cref="WriteGateClosedException">It is a write, and was not sent: another replica may lead.</exception>
    public async Task<HttpAnswer> SendAsync(SharedClient client, HttpCall call, Payer payer, ServerText text, CancellationToken cancellationToken)
    {
        var arrived = time.GetTimestamp();
        using var place = await payer.EnterAsync(cancellationToken);
        metrics.Entered(call, time.GetElapsedTime(arrived));
        var context = ResilienceContextPool.Shared.Get(cancellationToken);
        try
        {
            var answer = await _resilience.For(call.Method).ExecuteAsync(
                static (context, state) => state.Self.TryAsync(state.Client, state.Call, state.Place, context.CancellationToken),
                context,
                (Self: this, Client: client, Call: call, Place: place));
            return Bounded(answer);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested
            && TransportFault.Of(exception, call.Uri, client.HopTo(call.Uri)) is { } fault)
        {
            throw new FaultException(fault with { Words = fault.Words.Select(text.MaskLong) }, exception);
        }
        finally
        {
            ResilienceContextPool.Shared.Return(context);
        }
    }

    private async ValueTask<HttpAnswer> TryAsync(SharedClient client, HttpCall call, Payer.Place place, CancellationToken cancellationToken)
    {
        using var attempt = place.Start(call.Group);
        var answer = await SendOnceAsync(client, call, cancellationToken);
        if (answer.Status == HttpStatusCode.TooManyRequests) return answer with { RetryAfter = attempt.Refused(Bounded(answer).RetryAfter) };
        attempt.Accepted();
        return answer;
    }

    private async Task<HttpAnswer> SendOnceAsync(SharedClient client, HttpCall call, CancellationToken cancellationToken)
    {
        // Here as well as when the body leaves: no connection is kept waiting for a gate.
        if (call.IsWrite && gate is not null && !await gate.MayWriteAsync(cancellationToken))
        {
            throw new WriteGateClosedException();
        }

        using var activity = metrics.StartRequest(call);
        var start = time.GetTimestamp();
        try
        {
            using var use = client.Begin();
            using var message = call.ToMessage(options.ProductVersion, gate);
            using var response = await use.SendAsync(message, cancellationToken);
            var body = await BoundedBody.ReadAsync(response.Content, options.MaxResponseBytes, cancellationToken);
            var answer = HttpAnswer.Of(response, body, time.GetUtcNow());
            metrics.Answered(call, response.StatusCode, time.GetElapsedTime(start), activity);
            Log.Answered(logger, call.Method, call.Uri.Authority, call.Uri.AbsolutePath, (int)response.StatusCode, Elapsed(start), body.Length);
            return answer;
        }
        catch (Exception exception)
        {
            metrics.Unanswered(call, time.GetElapsedTime(start), activity);
            Log.Unanswered(logger, call.Method, call.Uri.Authority, call.Uri.AbsolutePath, exception.GetType().Name, Elapsed(start));
            throw;
        }
    }

    private HttpAnswer Bounded(HttpAnswer answer) =>
        answer.RetryAfter > options.MaxRetryAfter ? answer with { RetryAfter = options.MaxRetryAfter } : answer;

    private long Elapsed(long start) => (long)time.GetElapsedTime(start).TotalMilliseconds;

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Debug, "{Method} {Host}{Path}: {Status} after {Milliseconds} ms, {Bytes} bytes")]
        public static partial void Answered(ILogger logger, HttpMethod method, string host, string path, int status, long milliseconds, long bytes);

        [LoggerMessage(2, LogLevel.Debug, "{Method} {Host}{Path}: no answer ({Problem}) after {Milliseconds} ms")]
        public static partial void Unanswered(ILogger logger, HttpMethod method, string host, string path, string problem, long milliseconds);
    }
}
