using BitbucketOperator.Core.Discovery;
using BitbucketOperator.Core.Model;

namespace BitbucketOperator.Cli.Output;

/// <summary>Names the rules that leave repositories out.</summary>
internal static class SkipRules
{
    /// <summary>In one word or two, after a number.</summary>
    public static string Word(SkipRule rule) => rule switch
    {
        SkipRule.Archived => "archived",
        SkipRule.Forks => "forks",
        SkipRule.Personal => "personal",
        SkipRule.NotIncluded => "not included",
        _ => "excluded",
    };

    /// <summary>By its field.</summary>
    public static string Sentence(SkippedRepository skipped, DiscoveryRules spec) => skipped.Rule switch
    {
        SkipRule.Archived => "it is archived, and discovery.archived is false",
        SkipRule.Forks => "it is a fork, and discovery.forks is false",
        SkipRule.Personal => "it is personal, and discovery.personal is false",
        SkipRule.NotIncluded => $"no pattern of discovery.include matches: {string.Join(", ", spec.Include)}",
        _ => $"discovery.exclude has {RepositorySelection.FirstMatch(spec.Exclude, skipped.Repository.Name)}",
    };
}
