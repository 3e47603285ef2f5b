using BitbucketOperator.Core.Discovery;
using BitbucketOperator.Core.Model;
using BitbucketOperator.Core.Port;

namespace BitbucketOperator.Core.Levels;

/// <summary>What the spec alone says of an entry's level in a scope.</summary>
internal enum LevelRule
{
    /// <summary>On the repositories.</summary>
    Below,

    /// <summary>On the scope itself, if the credential may; else on the repositories.</summary>
    Auto,

    /// <summary>On the scope itself.</summary>
    ProjectLevel,
}

/// <summary>Reads the rules of spec.discovery: do they take all of a project or workspace, whatever comes to be in it?</summary>
internal static class LevelRules
{
    /// <summary>What the spec says of one entry.</summary>
    public static LevelRule Of(WebhookEntry entry, WebhookScope scope, DiscoveryRules discovery) => entry.Level switch
    {
        LevelChoice.Repository => LevelRule.Below,
        LevelChoice.Project or LevelChoice.Workspace => LevelRule.ProjectLevel,
        LevelChoice.Auto => TakeAllOf(discovery, scope) ? LevelRule.Auto : LevelRule.Below,
    };

    /// <summary>
    /// True when the rules leave out no repository that is in the scope or may come to be. Archived ones do not count: they are
    /// read-only and deliver nothing.
    /// </summary>
    public static bool TakeAllOf(DiscoveryRules discovery, WebhookScope scope)
    {
        if (discovery.Repositories.Count > 0 || !discovery.Forks)
        {
            return false;
        }

        var project = scope.Kind == ScopeKind.Project ? scope.Name : null;
        return (project is not null || discovery.Projects.Count == 0)
            && (discovery.Include.Count == 0 || discovery.Include.Any(p => new Glob(p).TakesAllOf(project)))
            && !discovery.Exclude.Any(p => new Glob(p).MayTakeSomeOf(project));
    }
}
