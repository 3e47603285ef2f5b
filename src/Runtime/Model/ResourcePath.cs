namespace BitbucketOperator.Runtime.Model;

/// <summary>Paths of the Kubernetes API, without a leading slash.</summary>
public static class ResourcePath
{
    /// <summary>The path of a collection; <paramref name="ns"/> null or empty means all namespaces or cluster-scoped.</summary>
    public static string Collection(string group, string version, string? ns, string plural)
    {
        var root = group.Length == 0 ? $"api/{version}" : $"apis/{group}/{version}";
        return string.IsNullOrEmpty(ns) ? $"{root}/{plural}" : $"{root}/namespaces/{Uri.EscapeDataString(ns)}/{plural}";
    }

    /// <summary>The path of one object.</summary>
    public static string Object(string group, string version, string? ns, string plural, string name) =>
        $"{Collection(group, version, ns, plural)}/{Uri.EscapeDataString(name)}";
}
