using BitbucketOperator.Testing.Servers;
using BitbucketOperator.Convergence.Tests.Histories;
using BitbucketOperator.Convergence.Tests.World;
using BitbucketOperator.Core.Api.V1Alpha1;

namespace BitbucketOperator.Convergence.Tests.Rules;

/// <summary>Where webhooks have to be, by the documentation of spec.webhooks[].level, told without the operator's own code.</summary>
internal static class Levels
{
    /// <summary>True when an entry's webhook lives on the place above a repository.</summary>
    public static bool IsAbove(Scene scene, WebhookSpec entry, Repo repository) => entry.Level switch
    {
        WebhookLevel.Repository => false,
        WebhookLevel.Auto => TakesAll(scene, repository.Project) && scene.Server.Managed.Contains(scene.Server.ProjectLevelOf(repository)),
        _ => true,
    };

    // The patterns are those of Words: what they take is plain to see.
    private static bool TakesAll(Scene scene, string project)
    {
        var spec = scene.Resource.Spec.Discovery;
        string[] whole = scene.IsCloud ? ["*/*"] : ["*/*", $"{project}/*"];
        return spec.Repositories.Count == 0
            && spec.Forks
            && (spec.Projects.Count == 0 || !scene.IsCloud)
            && (spec.Include.Count == 0 || spec.Include.Exists(whole.Contains))
            && !spec.Exclude.Exists(p => scene.IsCloud || p.StartsWith('*') || p.StartsWith(project, StringComparison.Ordinal));
    }
}
