using System.Reflection;
using BitbucketOperator.Controllers;
using BitbucketOperator.Runtime.Model;

namespace BitbucketOperator.Generator;

/// <summary>What the operator may do, as the <see cref="EntityRbacAttribute"/>s in the code say.</summary>
internal static class RbacRules
{
    /// <summary>Every attribute.</summary>
    public static IReadOnlyList<EntityRbacAttribute> All { get; } =
        [.. typeof(OperatorOptions).Assembly.GetTypes().Concat(typeof(BitbucketConnectionController).Assembly.GetTypes())
            .SelectMany(t => t.GetCustomAttributes<EntityRbacAttribute>())
            .OrderBy(a => a.Group, StringComparer.Ordinal).ThenBy(a => a.Resources[0], StringComparer.Ordinal).ThenBy(a => a.Verbs[0], StringComparer.Ordinal)];

    /// <summary>One rule for each set of resources with the same verbs, in a fixed order.</summary>
    public static List<object> Of(RbacScope scope) =>
        [.. All.Where(a => a.Scope == scope)
            .SelectMany(a => a.Resources.Select(r => (a.Group, Resource: r, Names: string.Join(',', a.ResourceNames), a.Verbs)))
            .GroupBy(r => (r.Group, r.Resource, r.Names))
            .Select(g => (g.Key.Group, g.Key.Names, g.Key.Resource, Verbs: string.Join(
                ',', g.SelectMany(r => r.Verbs).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal))))
            .GroupBy(r => (r.Group, r.Names, r.Verbs))
            .OrderBy(g => g.Key.Group, StringComparer.Ordinal).ThenBy(g => g.Select(r => r.Resource).Min(StringComparer.Ordinal), StringComparer.Ordinal)
            .Select(g => Rule(g.Key.Group, g.Select(r => r.Resource), g.Key.Names, g.Key.Verbs))];

    /// <summary>A rule; names and verbs are separated by commas.</summary>
    public static YamlMap Rule(string group, IEnumerable<string> resources, string names, string verbs) => new()
    {
        { "apiGroups", new List<object> { group } },
        { "resources", resources.Order(StringComparer.Ordinal).Cast<object>().ToList() },
        { "resourceNames", names.Length == 0 ? null : names.Split(',').Cast<object>().ToList() },
        { "verbs", verbs.Split(',').Cast<object>().ToList() },
    };
}
