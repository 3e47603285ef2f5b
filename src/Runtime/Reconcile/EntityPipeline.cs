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
    private readonly EntityDefinition<TEntity> _definition;
    private readonly EntityStore<TEntity> _store;
    private readonly EntityQueue<TEntity> _queue;
    private readonly StatusPatcher<TEntity> _statuses;
    private readonly Reconciler<TEntity> _reconciler;
    private readonly ReferenceRegistration<TEntity>[] _references;
    private readonly ReferenceIndex _index = new();
    private readonly Tombstones<TEntity> _tombstones = new();
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
        _failureBackoff = new(options.BackoffBase, options.BackoffCap);
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
            var told = await TimedAsync(key, () => _reconciler.DeletedAsync(gone, cancellationToken));
            if (!told.IsSuccess)
            {
                return NextVisit(key, told);
            }

            _tombstones.Remove(key, gone);
        }

        if (_store.Get(key) is not { } entity)
        {
            _queue.Keys.CountFailure(key, failed: false);
            return null;
        }

        var result = await TimedAsync(key, () => _reconciler.ReconcileAsync(entity, cancellationToken));
        return NextVisit(key, result);
    }

    private async Task<ReconciliationResult<TEntity>> TimedAsync(EntityKey key, Func<Task<ReconciliationResult<TEntity>>> pass)
    {
        using var activity = _metrics.StartPass(Controller, key);
        var started = _clock.GetTimestamp();
        ReconciliationResult<TEntity> result;
        bool statusWritten;
        try
        {
            result = await pass();
        }
        finally
        {
            statusWritten = _statuses.TakeWritten(key);
        }

        var elapsed = _clock.GetElapsedTime(started);
        _metrics.PassEnded(Controller, result.Outcome, elapsed, activity);
        var duration = elapsed.TotalMilliseconds;
        if (result.IsFailure)
        {
            Log.Failed(_logger, Kind, key, duration, statusWritten, result.ErrorMessage, result.Error);
        }
        else if (result.IsSuccess)
        {
            Log.Finished(_logger, Kind, key, duration, statusWritten, result.RequeueAfter);
        }
        else
        {
            Log.Conflict(_logger, Kind, key, duration);
        }

        return result;
    }

    private TimeSpan? NextVisit(EntityKey key, ReconciliationResult<TEntity> result)
    {
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
            _queue.Enqueue(change.Key);
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
            _queue.Enqueue(owner);
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

        [LoggerMessage(24, LogLevel.Error, "The references of {Kind} {Object} cannot be read", EventName = "ReferencesUnreadable")]
        public static partial void ReferencesUnreadable(ILogger logger, string kind, EntityKey @object, Exception error);
    }
}
