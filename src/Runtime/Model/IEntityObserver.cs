using k8s;
using k8s.Models;

namespace BitbucketOperator.Runtime.Model;

/// <summary>Told of each state of a watched object, before anybody reconciles it; on every replica.</summary>
public interface IEntityObserver<in TEntity>
    where TEntity : class, IKubernetesObject<V1ObjectMeta>
{
    /// <summary>
    /// An object appeared, changed or went. Called in order, within the store's lock: must be quick and not call the store. The object
    /// is shared: not to be changed.
    /// </summary>
    /// <param name="key">Which.</param>
    /// <param name="entity">As it is now; null when it is gone.</param>
    void Observe(EntityKey key, TEntity? entity);
}
