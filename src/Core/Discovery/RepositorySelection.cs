using BitbucketOperator.Core.Model;
using BitbucketOperator.Core.Port;

namespace BitbucketOperator.Core.Discovery;

/// <summary>Which of the discovered repositories the rules of spec.discovery select.</summary>
/// <param name="Selected">Those that must have the webhooks, sorted by name.</param>
/// <param name="Skipped">The others, sorted by name, each with the first rule that left it out.</param>
/// <param name="UnmatchedIncludes">Patterns of include that match none of the discovered repositories.</param>
public sealed record RepositorySelection(
    IReadOnlyList<Repository> Selected,
    IReadOnlyList<SkippedRepository> Skipped,
    IReadOnlyList<string> UnmatchedIncludes)
{
    /// <summary>Repositories that the rules select and that are left out because their webhooks are not found, sorted by name.</summary>
    public IReadOnlyList<Repository> NotFound { get; private init; } = [];

    /// <summary>The same without repositories whose webhooks are not found.</summary>
    public RepositorySelection Without(Func<Repository, bool> isNotFound) => this with
    {
        Selected = [.. Selected.Where(r => !isNotFound(r))],
        Skipped = [.. Skipped.Where(s => !isNotFound(s.Repository))],
        NotFound = [.. Selected.Where(isNotFound)],
    };

    /// <summary>The rules that select, as a text: equal rules, equal text.</summary>
    public static string RulesOf(DiscoveryRules spec) =>
        string.Join('\n', [.. spec.Include.Order(StringComparer.Ordinal), "", .. spec.Exclude.Order(StringComparer.Ordinal), "",
            $"archived {spec.Archived}, forks {spec.Forks}, personal {spec.Personal}"]);

    /// <summary>Applies the rules, in the order of <see cref="SkipRule"/>.</summary>
    public static RepositorySelection Of(DiscoveryRules spec, IEnumerable<Repository> repositories)
    {
        var includes = spec.Include.Select(p => new Glob(p)).ToList();
        var excludes = spec.Exclude.Select(p => new Glob(p)).ToList();
        var selected = new List<Repository>();
        var skipped = new List<SkippedRepository>();
        var sorted = repositories.OrderBy(r => WebhookScope.Of(r).Name, StringComparer.OrdinalIgnoreCase).ToList();
        foreach (var repository in sorted)
        {
            if (RuleAgainst(repository, spec, includes, excludes) is { } rule)
            {
                skipped.Add(new SkippedRepository(repository, rule));
            }
            else
            {
                selected.Add(repository);
            }
        }

        var unmatched = includes.Where(g => !sorted.Exists(r => g.Matches(r.Name))).Select(g => g.Pattern).ToList();
        return new RepositorySelection(selected, skipped, unmatched);
    }

    /// <summary>The first of some patterns that matches a repository; null when none does.</summary>
    public static string? FirstMatch(IEnumerable<string> patterns, RepositoryName name) => patterns.FirstOrDefault(p => new Glob(p).Matches(name));

    private static SkipRule? RuleAgainst(Repository repository, DiscoveryRules spec, List<Glob> includes, List<Glob> excludes)
    {
        if (repository.Archived && !spec.Archived)
        {
            return SkipRule.Archived;
        }

        if (repository.Fork && !spec.Forks)
        {
            return SkipRule.Forks;
        }

        if (repository.Personal && !spec.Personal && !IsNamed(repository.Name, spec))
        {
            return SkipRule.Personal;
        }

        if (includes.Count > 0 && !includes.Exists(g => g.Matches(repository.Name)))
        {
            return SkipRule.NotIncluded;
        }

        return excludes.Exists(g => g.Matches(repository.Name)) ? SkipRule.Excluded : null;
    }

    private static bool IsNamed(RepositoryName name, DiscoveryRules spec) =>
        spec.Projects.Contains(name.Project, StringComparer.OrdinalIgnoreCase)
        || spec.Repositories.Contains(name.ToString(), StringComparer.OrdinalIgnoreCase);
}

/// <summary>A repository that a rule leaves out.</summary>
public sealed record SkippedRepository(Repository Repository, SkipRule Rule);

/// <summary>The rules that leave repositories out, in the order in which they are asked.</summary>
public enum SkipRule
{
    /// <summary>discovery.archived is false.</summary>
    Archived,

    /// <summary>discovery.forks is false.</summary>
    Forks,

    /// <summary>discovery.personal is false.</summary>
    Personal,

    /// <summary>No pattern of discovery.include matches.</summary>
    NotIncluded,

    /// <summary>A pattern of discovery.exclude matches.</summary>
    Excluded,
}
