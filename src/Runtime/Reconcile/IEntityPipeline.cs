using BitbucketOperator.Runtime.Informers;
using BitbucketOperator.Runtime.Model;

namespace BitbucketOperator.Runtime.Reconcile;

/// <summary>All that runs for one kind, as the host sees it.</summary>
internal interface IEntityPipeline
{
    string Kind { get; }

    /// <summary>The kind as metrics name it.</summary>
    string Controller { get; }

    /// <summary>Objects that are due and wait for a worker.</summary>
    int Waiting { get; }

    /// <summary>How long the oldest reconcile that is running has been running; zero when none is.</summary>
    TimeSpan OldestInWork { get; }

    /// <summary>The loops that keep the store; they run whether this process leads or not.</summary>
    IReadOnlyList<IReflectorStatus> Reflectors { get; }

    /// <summary>The kinds of objects whose changes must wake this kind's.</summary>
    IReadOnlyList<ReferenceKind> ReferenceKinds { get; }

    /// <summary>Passes that have been running for longer than the limit.</summary>
    IReadOnlyList<EntityKey> InWorkLongerThan(TimeSpan limit);

    /// <summary>Enqueues every object and works until cancelled; returns when the last worker has stopped.</summary>
    Task WorkAsync(CancellationToken cancellationToken);
}
