using BitbucketOperator.Bitbucket;
using BitbucketOperator.Bitbucket.Http;
using BitbucketOperator.Controllers;
using BitbucketOperator.Core.Api.V1Alpha1;
using BitbucketOperator.Core.Mapping;
using BitbucketOperator.Core.Ownership;
using BitbucketOperator.Core.Planning;
using BitbucketOperator.Core.Port;
using BitbucketOperator.Core.Schedule;
using BitbucketOperator.Core.Status;
using BitbucketOperator.Core.Validation;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace BitbucketOperator.Operator.Tests;

/// <summary>The operator's own passes without a cluster: what they need of one comes from <paramref name="references"/>.</summary>
internal sealed class OfflinePasses(IReferenceSource references, BitbucketOptions options) : IAsyncDisposable
{
    private static readonly WebhookOwner Owner = WebhookOwner.Of("cluster", "ci", "platform");
    private readonly ServiceProvider _services = new ServiceCollection().AddBitbucket(options).BuildServiceProvider();
    private ConnectionMemory _memory = new();

    /// <summary>Forgets what a process that ended would have forgotten.</summary>
    public void Restart() => _memory = new ConnectionMemory();

    /// <summary>One pass, and the connection's status brought up to date with what came of it, as the controller does.</summary>
    public async Task<(BitbucketConnectionStatus Status, NextReconcile Next, IReadOnlyList<ConnectionEvent> Events)> RunAsync(
        BitbucketConnection connection, TimeProvider? clock = null, CancellationToken cancellationToken = default)
    {
        var reconciler = new ConnectionReconciler(
            new ConnectionPreparer(references, new ConnectionPolicy(AllowHttp: false)),
            new ConnectionObserver(options),
            new ConnectionApplier(options, NullLogger<ConnectionApplier>.Instance),
            new DeliveryObserver(options),
            _services.GetRequiredService<IBitbucketConnector>(),
            clock ?? TimeProvider.System);
        var outcome = await RunAsync(reconciler, connection, cancellationToken);
        var summary = ConnectionSummary.Of(outcome, connection.Status);
        if (outcome.Observed.ReachesWebhooks)
        {
            _memory.Checks = summary.Checks;
        }

        var events = ConnectionEvents.Of(connection.Status, summary.Status, outcome.Applied);
        connection.Status = summary.Status;
        return (summary.Status, summary.Next, events);
    }

    public ValueTask DisposeAsync() => _services.DisposeAsync();

    // What a pass records before its changes is all that a pass leaves that does not come to its end.
    private async Task<ReconcileOutcome> RunAsync(ConnectionReconciler reconciler, BitbucketConnection connection, CancellationToken cancellationToken)
    {
        BitbucketConnectionStatus? recorded = null;
        try
        {
            return await reconciler.RunAsync(connection.ToModel(), Owner, _memory, planned => Task.FromResult(recorded = ConnectionSummary.InProgress(planned, connection.Status)), cancellationToken);
        }
        catch (OperationCanceledException)
        {
            connection.Status = recorded ?? connection.Status;
            throw;
        }
    }
}
