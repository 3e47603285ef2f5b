using System.Collections.Concurrent;
using System.Diagnostics;
using BitbucketOperator.Bitbucket.Http;
using BitbucketOperator.Core.Api;
using BitbucketOperator.Core.Messages;
using BitbucketOperator.Core.Model;
using BitbucketOperator.Core.Port;
using BitbucketOperator.Core.Schedule;
using BitbucketOperator.Runtime.Hosting;
using BitbucketOperator.Runtime.Model;
using BitbucketOperator.Runtime.Queue;
using Microsoft.Extensions.Logging;

namespace BitbucketOperator.Controllers;

/// <summary>Those who run syncs.</summary>
internal interface ISyncs
{
    /// <summary>Scopes of a connection may be due.</summary>
    void Continue(Connection connection);

    /// <summary>The connection is gone.</summary>
    void Forget(Connection connection);
}

/// <summary>
/// Runs syncs while this process leads, so many at a time, over all connections: by class, then namespaces in turn, then their
/// connections. What a sync found is in the connection's state; the connection is reconciled soon to tell of it.
/// </summary>
internal sealed partial class SyncWorkers(
    ConnectionStates states,
    WebhookSync sync,
    OwnerWaits waits,
    IConnections connections,
    BitbucketOptions options,
    TimeProvider clock,
    ILogger<SyncWorkers> logger) : ISyncs, ILeaderWork, IDisposable
{
    /// <summary>The source of the spans of syncs.</summary>
    public const string ActivitySourceName = "BitbucketOperator.Sync";

    private const int Workers = 64;
    private static readonly ActivitySource Activities = new(ActivitySourceName);
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan UntilTold = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan UntilLeading = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan AfterRefusal = TimeSpan.FromSeconds(30);
    private static readonly WorkClass[] Classes = Enum.GetValues<WorkClass>();

    // By class, Cleanup first: each has its share, and lends it while it has no work.
    private static readonly int[] Weights = [8, 4, 4, 2, 2, 1];

    private static readonly TimeSpan WhileTaken = TimeSpan.FromMilliseconds(250);

    // Scopes that a connection is reading and writing: two at a time would both make the webhook that is missing. Who goes through a
    // proxy may talk to anything that calls itself the server, and holds up those alone who go the same way.
    private readonly ConcurrentDictionary<(string Server, Uri? Proxy, string Scope), byte> _taken = new();
    private readonly Lock _refreshing = new();
    private readonly FairQueue<Owner> _turns = new(Weights, options.MaxRequestsPerHost, Workers, clock);

    /// <summary>How long the oldest sync that is running has been running; zero while none is.</summary>
    public TimeSpan OldestSync => _turns.OldestInFlight;

    public void Continue(Connection connection) => Refresh(OwnerOf(connection));

    public void Forget(Connection connection)
    {
        _turns.Remove(OwnerOf(connection));
        waits.Forget(connection.Uid);
    }

    /// <summary>Runs syncs until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            await Task.WhenAll(Enumerable.Range(0, Workers).Select(_ => WorkAsync(cancellationToken)));
        }
        finally
        {
            _turns.Clear();
        }
    }

    public void Dispose() => _turns.Dispose();

    private static Owner OwnerOf(Connection connection) => new(connection.Uid, new EntityKey(connection.Namespace, connection.Name));

    private async Task WorkAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            Turn<Owner> turn;
            try
            {
                turn = await _turns.TakeAsync(cancellationToken);
            }
            catch (OperationCanceledException)
            {
                return;
            }

            try
            {
                await RunAsync(turn, cancellationToken);
            }
            finally
            {
                _turns.Done(turn);
                Refresh(turn.Owner);
            }
        }
    }

    private async Task RunAsync(Turn<Owner> turn, CancellationToken cancellationToken)
    {
        if (states.Find(turn.Owner.Uid) is not { } state
            || state.Sync.TryTake((WorkClass)turn.WorkClass, clock.GetUtcNow(), out var work) is not { } item
            || work is null)
        {
            return;
        }

        // The next scope of the connection need not wait for this one.
        Refresh(turn.Owner);
        var key = (work.State.Connection.Spec.ServerKey, work.Bitbucket.Targets.Main.Proxy?.Url, item.Scope.Scope.Id);
        if (item.Deliveries.Count > 0)
        {
            await RunAsync(turn, state, work, item, cancellationToken);
        }
        else if (!_taken.TryAdd(key, 0))
        {
            state.Sync.Done(item, new SyncResult([]), clock.GetUtcNow() + WhileTaken);
        }
        else
        {
            try
            {
                await RunAsync(turn, state, work, item, cancellationToken);
            }
            finally
            {
                _taken.TryRemove(key, out _);
            }
        }
    }

    private async Task RunAsync(Turn<Owner> turn, ConnectionState state, SyncWork work, SyncItem item, CancellationToken cancellationToken)
    {
        using var activity = Activities.StartActivity("sync");
        activity?.SetTag("k8s.namespace.name", turn.Owner.Key.Namespace).SetTag("k8s.object.name", turn.Owner.Key.Name)
            .SetTag("scope", item.Scope.Scope.Name);
        using var limit = new CancellationTokenSource(Deadline, clock);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, work.Stop.Token, limit.Token);
        var result = new SyncResult([]);
        try
        {
            result = await sync.RunAsync(state, work, item, stop.Token);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            if (limit.IsCancellationRequested && !work.Stop.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
            {
                Log.TooLong(logger, turn.Owner.Key, item.Scope.Scope.Name, Deadline);
                result = sync.Fail(state, work, item, Fault.Transient(Reasons.ServerUnreachable, Sentences.SyncTooLong(Deadline)));
            }
        }
        catch (WriteGateClosedException)
        {
            // This replica may not write now: what it knows is dropped if it lost the Lease, and goes on if it just took it.
            state.Sync.Pause(work, clock.GetUtcNow() + UntilLeading);
        }
        catch (Exception e)
        {
            Log.Failed(logger, turn.Owner.Key, item.Scope.Scope.Name, e);
            result = sync.Fail(state, work, item, Fault.Transient(Reasons.UnexpectedAnswer, Sentences.InternalError(e.GetType().Name)));
        }

        TellOthers(state, work, item, result);
        state.Sync.Done(item, result, clock.GetUtcNow());
        Tell(turn.Owner, state, work, result);
    }

    private void TellOthers(ConnectionState state, SyncWork work, SyncItem item, SyncResult result)
    {
        if (state.Checks.GetValueOrDefault(item.Scope.Scope.Id) is { WaitsFor: { Count: > 0 } owners })
        {
            waits.Record(work.State.Connection, owners);
        }

        waits.Released(work.State.Owner.Id, [.. result.Applied.Where(a => a is { Fault: null, Change.Kind: ChangeKind.Remove }).Select(a => a.Change.Scope)]);
    }

    private void Tell(Owner owner, ConnectionState state, SyncWork work, SyncResult result)
    {
        if (result.Pause is { } pause)
        {
            state.Sync.Pause(work, clock.GetUtcNow() + (pause.RetryAfter ?? AfterRefusal));
            if (pause.Reason.Condition == ConditionTypes.CredentialValid)
            {
                state.Reading = null;
                connections.Enqueue(owner.Key);
                return;
            }
        }

        if (result.ChangesOthers || (state.Sync.IsIdle && (state.Sync.HasNews || state.SeenRequest is not null)))
        {
            connections.Enqueue(owner.Key);
        }
        else if (result.IsNews)
        {
            connections.EnqueueAfter(owner.Key, UntilTold);
        }
    }

    // A connection that has nothing due waits, in the class of verification, until something is.
    private void Refresh(Owner owner)
    {
        lock (_refreshing)
        {
            RefreshNow(owner);
        }
    }

    private void RefreshNow(Owner owner)
    {
        if (states.Find(owner.Uid)?.Sync is not { Work: not null } syncs)
        {
            _turns.Remove(owner);
            return;
        }

        var now = clock.GetUtcNow();
        var isAnyDue = Array.Exists(Classes, c => syncs.IsDue(c, now));
        var until = syncs.PausedUntil > now ? syncs.PausedUntil : isAnyDue ? now : syncs.NextDueAt;
        if (until is { } time && time > now)
        {
            // Before it is ready, and without a moment in between: a worker that waits would take it.
            _turns.Park(owner, time - now);
            SetReady(owner, c => c == WorkClass.Verification || syncs.IsDue(c, now));
        }
        else
        {
            SetReady(owner, c => syncs.IsDue(c, now));
            _turns.Unpark(owner);
        }
    }

    private void SetReady(Owner owner, Func<WorkClass, bool> isReady)
    {
        foreach (var workClass in Classes)
        {
            _turns.SetReady(owner, owner.Key.Namespace ?? "", (int)workClass, isReady(workClass));
        }
    }

    private sealed record Owner(string Uid, EntityKey Key);

    private static partial class Log
    {
        [LoggerMessage(110, LogLevel.Warning, "The sync of {Scope} for {Connection} did not end within {Deadline}", EventName = "SyncTooLong")]
        public static partial void TooLong(ILogger logger, EntityKey connection, string scope, TimeSpan deadline);

        [LoggerMessage(111, LogLevel.Error, "The sync of {Scope} for {Connection} failed", EventName = "SyncFailed")]
        public static partial void Failed(ILogger logger, EntityKey connection, string scope, Exception error);
    }
}
