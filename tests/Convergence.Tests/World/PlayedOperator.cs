using BitbucketOperator.Bitbucket;
using BitbucketOperator.Bitbucket.Http;
using BitbucketOperator.Controllers;
using BitbucketOperator.Core.Api.V1Alpha1;
using BitbucketOperator.Core.Mapping;
using BitbucketOperator.Core.Planning;
using BitbucketOperator.Core.Port;
using BitbucketOperator.Core.Status;
using BitbucketOperator.Core.Validation;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace BitbucketOperator.Convergence.Tests.World;

/// <summary>
/// The operator's own passes over one connection, without a cluster: what the controller and the finalizer do around a
/// pass is done here. Requests follow each other, so that a history runs alike each time.
/// </summary>
internal sealed class PlayedOperator : IAsyncDisposable
{
    private readonly ServiceProvider _services;
    private readonly ConnectionReconciler _passes;
    private readonly Resource _resource;
    private readonly Action<BitbucketConnectionStatus> _written;
    private ConnectionMemory _memory = new();

    /// <param name="server">What it talks to.</param>
    /// <param name="resource">What it looks after.</param>
    /// <param name="written">Told of every status that was written.</param>
    public PlayedOperator(PlayedServer server, Resource resource, Action<BitbucketConnectionStatus> written)
    {
        (_resource, _written) = (resource, written);
        var defaults = new BitbucketOptions();
        var options = defaults with
        {
            AllowedHosts = ["*", "127.0.0.1"],
            MaxRetries = 0,
            MaxRequestsPerHost = 1,
            CloudApiUrl = (server as PlayedCloud)?.ApiUrl ?? defaults.CloudApiUrl,
            CloudTokenUrl = (server as PlayedCloud)?.TokenUrl ?? defaults.CloudTokenUrl,
        };
        _services = new ServiceCollection().AddSingleton<TimeProvider>(Clock).AddBitbucket(options).BuildServiceProvider();
        _passes = new ConnectionReconciler(
            new ConnectionPreparer(resource, new ConnectionPolicy(AllowHttp: true)),
            new ConnectionObserver(options),
            new ConnectionApplier(options, NullLogger<ConnectionApplier>.Instance),
            new DeliveryObserver(options),
            _services.GetRequiredService<IBitbucketConnector>(),
            Clock);
    }

    public FakeTimeProvider Clock { get; } = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));

    /// <summary>The process ends; nothing in memory is left.</summary>
    public void Restart() => _memory = new ConnectionMemory();

    /// <summary>One pass, as the controller does it.</summary>
    /// <param name="isDead">True once the process is dead: nothing is written any more.</param>
    /// <param name="dies">It dies at the latest before it writes what came of the pass.</param>
    public async Task PassAsync(Func<bool> isDead, bool dies)
    {
        var connection = _resource.Connection;
        try
        {
            var outcome = await _passes.RunAsync(connection.ToModel(), Resource.Owner, _memory, RecordPlacesAsync, CancellationToken.None);
            var summary = ConnectionSummary.Of(outcome, connection.Status);
            if (dies)
            {
                return;
            }

            if (outcome.Observed.ReachesWebhooks)
            {
                _memory.Checks = summary.Checks;
            }

            Write(summary.Status);
        }
        catch (OperationCanceledException) when (isDead())
        {
            // The process died.
        }

        Task RecordPlacesAsync(ReconcileOutcome outcome)
        {
            if (isDead())
            {
                throw new OperationCanceledException("the process died");
            }

            if (outcome.Plan.ManagedBefore.Except(connection.Status?.Webhooks?.ManagedIn ?? [], StringComparer.OrdinalIgnoreCase).Any())
            {
                Write(ConnectionSummary.InProgress(outcome, connection.Status));
            }

            return Task.CompletedTask;
        }
    }

    /// <summary>One clean-up, as the finalizer does it.</summary>
    /// <param name="dies">The process dies before it makes anything of the outcome.</param>
    /// <returns>True when the finalizer is removed.</returns>
    public async Task<bool> CleanUpAsync(bool dies)
    {
        var connection = _resource.Connection;
        if ((connection.Status?.Webhooks?.ManagedIn ?? []).Count == 0)
        {
            return true;
        }

        var summary = CleanupSummary.Of(await _passes.CleanUpAsync(connection.ToModel(), Resource.Owner, _memory, CancellationToken.None), connection.Status);
        if (dies || summary.Done)
        {
            return !dies;
        }

        Write(summary.Status!);
        return false;
    }

    public ValueTask DisposeAsync() => _services.DisposeAsync();

    // What the API server hands back is what went over the wire: whole seconds, nulls left out. A status that differs in
    // nothing but the times of looking is not written.
    private void Write(BitbucketConnectionStatus status)
    {
        var connection = _resource.Connection;
        if (connection.Status is { } before && StatusText.WithoutLooks(before) == StatusText.WithoutLooks(status))
        {
            return;
        }

        connection.Status = StatusText.Read(StatusText.Of(status));
        _written(connection.Status);
    }
}
