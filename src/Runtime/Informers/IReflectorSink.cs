using BitbucketOperator.Runtime.Model;

namespace BitbucketOperator.Runtime.Informers;

/// <summary>Takes what a reflector sees. Calls of one reflector never overlap.</summary>
internal interface IReflectorSink<TItem>
    where TItem : class
{
    /// <summary>
    /// The whole content of the reflector's scope (a namespace, or null for all) as of <paramref name="resourceVersion"/>.
    /// Objects that exist but could not be read are named in <paramref name="unreadable"/>.
    /// </summary>
    void Replace(string? scope, IReadOnlyList<TItem> items, IReadOnlySet<EntityKey> unreadable, string resourceVersion);

    /// <summary>The object was added or changed.</summary>
    void Upsert(TItem item);

    /// <summary>The object is gone.</summary>
    void Remove(EntityKey key);
}
