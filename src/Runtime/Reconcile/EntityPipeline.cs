using System.Globalization;
using BitbucketOperator.Runtime.Client;
using BitbucketOperator.Runtime.Informers;
using BitbucketOperator.Runtime.Metrics;
using BitbucketOperator.Runtime.Model;
using BitbucketOperator.Runtime.Patching;
using BitbucketOperator.Runtime.Queue;
using k8s;
using k8s.Models;
using Microsoft.Extensions.Logging;

namespace BitbucketOperator.Runtime.Reconcile;

/// <summary>Reflectors → store → queue → workers, for one kind.</summary>
internal sealed partial class EntityPipeline<TEntity> : IEntityPipeline
    where TEntity : class, IKubernetesObject<V1ObjectMeta>
{
    private static readonly TimeSpan AfterDefect = TimeSpan.FromMinutes(1);
    private readonly EntityDefinition<TEntity> _definition;
    private readonly EntityStore<TEntity> _store;
    private readonly EntityQueue<TEntity> _queue;
    private readonly StatusPatcher<TEntity> _statuses;
    private readonly Reconciler<TEntity> _reconciler;
    private readonly ReferenceRegistration<TEntity>[] _references;
    private readonly IEntityObserver<TEntity>[] _observers;
    private readonly ReferenceIndex _index = new();
    private readonly Tombstones<TEntity> _tombstones = new();
    private readonly RunningReconciles _running;
    private readonly OperatorOptions _options;
    private readonly RuntimeMetrics _metrics;
    private readonly TimeProvider _clock;
    private readonly Backoff _failureBackoff;
    private readonly Backoff _conflictBackoff = new(TimeSpan.FromMilliseconds(50), TimeSpan.FromSeconds(30));
    private readonly ILogger _logger;

    public EntityPipeline(
        EntityDefinition<TEntity> definition,
        EntityStore<TEntity> store,
        EntityQueue<TEntity> queue,
        StatusPatcher<TEntity> statuses,
        Reconciler<TEntity> reconciler,
        IEnumerable<ReferenceRegistration<TEntity>> references,
        IEnumerable<IEntityObserver<TEntity>> observers,
        ReferenceWatch referenceWatch,
        KubernetesApi api,
        OperatorOptions options,
        RuntimeMetrics metrics,
        TimeProvider clock,
        ILoggerFactory loggers)
    {
        (_definition, _store, _queue, _statuses, _reconciler) = (definition, store, queue, statuses, reconciler);
        (_options, _metrics, _clock) = (options, metrics, clock);
        Controller = definition.Kind.ToLowerInvariant();
        _references = [.. references];
        _observers = [.. observers];
        _failureBackoff = new(options.BackoffBase, options.BackoffCap);
        _running = new(options.ReconcileDeadline, clock);
        _logger = loggers.CreateLogger("BitbucketOperator.Runtime.Reconcile");
        var scopes = definition.Namespaced ? options.Scopes : OperatorOptions.AllNamespaces;
        Reflectors = [.. scopes.Select(scope => CreateReflector(scope, api, loggers))];
        store.Changed = OnStoreChange;
        queue.Keys.Taken = wait => metrics.Waited(Controller, wait);
        if (_references.Length > 0)
        {
            referenceWatch.Changed += OnReferenceChange;
        }
    }

    public string Kind => _definition.Kind;

    public string Controller { get; }

    public int Waiting => _queue.Keys.Waiting;

    public IReadOnlyList<IReflectorStatus> Reflectors { get; }

    public IReadOnlyList<ReferenceKind> ReferenceKinds => [.. _references.SelectMany(r => r.Kinds).Distinct()];

    public TimeSpan OldestInWork => _queue.Keys.OldestInWork;

    public IReadOnlyList<EntityKey> InWorkLongerThan(TimeSpan limit) => _queue.Keys.InWorkLongerThan(limit);

    public async Task WorkAsync(CancellationToken cancellationToken)
    {
        _tombstones.Open();
        _queue.Open();
        EnqueueAll();
        using var resync = StartResync();
        try
        {
            await Task.WhenAll(Enumerable.Range(0, _options.Workers)
                .Select(_ => Task.Run(() => WorkerAsync(cancellationToken), CancellationToken.None)));
        }
        finally
        {
            _queue.Close();
            _tombstones.Close();
        }
    }

    private async Task WorkerAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            EntityKey key;
            try
            {
                key = await _queue.Keys.TakeAsync(cancellationToken);
            }
            catch (OperationCanceledException)
            {
                return;
            }

            TimeSpan? requeueAfter = null;
            try
            {
                requeueAfter = await ProcessAsync(key, cancellationToken);
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                // A defect, whatever it is, takes no worker away, and no other object's turn.
                requeueAfter = AfterDefect;
                _metrics.Panicked(Controller);
                Log.Panicked(_logger, Kind, key, e);
            }
            finally
            {
                _queue.Keys.Done(key, requeueAfter);
            }
        }
    }

    // Returns when the key is due again.
    private async Task<TimeSpan?> ProcessAsync(EntityKey key, CancellationToken cancellationToken)
    {
        while (_tombstones.Peek(key) is { } gone)
        {
            // Whatever happens to its successor, the deletion has to be told.
            await using var telling = _running.Begin(key, isCancellable: false, cancellationToken);
            var told = await TimedAsync(gone, telling, () => _reconciler.DeletedAsync(gone, telling.Token));
            if (!told.IsSuccess)
            {
                return NextVisit(key, told);
            }

            _tombstones.Remove(key, gone);
        }

        // Begun before the object is read: a change after that finds it and cancels it.
        await using var run = _running.Begin(key, isCancellable: true, cancellationToken);
        if (_store.Get(key) is not { } entity)
        {
            _queue.Keys.CountFailure(key, failed: false);
            return null;
        }

        var result = await TimedAsync(entity, run, () => _reconciler.ReconcileAsync(entity, run.Token));
        return NextVisit(key, result);
    }

    // Whatever else a cancelled reconcile that did not succeed ends with comes from being cancelled.
    private async Task<ReconciliationResult<TEntity>> EndedAsync(
        TEntity entity, RunningReconciles.Run run, Func<Task<ReconciliationResult<TEntity>>> reconcile)
    {
        Exception? error;
        try
        {
            var result = await reconcile();
            if (result.IsSuccess || !run.IsCancelled)
            {
                return result;
            }

            error = result.Error;
        }
        catch (OperationCanceledException e) when (run.IsCancelled)
        {
            error = e;
        }

        var overdue = $"Reconciliation did not finish within {InWords(_options.ReconcileDeadline)}";
        return run.IsOutdated
            ? ReconciliationResult<TEntity>.Cancelled(entity)
            : ReconciliationResult<TEntity>.Failure(entity, overdue, error);
    }

    private static string InWords(TimeSpan time)
    {
        var (number, unit) = time.TotalSeconds % 60 == 0 ? (time.TotalMinutes, "minute") : (time.TotalSeconds, "second");
        return string.Create(CultureInfo.InvariantCulture, $"{number:0.###} {unit}{(number == 1 ? "" : "s")}");
    }

    private async Task<ReconciliationResult<TEntity>> TimedAsync(
        TEntity entity, RunningReconciles.Run run, Func<Task<ReconciliationResult<TEntity>>> reconcile)
    {
        var key = EntityKey.Of(entity);
        using var activity = _metrics.StartPass(Controller, key);
        var started = _clock.GetTimestamp();
        ReconciliationResult<TEntity> result;
        bool statusWritten;
        try
        {
            result = await EndedAsync(entity, run, reconcile);
        }
        finally
        {
            statusWritten = _statuses.TakeWritten(key);
        }

        var elapsed = _clock.GetElapsedTime(started);
        _metrics.PassEnded(Controller, result.Outcome, elapsed, activity);
        LogEnd(key, result, elapsed.TotalMilliseconds, statusWritten);
        return result;
    }

    private void LogEnd(EntityKey key, ReconciliationResult<TEntity> result, double duration, bool statusWritten)
    {
        switch (result.Outcome)
        {
            case ReconciliationOutcome.Success:
                Log.Finished(_logger, Kind, key, duration, statusWritten, result.RequeueAfter);
                break;
            case ReconciliationOutcome.Failure:
                Log.Failed(_logger, Kind, key, duration, statusWritten, result.ErrorMessage, result.Error);
                break;
            case ReconciliationOutcome.Conflict:
                Log.Conflict(_logger, Kind, key, duration);
                break;
            case ReconciliationOutcome.Cancelled:
                Log.Cancelled(_logger, Kind, key, duration);
                break;
        }
    }

    private TimeSpan? NextVisit(EntityKey key, ReconciliationResult<TEntity> result)
    {
        // The change that cancelled it has made the object due again.
        if (result.Outcome == ReconciliationOutcome.Cancelled)
        {
            return null;
        }

        var failures = _queue.Keys.CountFailure(key, failed: !result.IsSuccess);
        if (!result.IsSuccess)
        {
            _metrics.Retried(Controller);
        }

        return result.Outcome switch
        {
            ReconciliationOutcome.Success => result.RequeueAfter,
            ReconciliationOutcome.Conflict => _conflictBackoff.Delay(failures),
            _ => result.RequeueAfter ?? _failureBackoff.Delay(failures),
        };
    }

    private void OnStoreChange(StoreChange<TEntity> change)
    {
        foreach (var observer in _observers)
        {
            observer.Observe(change.Key, change.After);
        }

        if (change.After is null)
        {
            _index.Remove(change.Key);
            _tombstones.Add(change.Key, change.Before);
        }
        else
        {
            IndexReferences(change.Key, change.After);
        }

        if (!change.Own && EntityChange.NeedsReconcile(change.Before, change.After))
        {
            if (EntityChange.Outdates(change.Before, change.After))
            {
                _running.Replace(change.Key, _queue.EnqueueChanged);
            }
            else
            {
                _queue.EnqueueChanged(change.Key);
            }
        }
    }

    private void IndexReferences(EntityKey key, TEntity entity)
    {
        if (_references.Length == 0)
        {
            return;
        }

        try
        {
            _index.Set(key, _references.SelectMany(r => r.References(entity)));
        }
        catch (Exception e)
        {
            // The watch must go on for all others; the pass over this object will meet the same fault and report it.
            Log.ReferencesUnreadable(_logger, Kind, key, e);
        }
    }

    private void OnReferenceChange(ObjectReference reference)
    {
        foreach (var owner in _index.OwnersOf(reference))
        {
            Log.Woken(_logger, Kind, owner, reference.Kind, reference.Name);
            _running.Replace(owner, _queue.EnqueueChanged);
        }
    }

    private ITimer? StartResync() => _options.ResyncPeriod is { } period
        ? _clock.CreateTimer(_ => EnqueueAll(), state: null, period, period)
        : null;

    private void EnqueueAll()
    {
        foreach (var entity in _store.List())
        {
            _queue.Enqueue(EntityKey.Of(entity));
        }
    }

    private Reflector<TEntity> CreateReflector(string? scope, KubernetesApi api, ILoggerFactory loggers)
    {
        var source = new ReflectorSource<TEntity>(
            _definition.Plural,
            _definition.CollectionPath(scope),
            scope,
            _options.WatchSelector,
            "application/json",
            "application/json",
            _definition.TypeInfo,
            IdentityOf);
        return new(source, api, _store, _options, _metrics, _clock, loggers.CreateLogger("BitbucketOperator.Runtime.Watch"));
    }

    private static PartialMetadata IdentityOf(TEntity entity) => new()
    {
        Name = entity.Metadata.Name,
        Namespace = entity.Metadata.NamespaceProperty,
        Uid = entity.Metadata.Uid,
        ResourceVersion = entity.Metadata.ResourceVersion,
    };

    private static partial class Log
    {
        [LoggerMessage(20, LogLevel.Information,
            "Reconciled {Kind} {Object} in {Milliseconds:0.0} ms; status written: {StatusWritten}; next after {RequeueAfter}",
            EventName = "Reconciled")]
        public static partial void Finished(
            ILogger logger, string kind, EntityKey @object, double milliseconds, bool statusWritten, TimeSpan? requeueAfter);

        [LoggerMessage(21, LogLevel.Warning,
            "Reconciling {Kind} {Object} failed after {Milliseconds:0.0} ms; status written: {StatusWritten}: {Reason}",
            EventName = "ReconcileFailed")]
        public static partial void Failed(
            ILogger logger, string kind, EntityKey @object, double milliseconds, bool statusWritten, string? reason, Exception? error);

        [LoggerMessage(22, LogLevel.Debug, "Another writer was faster on {Kind} {Object} ({Milliseconds:0.0} ms)",
            EventName = "ReconcileConflict")]
        public static partial void Conflict(ILogger logger, string kind, EntityKey @object, double milliseconds);

        [LoggerMessage(23, LogLevel.Debug, "{Kind} {Object} is due: {ReferenceKind} {Reference} changed", EventName = "ReferenceChanged")]
        public static partial void Woken(ILogger logger, string kind, EntityKey @object, ReferenceKind referenceKind, string reference);

        [LoggerMessage(25, LogLevel.Debug, "Reconciling {Kind} {Object} was cancelled after {Milliseconds:0.0} ms by a change",
            EventName = "ReconcileCancelled")]
        public static partial void Cancelled(ILogger logger, string kind, EntityKey @object, double milliseconds);

        [LoggerMessage(26, LogLevel.Error, "Reconciling {Kind} {Object} ended in a defect of the operator; tried again after a minute",
            EventName = "ReconcilePanicked")]
        public static partial void Panicked(ILogger logger, string kind, EntityKey @object, Exception error);

        [LoggerMessage(24, LogLevel.Error, "The references of {Kind} {Object} cannot be read", EventName = "ReferencesUnreadable")]
        public static partial void ReferencesUnreadable(ILogger logger, string kind, EntityKey @object, Exception error);
    }
}
