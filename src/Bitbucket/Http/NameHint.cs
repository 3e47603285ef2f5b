using BitbucketOperator.Core.Port;

namespace BitbucketOperator.Bitbucket.Http;

/// <summary>How a repository that does not exist may be written instead.</summary>
internal static class NameHint
{
    private const string Suffix = ".git";

    /// <summary>A cure; names come from clone URLs too, which have a suffix that slugs have not.</summary>
    public static string Of(RepositoryName? repository) =>
        repository is not null && repository.Slug.EndsWith(Suffix, StringComparison.OrdinalIgnoreCase)
            ? $"Use {repository.Project}/{repository.Slug[..^Suffix.Length]}, without {Suffix}"
            : "Correct spec.discovery.repositories";
}
