using BitbucketOperator.Runtime.Model;

namespace BitbucketOperator.Generator;

/// <summary>The table in docs/rbac.md: each permission with its reason.</summary>
internal static class RbacTable
{
    public static Task<string> OfAsync(string root) => Region.ReplaceAsync(Path.Combine(root, "docs", "rbac.md"), "rules", Lines());

    private static IEnumerable<string> Lines() =>
    [
        "| API group | Resources | Verbs | Where | What for |",
        "| --- | --- | --- | --- | --- |",
        .. RbacRules.All.Select(a =>
            $"| {(a.Group.Length == 0 ? "core" : $"`{a.Group}`")} | {Resources(a)} | {string.Join(", ", a.Verbs)} | {Where(a.Scope)} | {a.Reason} |"),
    ];

    private static string Resources(EntityRbacAttribute attribute)
    {
        var resources = string.Join(", ", attribute.Resources.Select(r => $"`{r}`"));
        return attribute.ResourceNames.Length == 0
            ? resources
            : $"{resources}, of the name {string.Join(", ", attribute.ResourceNames.Select(n => $"`{n}`"))} only";
    }

    private static string Where(RbacScope scope) => scope switch
    {
        RbacScope.WatchedNamespaces => "watched namespaces",
        RbacScope.GeneratedSecrets => "watched namespaces, if `generateSecret.enabled`",
        RbacScope.OwnNamespace => "the operator's namespace",
        RbacScope.Uninstall => "watched namespaces, by the check before an uninstall",
        RbacScope.Cluster => "the cluster, unless restricted to namespaces",
        _ => throw new ArgumentOutOfRangeException(nameof(scope), scope, "Say where this is"),
    };
}
