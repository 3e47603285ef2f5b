using BitbucketOperator.Core.Port;

namespace BitbucketOperator.Bitbucket.Http;

/// <summary>How a repository that does not exist may be written instead.</summary>
internal static class NameHint
{
    private const string Suffix = ".git";

    /// <summary>A sentence; names come from clone URLs too, which have a suffix that slugs have not.</summary>
    public static string Of(RepositoryName? repository) =>
        repository is not null && repository.Slug.EndsWith(Suffix, StringComparison.OrdinalIgnoreCase)
            ? $"Its slug is without {Suffix}: write {repository.Project}/{repository.Slug[..^Suffix.Length]}."
            : "Correct spec.discovery.repositories if it is named there.";
}
