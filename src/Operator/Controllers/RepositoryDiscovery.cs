using BitbucketOperator.Core.Api;
using BitbucketOperator.Core.Discovery;
using BitbucketOperator.Core.Messages;
using BitbucketOperator.Core.Model;
using BitbucketOperator.Core.Port;

namespace BitbucketOperator.Controllers;

/// <summary>Lists repositories: those that the spec asks for, and those where webhooks of ours may have been left.</summary>
internal static class RepositoryDiscovery
{
    public static async Task<RepositoryListing> ReadAsync(Connection connection, IBitbucket bitbucket, CancellationToken cancellationToken)
    {
        var discovery = connection.Spec.Discovery;
        var listing = new Listing(bitbucket);
        if (discovery.Repositories.Count > 0)
        {
            await listing.FetchAsync(discovery.Repositories, "spec.discovery.repositories", cancellationToken);
        }
        else if (discovery.Projects.Count > 0)
        {
            foreach (var project in discovery.Projects)
            {
                await listing.ListAsync(project, cancellationToken);
            }
        }
        else
        {
            await listing.ListAsync(project: null, cancellationToken);
            return listing.ToInventory(former: null);
        }

        var left = connection.Known.ManagedIn.Where(scope => !IsCovered(scope, discovery)).ToList();
        return listing.ToInventory(await ReadScopesAsync(left, bitbucket, cancellationToken));
    }

    /// <summary>
    /// The repositories of scopes as status.webhooks.managedIn names them, as former ones. What does not exist any more is skipped. Projects and
    /// workspaces themselves have no repository to tell.
    /// </summary>
    public static async Task<RepositoryListing> ReadManagedAsync(
        IReadOnlyList<string> scopes, IBitbucket bitbucket, CancellationToken cancellationToken)
    {
        var listing = await ReadScopesAsync(scopes, bitbucket, cancellationToken);
        return new RepositoryListing([], listing.Faults, listing.Repositories, listing.Unread);
    }

    private static bool IsCovered(string scope, DiscoveryRules discovery) =>
        discovery.Projects.Contains(scope.Split('/')[0], StringComparer.OrdinalIgnoreCase)
        || discovery.Repositories.Contains(scope, StringComparer.OrdinalIgnoreCase);

    private static async Task<Listing> ReadScopesAsync(IReadOnlyList<string> scopes, IBitbucket bitbucket, CancellationToken cancellationToken)
    {
        var listing = new Listing(bitbucket) { MissingIsNoFault = true };
        foreach (var scope in scopes.Where(p => WebhookScope.ParseProjectLevel(p) is null))
        {
            if (scope.Contains('/', StringComparison.Ordinal))
            {
                await listing.FetchAsync([scope], "status.webhooks.managedIn", cancellationToken);
            }
            else
            {
                await listing.ListAsync(scope, cancellationToken);
            }
        }

        return listing;
    }

    private sealed class Listing(IBitbucket bitbucket)
    {
        private readonly Dictionary<string, Repository> _repositories = new(StringComparer.Ordinal);

        public bool MissingIsNoFault { get; init; }

        public List<Fault> Faults { get; } = [];

        // The places of managedIn that could not be read.
        public IReadOnlyList<string> Unread => [.. Faults.Select(f => f.Place?.Name).OfType<string>()];

        public IReadOnlyList<Repository> Repositories => [.. _repositories.Values];

        public async Task ListAsync(string? project, CancellationToken cancellationToken)
        {
            try
            {
                await foreach (var repository in bitbucket.ListRepositoriesAsync(project, cancellationToken))
                {
                    _repositories.TryAdd(repository.Id, repository);
                }
            }
            catch (FaultException e)
            {
                Add(project, e.Fault);
            }
        }

        public async Task FetchAsync(IEnumerable<string> names, string field, CancellationToken cancellationToken)
        {
            foreach (var text in names)
            {
                try
                {
                    var name = RepositoryName.Parse(text) ?? throw new FaultException(
                        Fault.Waiting(Reasons.RepositoryNotFound, Sentences.NoRepositoryName(field, text), field: field));
                    var repository = await bitbucket.GetRepositoryAsync(name, cancellationToken);
                    _repositories.TryAdd(repository.Id, repository);
                }
                catch (FaultException e)
                {
                    Add(text, e.Fault);
                }
            }
        }

        public RepositoryListing ToInventory(Listing? former) => new(
            Repositories,
            Faults,
            [.. (former?.Repositories ?? []).Where(r => !_repositories.ContainsKey(r.Id))],
            former?.Unread ?? []);

        private void Add(string? place, Fault fault)
        {
            var missing = fault.Reason == Reasons.ProjectNotFound || fault.Reason == Reasons.RepositoryNotFound;
            if (missing && MissingIsNoFault)
            {
                return;
            }

            Faults.Add(place is null ? fault : fault with { Place = Place.Named(place) });
        }
    }
}
