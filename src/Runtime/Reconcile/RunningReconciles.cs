using BitbucketOperator.Runtime.Model;

namespace BitbucketOperator.Runtime.Reconcile;

/// <summary>
/// The reconciles of one kind that are running, each with a deadline. One that a change has made pointless is cancelled, at most
/// three times in a row for one object: an object that never stops changing must be reconciled as well.
/// </summary>
internal sealed class RunningReconciles(TimeSpan deadline, TimeProvider clock)
{
    private const int MaxCancelledInARow = 3;
    private readonly Lock _gate = new();
    private readonly Dictionary<EntityKey, Run> _runs = [];
    private readonly Dictionary<EntityKey, int> _cancelledInARow = [];

    /// <summary>Begins a reconcile of the object; dispose what is returned at its end.</summary>
    /// <param name="key">The object. No other reconcile of it is running.</param>
    /// <param name="isCancellable">Whether <see cref="Replace"/> reaches it.</param>
    /// <param name="stopping">Cancelled when all work has to stop.</param>
    public Run Begin(EntityKey key, bool isCancellable, CancellationToken stopping)
    {
        var run = new Run(this, key, stopping);
        if (isCancellable)
        {
            lock (_gate)
            {
                _runs[key] = run;
            }
        }

        return run;
    }

    /// <summary>
    /// The reconcile of the object, if one is running, works on what was changed meanwhile: it is cancelled, and another one is due. In
    /// this order: one that begins after the change would else be cancelled for it, and none would follow.
    /// </summary>
    /// <param name="key">The object.</param>
    /// <param name="enqueue">Makes it due.</param>
    public void Replace(EntityKey key, Action<EntityKey> enqueue)
    {
        Cancel(key);
        enqueue(key);
    }

    private void Cancel(EntityKey key)
    {
        lock (_gate)
        {
            if (_runs.TryGetValue(key, out var run) && !run.IsOutdated && _cancelledInARow.GetValueOrDefault(key) < MaxCancelledInARow)
            {
                _cancelledInARow[key] = _cancelledInARow.GetValueOrDefault(key) + 1;
                run.Outdate();
            }
        }
    }

    private void End(EntityKey key, Run run)
    {
        lock (_gate)
        {
            if (_runs.TryGetValue(key, out var running) && running == run)
            {
                _runs.Remove(key);
            }

            if (!run.IsOutdated)
            {
                _cancelledInARow.Remove(key);
            }
        }
    }

    /// <summary>One reconcile.</summary>
    internal sealed class Run : IAsyncDisposable
    {
        private readonly RunningReconciles _all;
        private readonly EntityKey _key;
        private readonly CancellationToken _stopping;
        private readonly CancellationTokenSource _deadline;
        private readonly CancellationTokenSource _source;
        private Task _cancelling = Task.CompletedTask;

        public Run(RunningReconciles all, EntityKey key, CancellationToken stopping)
        {
            (_all, _key, _stopping) = (all, key, stopping);
            _deadline = new(all.Deadline, all.Clock);
            _source = CancellationTokenSource.CreateLinkedTokenSource(stopping, _deadline.Token);
        }

        /// <summary>Cancelled when the reconcile is outdated, its deadline has passed, or all work has to stop.</summary>
        public CancellationToken Token => _source.Token;

        /// <summary>Whether a change has made it pointless.</summary>
        public bool IsOutdated { get; private set; }

        /// <summary>Whether it was cancelled, for another reason than that all work has to stop.</summary>
        public bool IsCancelled => Token.IsCancellationRequested && !_stopping.IsCancellationRequested;

        // Callbacks run elsewhere: whoever tells of the change holds the store's lock.
        public void Outdate()
        {
            IsOutdated = true;
            _cancelling = _source.CancelAsync();
        }

        public async ValueTask DisposeAsync()
        {
            _all.End(_key, this);
            await _cancelling.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            _source.Dispose();
            _deadline.Dispose();
        }
    }

    private TimeSpan Deadline => deadline;

    private TimeProvider Clock => clock;
}
