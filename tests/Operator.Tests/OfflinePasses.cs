using BitbucketOperator.Bitbucket;
using BitbucketOperator.Controllers;
using BitbucketOperator.Core;
using BitbucketOperator.Core.Api.V1Alpha1;
using BitbucketOperator.Core.Connection;
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
    public async Task<(BitbucketConnectionStatus Status, NextVisit Next, IReadOnlyList<ConnectionEvent> Events)> RunAsync(
        BitbucketConnection connection, TimeProvider? clock = null, CancellationToken cancellationToken = default)
    {
        var passes = new ConnectionPasses(
            new ConnectionPreparer(references, new ConnectionPolicy(AllowHttp: false)),
            new ConnectionObserver(options),
            new ConnectionApplier(options, NullLogger<ConnectionApplier>.Instance),
            _services.GetRequiredService<IBitbucketConnector>(),
            clock ?? TimeProvider.System);
        var pass = await RunAsync(passes, connection, cancellationToken);
        var summary = ConnectionSummary.Of(pass);
        if (pass.Observed.ReachesWebhooks)
        {
            _memory.Checks = summary.Checks;
        }

        var events = ConnectionEvents.Of(connection.Status, summary.Status, pass.Applied);
        connection.Status = summary.Status;
        return (summary.Status, summary.Next, events);
    }

    public ValueTask DisposeAsync() => _services.DisposeAsync();

    // What a pass records before its changes is all that a pass leaves that does not come to its end.
    private async Task<ConnectionPass> RunAsync(ConnectionPasses passes, BitbucketConnection connection, CancellationToken cancellationToken)
    {
        BitbucketConnectionStatus? recorded = null;
        try
        {
            return await passes.RunAsync(connection, Owner, _memory, planned => Task.FromResult(recorded = ConnectionSummary.InProgress(planned)), cancellationToken);
        }
        catch (OperationCanceledException)
        {
            connection.Status = recorded ?? connection.Status;
            throw;
        }
    }
}
