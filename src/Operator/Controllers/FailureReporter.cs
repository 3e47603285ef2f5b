using System.Net;
using BitbucketOperator.Core.Api;
using BitbucketOperator.Core.Api.V1Alpha1;
using BitbucketOperator.Core.Messages;
using BitbucketOperator.Core.Port;
using BitbucketOperator.Core.Status;
using BitbucketOperator.Runtime.Client;
using BitbucketOperator.Runtime.Events;
using BitbucketOperator.Runtime.Model;
using BitbucketOperator.Runtime.Patching;
using Microsoft.Extensions.Logging;

namespace BitbucketOperator.Controllers;

/// <summary>
/// Tells in the condition Ready, and in an event, what ended a reconcile unforeseen: an error of the API server, or a defect. The rest
/// of the status stays, so that what cannot be written for its size leaves room for this.
/// </summary>
internal sealed partial class FailureReporter(
    ConnectionStates states,
    IStatusWriter<BitbucketConnection> statuses,
    EventPublisher publish,
    TimeProvider clock,
    ILogger<FailureReporter> logger)
{
    // What may heal within seconds is not worth a condition that changes twice.
    private const int Patience = 3;
    private const int LongestAnswer = 400;

    /// <summary>Runs a reconcile, and reports what it throws.</summary>
    public async Task<ReconciliationResult<BitbucketConnection>> ReportAsync(
        BitbucketConnection entity, Func<Task<ReconciliationResult<BitbucketConnection>>> reconcile, CancellationToken cancellationToken)
    {
        var state = states.Of(entity.Metadata.Uid);
        try
        {
            var result = await reconcile();
            state.UnforeseenFailures = 0;
            return result;
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested && !IsExpected(e))
        {
            var fault = FaultOf(e);
            state.UnforeseenFailures++;
            if (fault.Class != FaultClass.Transient || state.UnforeseenFailures >= Patience)
            {
                await TryWriteAsync(entity, fault, cancellationToken);
            }

            return ReconciliationResult<BitbucketConnection>.Failure(entity, fault.Message, e);
        }
    }

    // Another writer was faster, or this process may not write any more: somebody else goes on.
    private static bool IsExpected(Exception e) =>
        e is NotLeadingException or WriteGateClosedException or KubernetesApiException { StatusCode: HttpStatusCode.Conflict };

    private static Fault FaultOf(Exception e) => e switch
    {
        KubernetesApiException { StatusCode: HttpStatusCode.Forbidden or HttpStatusCode.Unauthorized } =>
            Fault.Waiting(Reasons.ApiServerDenied, Sentences.ApiServerDenied(AnswerOf(e))),
        KubernetesApiException { StatusCode: HttpStatusCode.TooManyRequests or >= HttpStatusCode.InternalServerError }
            or HttpRequestException or IOException or TimeoutException =>
            Fault.Transient(Reasons.ApiServerUnavailable, Sentences.ApiServerUnavailable(AnswerOf(e))),
        KubernetesApiException => Fault.Waiting(Reasons.ApiServerRejected, Sentences.ApiServerRejected(AnswerOf(e))),
        _ => Fault.Waiting(Reasons.InternalError, Sentences.InternalError(e.GetType().Name)),
    };

    // The API server, or who stands in for it, quotes what it rejects.
    private static string AnswerOf(Exception e)
    {
        var answer = ShownUrl.In(VisibleText.OneLine(e.Message));
        return (answer.Length > LongestAnswer ? answer[..LongestAnswer] : answer).TrimEnd('.');
    }

    private async Task TryWriteAsync(BitbucketConnection entity, Fault fault, CancellationToken cancellationToken)
    {
        try
        {
            var (generation, now) = (entity.Metadata.Generation, clock.GetUtcNow());
            await statuses.PatchAsync(
                entity, current => current.Status = ConnectionSummary.Failed(generation, current.Status, fault, now), cancellationToken);
            await publish(entity, fault.Reason.Name, fault.Message, EventType.Warning, cancellationToken);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            Log.Unwritten(logger, entity.Metadata.NamespaceProperty, entity.Metadata.Name, fault.Reason.Name, e.Message);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(90, LogLevel.Error, "Condition Ready of {Namespace}/{Name} cannot be set to {Reason}: {Error}", EventName = "FailureNotReported")]
        public static partial void Unwritten(ILogger logger, string? @namespace, string name, string reason, string error);
    }
}
