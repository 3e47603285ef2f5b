using BitbucketOperator.Core.Discovery;
using BitbucketOperator.Core.Levels;
using BitbucketOperator.Core.Model;
using BitbucketOperator.Core.Port;

namespace BitbucketOperator.Core.Planning;

/// <summary>Which repositories' webhooks matter.</summary>
internal static class RelevantScopes
{
    /// <summary>
    /// The repositories whose webhooks matter in this reconcile: those that must have some, and those that may still hold some
    /// of ours.
    /// </summary>
    public static IEnumerable<Repository> Of(Connection connection, RepositoryListing inventory, RepositorySelection selection, WebhookLevels levels)
    {
        // What status does not know of may be there nonetheless, when the resource was made again.
        var managed = ManagedScopes.Of(connection, levels.DesiredIn.Concat(levels.UnknownIn));
        var verified = VerifiedScopes.Of(connection);
        var kept = selection.Selected.Where(r => levels.CountOn(r) > 0 || MayHoldOurs(r));
        var dropped = selection.Skipped.Select(s => s.Repository).Where(MayHoldOurs);
        return kept.Concat(dropped).Concat(inventory.Former);

        // One that was moved takes its webhooks along, out of the scope on record.
        bool MayHoldOurs(Repository repository) => managed.Holds(repository.Name) || verified.Contains(repository.Id);
    }
}
