using System.Text.Json.Nodes;
using k8s;
using k8s.Models;

namespace BitbucketOperator.Runtime;

/// <summary>Writes the status of objects: only where it differs, never over another writer's change.</summary>
public sealed class StatusPatcher<TEntity>
    where TEntity : class, IKubernetesObject<V1ObjectMeta>
{
    private readonly EntityDefinition<TEntity> _definition;
    private readonly GuardedWriter<TEntity> _writer;

    internal StatusPatcher(EntityDefinition<TEntity> definition, EntityStore<TEntity> store, KubernetesApi api)
    {
        _definition = definition;
        _writer = new(definition, store, api);
    }

    /// <summary>
    /// Lets <paramref name="change"/> set the status on a copy of the newest known state and writes the difference as a
    /// merge patch of the status subresource. On a conflict the object is read again and <paramref name="change"/> called
    /// again, so it must depend on its argument and on values alone; only what it does to the status counts.
    /// </summary>
    /// <returns>True when something was written; false when nothing differed, or the object is gone or was replaced.</returns>
    /// <exception cref="KubernetesApiException">The server refused, or other writers won five times in a row (409).</exception>
    public async Task<bool> PatchAsync(TEntity observed, Action<TEntity> change, CancellationToken cancellationToken)
    {
        var result = await _writer.WriteAsync(observed, "status", current => PatchOf(current, change), cancellationToken);
        return result.Written;
    }

    private JsonObject? PatchOf(TEntity current, Action<TEntity> change)
    {
        var wanted = _definition.Copy(current);
        change(wanted);
        var patch = MergePatch.Diff(StatusOf(current), StatusOf(wanted));
        return IsSignificant(patch) ? new JsonObject { ["status"] = patch } : null;
    }

    private JsonObject StatusOf(TEntity entity)
    {
        var node = _definition.ToNode(entity);
        var status = node["status"] as JsonObject ?? [];
        node.Remove("status");
        return status;
    }

    private bool IsSignificant(JsonObject patch)
    {
        var rest = (JsonObject)patch.DeepClone();
        foreach (var path in _definition.InsignificantStatusPaths)
        {
            Remove(rest, path.TrimStart('/').Split('/'));
        }

        return rest.Count > 0;
    }

    private static void Remove(JsonObject node, ReadOnlySpan<string> path)
    {
        var name = path[0].Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal);
        if (path.Length == 1)
        {
            node.Remove(name);
        }
        else if (node[name] is JsonObject { Count: > 0 } child)
        {
            Remove(child, path[1..]);
            if (child.Count == 0)
            {
                node.Remove(name);
            }
        }
    }
}
