using System.Text.Json.Nodes;
using BitbucketOperator.Runtime.Model;
using k8s;
using k8s.Models;

namespace BitbucketOperator.Runtime.Patching;

/// <summary>What there is to write after a change of status. Pure.</summary>
public static class StatusPatch
{
    /// <summary>The merge patch of the object; null when nothing differs that is a reason to write.</summary>
    /// <param name="definition">The kind.</param>
    /// <param name="current">The object as it is; not changed.</param>
    /// <param name="change">Sets the status on a copy.</param>
    public static JsonObject? Of<TEntity>(EntityDefinition<TEntity> definition, TEntity current, Action<TEntity> change)
        where TEntity : class, IKubernetesObject<V1ObjectMeta>
    {
        var wanted = definition.Copy(current);
        change(wanted);
        var patch = MergePatch.Diff(StatusOf(definition, current), StatusOf(definition, wanted));
        return IsSignificant(definition.InsignificantStatusPaths, patch) ? new JsonObject { ["status"] = patch } : null;
    }

    private static JsonObject StatusOf<TEntity>(EntityDefinition<TEntity> definition, TEntity entity)
        where TEntity : class, IKubernetesObject<V1ObjectMeta>
    {
        var node = definition.ToNode(entity);
        var status = node["status"] as JsonObject ?? [];
        node.Remove("status");
        return status;
    }

    private static bool IsSignificant(IEnumerable<string> insignificant, JsonObject patch)
    {
        var rest = (JsonObject)patch.DeepClone();
        foreach (var path in insignificant)
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
