using BitbucketOperator.Core.Port;

namespace BitbucketOperator.Core.Discovery;

/// <summary>A listing.</summary>
/// <param name="Repositories">What was listed, each repository once.</param>
/// <param name="Faults">What is missing from it: one fault for each project, repository or listing that could not be read.</param>
/// <param name="Former">
/// Repositories of projects that the spec does not name any more and that still hold webhooks of ours.
/// </param>
/// <param name="FormerLeft">The projects (or PROJECT/slug) among those that could not be read, and stay to be cleaned.</param>
public sealed record RepositoryListing(
    IReadOnlyList<Repository> Repositories,
    IReadOnlyList<Fault> Faults,
    IReadOnlyList<Repository> Former,
    IReadOnlyList<string> FormerLeft)
{
    /// <summary>How many repositories were left out, because Bitbucket gives nobody such a key, slug or id.</summary>
    public int Invalid { get; init; }

    /// <summary>How many repositories were left out since, because their webhooks are not found.</summary>
    public int NotFound { get; init; }

    /// <summary>How many repositories Bitbucket listed.</summary>
    public int Listed => Repositories.Count + NotFound;

    /// <summary>True when all that was asked for was read.</summary>
    public bool IsComplete => Faults.Count == 0;

    /// <summary>
    /// True when what was read can be worked with: at most, things that were asked for by name do not exist. A listing that
    /// broke off says nothing about what it did not reach.
    /// </summary>
    public bool IsUsable => Faults.All(f =>
        f is { Class: FaultClass.Waiting, RetryAfter: null, Reason.Condition: Api.ConditionTypes.RepositoriesDiscovered }
        && f.Reason != Api.Reasons.WorkspaceNotFound
        && !IsEndless(f));

    /// <summary>True when nothing was read for lack of permission: what was known of the repositories stays known.</summary>
    public bool IsDenied => Repositories.Count == 0 && Faults.Any(f => f.Reason == Api.Reasons.ReadPermissionDenied);

    /// <summary>True when it was given up for its length: reading it again soon would cost as much and end the same way.</summary>
    public bool IsGivenUp => Faults.Any(IsEndless);

    private static bool IsEndless(Fault fault) =>
        fault.Reason == Api.Reasons.TooManyRepositories
        || (fault.Class == FaultClass.Waiting && fault.Reason == Api.Reasons.ListingIncomplete);
}
