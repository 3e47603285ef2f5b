namespace BitbucketOperator.Core.Port;

/// <summary>A listing of repositories that is read page by page, as slowly as the server and its limits ask for.</summary>
public interface IRepositoryPages
{
    /// <summary>
    /// How many repositories were left out so far, because their key, slug or id is none that Bitbucket gives, or repeats a credential.
    /// </summary>
    int Invalid => 0;

    /// <summary>
    /// The repositories of the next page; null when there is none. Each repository once, although the listing is not a snapshot.
    /// Throws <see cref="FaultException"/> when the page is missing or makes no sense: what came before is then incomplete. After a
    /// fault for a rate limit the same page can be asked for again; after any other the listing is over.
    /// </summary>
    Task<IReadOnlyList<Repository>?> NextAsync(CancellationToken cancellationToken);
}
