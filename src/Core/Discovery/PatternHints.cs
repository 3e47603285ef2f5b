using BitbucketOperator.Core.Model;
using BitbucketOperator.Core.Port;

namespace BitbucketOperator.Core.Discovery;

/// <summary>A pattern that matches nothing, and how it would match.</summary>
/// <param name="Field">The field that holds it.</param>
/// <param name="Pattern">It.</param>
/// <param name="Right">What to write.</param>
public sealed record PatternHint(string Field, string Pattern, string Right);

/// <summary>How patterns of include and exclude that match nothing may be meant.</summary>
public static class PatternHints
{
    /// <summary>Hints that match a repository which was listed; nothing is guessed beyond.</summary>
    /// <param name="spec">The patterns.</param>
    /// <param name="selection">What was listed.</param>
    public static IEnumerable<PatternHint> Of(DiscoveryRules spec, RepositorySelection selection)
    {
        if (selection.UnmatchedIncludes.Count == 0 && spec.Exclude.Count == 0)
        {
            return [];
        }

        var listed = selection.Selected.Concat(selection.Skipped.Select(s => s.Repository)).Select(r => r.Name);
        var includes = selection.UnmatchedIncludes.Select(p => (Field: "spec.discovery.include", Pattern: p, Right: RightOf(p, listed)));
        var excludes = spec.Exclude.Select(p => (Field: "spec.discovery.exclude", Pattern: p, Right: RightOf(p, listed)))
            .Where(p => p.Right is not null && !listed.Any(new Glob(p.Pattern).Matches));
        return includes.Concat(excludes).Where(p => p.Right is not null).Select(p => new PatternHint(p.Field, p.Pattern, p.Right!));
    }

    // Of most patterns nothing is looked for: a listing may be long.
    private static string? RightOf(string pattern, IEnumerable<RepositoryName> listed)
    {
        if (ClonePath.Of(pattern) is { } pasted)
        {
            // On Cloud the address has the workspace where a name has the project.
            var found = listed.FirstOrDefault(pasted.Equals)
                ?? listed.FirstOrDefault(n => n.Slug.Equals(pasted.Slug, StringComparison.OrdinalIgnoreCase));
            return found?.ToString();
        }

        var bare = ClonePath.WithoutSuffix(pattern);
        if (bare.Length < pattern.Length && listed.Any(new Glob(bare).Matches))
        {
            return bare;
        }

        var tilde = $"~{bare}";
        return !pattern.StartsWith('~') && !pattern.StartsWith('*') && listed.Any(new Glob(tilde).Matches) ? tilde : null;
    }
}
