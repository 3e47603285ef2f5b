using System.Net;
using Polly;
using Polly.Retry;

namespace BitbucketOperator.Bitbucket.Http;

/// <summary>Time-outs, and the few short retries of requests that may be repeated. Never a POST, and never
/// after a 429, for which the rate limiter pauses.</summary>
internal sealed class Resilience(BitbucketOptions options, TimeProvider time)
{
    private readonly ResiliencePipeline<HttpAnswer> _reads = Build(options, time, ShouldRepeatRead);
    private readonly ResiliencePipeline<HttpAnswer> _idempotentWrites = Build(options, time, (_, outcome) => NeverArrived(outcome.Exception));
    private readonly ResiliencePipeline<HttpAnswer> _creations = Build(options, time, shouldRetry: null);

    public ResiliencePipeline<HttpAnswer> For(HttpMethod method)
    {
        if (method == HttpMethod.Get) return _reads;
        return method == HttpMethod.Put || method == HttpMethod.Delete ? _idempotentWrites : _creations;
    }

    private static ResiliencePipeline<HttpAnswer> Build(
        BitbucketOptions options, TimeProvider time, Func<BitbucketOptions, Polly.Outcome<HttpAnswer>, bool>? shouldRetry)
    {
        var builder = new ResiliencePipelineBuilder<HttpAnswer> { TimeProvider = time }.AddTimeout(options.TotalTimeout);
        if (shouldRetry is not null && options.MaxRetries > 0)
        {
            builder.AddRetry(new RetryStrategyOptions<HttpAnswer>
            {
                MaxRetryAttempts = options.MaxRetries,
                Delay = options.RetryDelay,
                BackoffType = DelayBackoffType.Exponential,
                UseJitter = true,
                ShouldHandle = arguments => ValueTask.FromResult(shouldRetry(options, arguments.Outcome)),
                DelayGenerator = arguments => ValueTask.FromResult(arguments.Outcome.Result?.RetryAfter),
            });
        }

        return builder.AddTimeout(options.AttemptTimeout).Build();
    }

    private static bool ShouldRepeatRead(BitbucketOptions options, Polly.Outcome<HttpAnswer> outcome)
    {
        if (outcome.Result is not { } answer) return IsPassing(outcome.Exception);
        if (answer.RetryAfter > options.ShortRetryAfter) return false;
        return answer.Status switch
        {
            HttpStatusCode.InternalServerError or HttpStatusCode.BadGateway or HttpStatusCode.GatewayTimeout => true,
            HttpStatusCode.ServiceUnavailable => answer.Kind != BodyKind.Json,
            _ => false,
        };
    }

    private static bool NeverArrived(Exception? exception) =>
        exception is HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError } && !TransportFault.IsSettled(exception);

    // A try that timed out was long enough; a refused certificate and an unknown name stay so.
    private static bool IsPassing(Exception? exception) => exception switch
    {
        BodyTooLargeException => false,
        HttpRequestException http => !TransportFault.IsSettled(http) && http.HttpRequestError
            is not (HttpRequestError.SecureConnectionError or HttpRequestError.NameResolutionError or HttpRequestError.ConfigurationLimitExceeded),
        IOException or InvalidDataException => true,
        _ => false,
    };
}
