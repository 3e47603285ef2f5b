using System.Reflection;
using System.Text.RegularExpressions;

namespace BitbucketOperator.Testing;

/// <summary>
/// Which namespaces below a root may use which. The table has an entry for each namespace, without the root
/// (<c>"Queue"</c>; <c>""</c> is the root alone), with the namespaces that it may use; an entry covers the namespaces
/// below it that have none of their own. Types outside the root are nobody's business here.
/// </summary>
/// <param name="root">The root namespace, e.g. <c>BitbucketOperator.Runtime</c>.</param>
/// <param name="table">What each namespace may use, itself aside.</param>
public sealed partial class NamespaceRules(string root, IReadOnlyDictionary<string, string[]> table)
{
    /// <summary>
    /// What breaks the rules, one sentence each, in order; empty when nothing does. The compiled assembly tells what is
    /// used in members and method bodies; the <c>using</c> lines of the source folder add what leaves no trace in it
    /// (constants, <c>nameof</c>, links in comments).
    /// </summary>
    public IReadOnlyList<string> Violations(Assembly assembly, string sourceFolder) =>
        [.. CycleInTable(), .. Judge([.. UsesIn(assembly), .. UsesIn(sourceFolder)]), .. FolderViolations(sourceFolder)];

    /// <summary>The same for the assembly alone.</summary>
    public IReadOnlyList<string> Violations(Assembly assembly) => [.. CycleInTable(), .. Judge([.. UsesIn(assembly)])];

    /// <summary>Source files whose namespace is not the root and their folder. Files without a namespace are left out.</summary>
    public IReadOnlyList<string> FolderViolations(string sourceFolder)
    {
        var violations = new List<string>();
        foreach (var (file, text) in Sources(sourceFolder))
        {
            var folder = Path.GetDirectoryName(file)!.Replace(Path.DirectorySeparatorChar, '.');
            var expected = folder.Length == 0 ? root : $"{root}.{folder}";
            if (NamespaceLine().Match(text) is { Success: true } match && match.Groups["name"].Value != expected)
            {
                violations.Add($"{file} has namespace {match.Groups["name"].Value}, its folder says {expected}");
            }
        }

        return violations;
    }

    private IEnumerable<string> CycleInTable()
    {
        var done = new HashSet<string>();
        return table.Keys.Order(StringComparer.Ordinal)
            .Select(start => CycleFrom(start, [], done))
            .OfType<IReadOnlyList<string>>()
            .Select(cycle => $"the table contains a cycle: {string.Join(" -> ", cycle.Select(Display))}");
    }

    private IReadOnlyList<string>? CycleFrom(string entry, List<string> path, HashSet<string> done)
    {
        var start = path.IndexOf(entry);
        if (start >= 0)
        {
            return [.. path[start..], entry];
        }

        if (!done.Add(entry))
        {
            return null;
        }

        path.Add(entry);
        var cycle = table.GetValueOrDefault(entry, [])
            .Where(used => used != entry)
            .Select(used => CycleFrom(used, path, done))
            .FirstOrDefault(found => found is not null);
        path.Remove(entry);
        return cycle;
    }

    private IEnumerable<string> Judge(IReadOnlyList<Use> uses)
    {
        var unknown = uses.SelectMany(u => (string[])[u.User, u.Used])
            .Concat(table.Values.SelectMany(allowed => allowed))
            .Where(ns => EntryOf(ns) is null)
            .Distinct()
            .Order(StringComparer.Ordinal)
            .Select(ns => $"{Display(ns)} has no entry in the table");
        var forbidden = uses
            .Select(u => (User: EntryOf(u.User), Used: EntryOf(u.Used), u.Example))
            .Where(u => u.User is not null && u.Used is not null && u.User != u.Used && !table[u.User].Contains(u.Used))
            .GroupBy(u => $"{Display(u.User!)} must not use {Display(u.Used!)}", u => u.Example)
            .Select(g => $"{g.Key} ({string.Join(", ", g.Distinct().Order(StringComparer.Ordinal))})")
            .Order(StringComparer.Ordinal);
        return unknown.Concat(forbidden);
    }

    private IEnumerable<Use> UsesIn(Assembly assembly) =>
        from reference in TypeUses.Of(assembly.Location)
        let user = BelowRoot(reference.User.Namespace)
        let used = BelowRoot(reference.Used.Namespace)
        where user is not null && used is not null
        select new Use(user, used, $"{reference.User.Name} -> {reference.Used.Name}");

    private IEnumerable<Use> UsesIn(string sourceFolder) =>
        from source in Sources(sourceFolder)
        let user = BelowRoot(NamespaceLine().Match(source.Text).Groups["name"].Value)
        where user is not null
        from Match line in UsingLine().Matches(source.Text)
        let used = BelowRoot(NamespaceOf(line))
        where used is not null
        select new Use(user, used, source.File.Replace(Path.DirectorySeparatorChar, '/'));

    // An alias and a static using name a type.
    private static string NamespaceOf(Match line)
    {
        var name = line.Groups["name"].Value;
        return line.Groups["type"].Success ? name[..Math.Max(0, name.LastIndexOf('.'))] : name;
    }

    private static IEnumerable<(string File, string Text)> Sources(string folder) =>
        Directory.EnumerateFiles(folder, "*.cs", SearchOption.AllDirectories)
            .Select(path => Path.GetRelativePath(folder, path))
            .Where(file => !file.Split(Path.DirectorySeparatorChar).Any(part => part is "bin" or "obj"))
            .Order(StringComparer.Ordinal)
            .Select(file => (file, File.ReadAllText(Path.Combine(folder, file))));

    // Null for namespaces outside the root.
    private string? BelowRoot(string ns) =>
        ns == root ? "" : ns.StartsWith(root + ".", StringComparison.Ordinal) ? ns[(root.Length + 1)..] : null;

    private string? EntryOf(string ns)
    {
        for (var entry = ns; ; entry = entry[..entry.LastIndexOf('.')])
        {
            if (table.ContainsKey(entry))
            {
                return entry;
            }

            if (!entry.Contains('.', StringComparison.Ordinal))
            {
                return null;
            }
        }
    }

    private string Display(string ns)
    {
        var name = root[(root.LastIndexOf('.') + 1)..];
        return ns.Length == 0 ? name : $"{name}.{ns}";
    }

    [GeneratedRegex(@"^namespace\s+(?<name>[\w.]+)", RegexOptions.Multiline | RegexOptions.ExplicitCapture)]
    private static partial Regex NamespaceLine();

    [GeneratedRegex(
        @"^(global\s+)?using\s+(?<type>static\s+|\w+\s*=\s*)?(global::)?(?<name>[\w.]+)",
        RegexOptions.Multiline | RegexOptions.ExplicitCapture)]
    private static partial Regex UsingLine();

    private sealed record Use(string User, string Used, string Example);
}
