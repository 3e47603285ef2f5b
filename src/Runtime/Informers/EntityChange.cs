using k8s;
using k8s.Models;

namespace BitbucketOperator.Runtime.Informers;

/// <summary>Tells changes that concern a controller from those it caused itself by writing status.</summary>
internal static class EntityChange
{
    /// <summary>
    /// True for anything new, gone, or different in generation, annotations, labels, finalizers, deletion or owners;
    /// false when only status or managed fields differ.
    /// </summary>
    public static bool NeedsReconcile<TEntity>(TEntity? before, TEntity? after)
        where TEntity : class, IKubernetesObject<V1ObjectMeta>
    {
        if (before is null || after is null)
        {
            return before is not null || after is not null;
        }

        var (a, b) = (before.Metadata, after.Metadata);
        return a.Uid != b.Uid
            || a.Generation != b.Generation
            || (b.Generation is null && a.ResourceVersion != b.ResourceVersion)
            || a.DeletionTimestamp != b.DeletionTimestamp
            || !Same(a.Annotations, b.Annotations)
            || !Same(a.Labels, b.Labels)
            || !Same(a.Finalizers, b.Finalizers)
            || !Same(a.OwnerReferences, b.OwnerReferences);
    }

    /// <summary>
    /// True when a reconcile that works on <paramref name="before"/> has become pointless: the spec changed, deletion began, or
    /// the object is gone or another one.
    /// </summary>
    public static bool Outdates<TEntity>(TEntity? before, TEntity? after)
        where TEntity : class, IKubernetesObject<V1ObjectMeta>
    {
        var (a, b) = (before?.Metadata, after?.Metadata);
        return a?.Uid != b?.Uid
            || a?.Generation != b?.Generation
            || (a?.DeletionTimestamp is null && b?.DeletionTimestamp is not null);
    }

    private static bool Same(IDictionary<string, string>? a, IDictionary<string, string>? b) =>
        (a?.Count ?? 0) == (b?.Count ?? 0)
        && (a is null || a.All(pair => b!.TryGetValue(pair.Key, out var value) && value == pair.Value));

    private static bool Same<T>(IList<T>? a, IList<T>? b) => (a ?? []).SequenceEqual(b ?? []);
}
