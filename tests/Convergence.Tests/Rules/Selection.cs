using BitbucketOperator.Testing.Servers;
using System.IO.Enumeration;
using BitbucketOperator.Convergence.Tests.Histories;
using BitbucketOperator.Convergence.Tests.World;

namespace BitbucketOperator.Convergence.Tests.Rules;

/// <summary>Which repositories spec.discovery takes, by its documentation, told without the operator's own code.</summary>
internal static class Selection
{
    public static IReadOnlyList<Repo> Of(Scene scene)
    {
        var spec = scene.Resource.Spec.Discovery;
        return [.. scene.Server.Repositories.Where(r =>
            (spec.Repositories.Count == 0 || spec.Repositories.Contains(r.Path))
            && (spec.Projects.Count == 0 || spec.Projects.Contains(r.Project))
            && (spec.Include.Count == 0 || spec.Include.Exists(p => Matches(p, r)))
            && !spec.Exclude.Exists(p => Matches(p, r))
            && (spec.Archived || !r.Archived)
            && (spec.Forks || !r.Fork))];
    }

    // Every name has one slash, so that a star that crosses it makes no difference.
    private static bool Matches(string pattern, Repo repository) => FileSystemName.MatchesSimpleExpression(pattern, repository.Path);
}
