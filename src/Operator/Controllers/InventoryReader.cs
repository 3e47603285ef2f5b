using BitbucketOperator.Core;
using BitbucketOperator.Core.Api;
using BitbucketOperator.Core.Api.V1Alpha1;
using BitbucketOperator.Core.Connection;

namespace BitbucketOperator.Controllers;

/// <summary>Lists repositories: those that the spec asks for, and those where webhooks of ours may have been left.</summary>
internal static class InventoryReader
{
    public static async Task<Inventory> ReadAsync(BitbucketConnection connection, IBitbucket bitbucket, CancellationToken cancellationToken)
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

        var left = (connection.Status?.Webhooks?.ManagedIn ?? []).Where(place => !IsCovered(place, discovery)).ToList();
        return listing.ToInventory(await ReadPlacesAsync(left, bitbucket, cancellationToken));
    }

    /// <summary>The repositories of places as status.webhooks.managedIn names them, as former ones; what is gone is no fault. Projects and workspaces themselves have no repository to tell.</summary>
    public static async Task<Inventory> ReadManagedAsync(IReadOnlyList<string> places, IBitbucket bitbucket, CancellationToken cancellationToken)
    {
        var listing = await ReadPlacesAsync(places, bitbucket, cancellationToken);
        return new Inventory([], listing.Faults, listing.Repositories, listing.Unread);
    }

    private static bool IsCovered(string place, DiscoverySpec discovery) =>
        discovery.Projects.Contains(place.Split('/')[0], StringComparer.OrdinalIgnoreCase)
        || discovery.Repositories.Contains(place, StringComparer.OrdinalIgnoreCase);

    private static async Task<Listing> ReadPlacesAsync(IReadOnlyList<string> places, IBitbucket bitbucket, CancellationToken cancellationToken)
    {
        var listing = new Listing(bitbucket) { MissingIsNoFault = true };
        foreach (var place in places.Where(p => WebhookPlace.ParseAbove(p) is null))
        {
            if (place.Contains('/', StringComparison.Ordinal))
            {
                await listing.FetchAsync([place], "status.webhooks.managedIn", cancellationToken);
            }
            else
            {
                await listing.ListAsync(place, cancellationToken);
            }
        }

        return listing;
    }

    private sealed class Listing(IBitbucket bitbucket)
    {
        private readonly Dictionary<string, Repository> _repositories = new(StringComparer.Ordinal);

        public bool MissingIsNoFault { get; init; }

        public List<Fault> Faults { get; } = [];

        public List<string> Unread { get; } = [];

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
                Add(project ?? "", e.Fault);
            }
        }

        public async Task FetchAsync(IEnumerable<string> names, string field, CancellationToken cancellationToken)
        {
            foreach (var text in names)
            {
                try
                {
                    var name = RepositoryName.Parse(text)
                        ?? throw new FaultException(Fault.Waiting(Reasons.RepositoryNotFound, $"{field}: {text} is not of the form PROJECT/slug"));
                    var repository = await bitbucket.GetRepositoryAsync(name, cancellationToken);
                    _repositories.TryAdd(repository.Id, repository);
                }
                catch (FaultException e)
                {
                    Add(text, e.Fault);
                }
            }
        }

        public Inventory ToInventory(Listing? former) => new(
            Repositories,
            Faults,
            [.. (former?.Repositories ?? []).Where(r => !_repositories.ContainsKey(r.Id))],
            former?.Unread ?? []);

        private void Add(string place, Fault fault)
        {
            var missing = fault.Reason == Reasons.ProjectNotFound || fault.Reason == Reasons.RepositoryNotFound;
            if (missing && MissingIsNoFault)
            {
                return;
            }

            Faults.Add(fault);
            Unread.Add(place);
        }
    }
}
