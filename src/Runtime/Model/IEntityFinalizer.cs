using k8s;
using k8s.Models;

namespace BitbucketOperator.Runtime.Model;

/// <summary>Cleans up outside the cluster before an object may go.</summary>
public interface IEntityFinalizer<TEntity>
    where TEntity : class, IKubernetesObject<V1ObjectMeta>
{
    /// <summary>
    /// Called while the object is being deleted and still carries this finalizer. Success removes the finalizer, and
    /// only this one; anything else is tried again, for ever, after the result's requeue time or with back-off.
    /// </summary>
    Task<ReconciliationResult<TEntity>> FinalizeAsync(TEntity entity, CancellationToken cancellationToken);
}
