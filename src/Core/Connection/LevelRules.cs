using BitbucketOperator.Core.Api.V1Alpha1;

namespace BitbucketOperator.Core.Connection;

/// <summary>What the spec alone says of an entry's level in a place.</summary>
internal enum LevelRule
{
    /// <summary>On the repositories.</summary>
    Below,

    /// <summary>On the place itself, if the credential may; else on the repositories.</summary>
    Auto,

    /// <summary>On the place itself.</summary>
    Above,
}

/// <summary>Reads the rules of spec.discovery: do they take all of a project or workspace, whatever comes to be in it?</summary>
internal static class LevelRules
{
    /// <summary>The project or workspace that a repository's events come through too; null for personal projects.</summary>
    public static WebhookPlace? AboveOf(Repository repository, string? workspace)
    {
        if (workspace is not null)
        {
            return WebhookPlace.OfWorkspace(workspace);
        }

        return repository.Personal || repository.Name.Project.StartsWith('~') ? null : WebhookPlace.OfProject(repository.Name.Project);
    }

    /// <summary>What the spec says of one entry.</summary>
    public static LevelRule Of(WebhookSpec entry, WebhookPlace place, DiscoverySpec discovery, Contest contest) => entry.Level switch
    {
        WebhookLevel.Repository => LevelRule.Below,
        WebhookLevel.Project or WebhookLevel.Workspace => LevelRule.Above,
        _ => TakeAllOf(discovery, place) && contest.Winner(place, entry.Url) is null ? LevelRule.Auto : LevelRule.Below,
    };

    /// <summary>
    /// True when the rules leave out no repository that is in the place or may come to be. Archived ones do not count: they are
    /// read-only and deliver nothing.
    /// </summary>
    public static bool TakeAllOf(DiscoverySpec discovery, WebhookPlace place)
    {
        if (discovery.Repositories.Count > 0 || !discovery.Forks)
        {
            return false;
        }

        var project = place.Level == WebhookLevel.Project ? place.Name : null;
        return (project is not null || discovery.Projects.Count == 0)
            && (discovery.Include.Count == 0 || discovery.Include.Exists(p => new Glob(p).TakesAllOf(project)))
            && !discovery.Exclude.Exists(p => new Glob(p).MayTakeSomeOf(project));
    }
}
