using BitbucketOperator.Runtime.Client;
using BitbucketOperator.Runtime.Metrics;
using BitbucketOperator.Runtime.Model;
using Microsoft.Extensions.Logging;

namespace BitbucketOperator.Runtime.Informers;

/// <summary>
/// Watches the metadata of Secrets and ConfigMaps, once for all kinds that refer to them, and tells listeners which
/// object changed. Remembers versions only, never data.
/// </summary>
[EntityRbac("", ["secrets", "configmaps"], ["list", "watch"],
    Reason = "Notices within seconds that a credential, a webhook secret or a CA bundle was replaced; asks for metadata only")]
internal sealed class ReferenceWatch(
    KubernetesApi api, OperatorOptions options, RuntimeMetrics metrics, TimeProvider clock, ILoggerFactory loggers)
{
    /// <summary>Called when an object appears, changes or goes; not for what the first list brings.</summary>
    public Action<ObjectReference>? Changed { get; set; }

    /// <summary>One reflector per namespace for the kind.</summary>
    public IEnumerable<IReflectorStatus> Reflectors(ReferenceKind kind) =>
        options.Scopes.Select(scope => CreateReflector(kind, scope));

    private Reflector<PartialObject> CreateReflector(ReferenceKind kind, string? scope)
    {
        var plural = kind == ReferenceKind.Secret ? "secrets" : "configmaps";
        var source = MetadataSource.Of("", "v1", plural, scope, labelSelector: null);
        var sink = new VersionSink((key, _) => Changed?.Invoke(new(kind, key.Namespace, key.Name)));
        return new(source, api, sink, options, metrics, clock, loggers.CreateLogger("BitbucketOperator.Runtime.Watch"));
    }
}

/// <summary>Notices which objects changed, by their versions alone.</summary>
/// <param name="changed">Told of an object and its version; of null when it is gone. Not of what the first list brings.</param>
internal sealed class VersionSink(Action<EntityKey, string?> changed) : IReflectorSink<PartialObject>
{
    private readonly Dictionary<EntityKey, string> _versions = [];
    private bool _listed;

    public void Replace(string? scope, IReadOnlyList<PartialObject> items, IReadOnlySet<EntityKey> unreadable, string resourceVersion)
    {
        var listed = new HashSet<EntityKey>(unreadable);
        foreach (var item in items)
        {
            listed.Add(KeyOf(item));
            Put(item, tell: _listed);
        }

        foreach (var key in _versions.Keys.Where(k => !listed.Contains(k)).ToList())
        {
            Remove(key);
        }

        _listed = true;
    }

    public void Upsert(PartialObject item) => Put(item, tell: true);

    public void Remove(EntityKey key)
    {
        if (_versions.Remove(key))
        {
            changed(key, null);
        }
    }

    private void Put(PartialObject item, bool tell)
    {
        var (key, version) = (KeyOf(item), item.Metadata?.ResourceVersion ?? "");
        var same = _versions.TryGetValue(key, out var known) && known == version;
        _versions[key] = version;
        if (tell && !same)
        {
            changed(key, version);
        }
    }

    private static EntityKey KeyOf(PartialObject item) => new(item.Metadata?.Namespace ?? "", item.Metadata?.Name ?? "");
}
