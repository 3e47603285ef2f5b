using BitbucketOperator.Runtime.Model;
using k8s;
using k8s.Models;

namespace BitbucketOperator.Runtime.Reconcile;

internal sealed record FinalizerRegistration<TEntity>(string Identifier, Func<IServiceProvider, IEntityFinalizer<TEntity>> Resolve)
    where TEntity : class, IKubernetesObject<V1ObjectMeta>;

internal sealed record ReferenceRegistration<TEntity>(
    Func<TEntity, IEnumerable<ObjectReference>> References, IReadOnlyList<ReferenceKind> Kinds)
    where TEntity : class, IKubernetesObject<V1ObjectMeta>;
