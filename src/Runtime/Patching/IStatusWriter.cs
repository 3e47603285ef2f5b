using k8s;
using k8s.Models;

namespace BitbucketOperator.Runtime.Patching;

/// <summary>Where a controller puts the status of an object: a cluster, or something that stands for one.</summary>
public interface IStatusWriter<TEntity>
    where TEntity : class, IKubernetesObject<V1ObjectMeta>
{
    /// <summary>
    /// Lets <paramref name="change"/> set the status on a copy of the newest known state and writes what differs. It may be
    /// called more than once, so it must depend on its argument and on values alone; only what it does to the status counts.
    /// </summary>
    /// <returns>True when something was written; false when nothing differed, or the object is gone or was replaced.</returns>
    Task<bool> PatchAsync(TEntity observed, Action<TEntity> change, CancellationToken cancellationToken);
}
