using k8s;
using k8s.Models;

namespace BitbucketOperator.Runtime.Model;

/// <summary>Brings the world in line with one object. Never runs twice at once for the same object.</summary>
public interface IEntityController<TEntity>
    where TEntity : class, IKubernetesObject<V1ObjectMeta>
{
    /// <summary>
    /// Called for each object at start, when it changes (a change of status alone does not count), when an object it
    /// refers to changes, and when a requeue falls due. The entity is the caller's own copy. An exception counts as a
    /// failure and is retried with back-off.
    /// </summary>
    Task<ReconciliationResult<TEntity>> ReconcileAsync(TEntity entity, CancellationToken cancellationToken);

    /// <summary>
    /// Called once the object is gone (or has left the watched selection), with its last known state. For letting go of
    /// what is held in memory; clean-up that must happen belongs into an <see cref="IEntityFinalizer{TEntity}"/>.
    /// </summary>
    Task<ReconciliationResult<TEntity>> DeletedAsync(TEntity entity, CancellationToken cancellationToken);
}
