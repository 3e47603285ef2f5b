using BitbucketOperator.Core.Api.V1Alpha1;
using BitbucketOperator.Core.Connection;
using BitbucketOperator.Runtime;

namespace BitbucketOperator.Controllers;

/// <summary>The other connections of this cluster that want the same webhooks, as far as this process watches them.</summary>
internal sealed class Competition(EntityStore<BitbucketConnection> store, EntityQueue<BitbucketConnection> queue, ClusterIdentity cluster)
{
    public async Task<IReadOnlyList<Rival>> RivalsOfAsync(BitbucketConnection connection, CancellationToken cancellationToken)
    {
        var rivals = new List<Rival>();
        foreach (var other in store.List().Where(other => Rival.AreRivals(connection, other)))
        {
            rivals.Add(new Rival((await cluster.OwnerOfAsync(other, cancellationToken)).Id, other));
        }

        return rivals;
    }

    /// <summary>
    /// Has those look anew who compete with a connection, or did until now, after a pass that may matter to them: it went
    /// through another spec, keeps webhooks in other places, or changed some.
    /// </summary>
    public void Tell(ConnectionPass pass, BitbucketConnectionStatus after, IEnumerable<Rival> before)
    {
        var earlier = pass.Connection.Status;
        var concerns = earlier?.ObservedGeneration != after.ObservedGeneration
            || earlier?.Webhooks?.Owner != after.Webhooks?.Owner
            || !(earlier?.Webhooks?.ManagedIn ?? []).SequenceEqual(after.Webhooks?.ManagedIn ?? [], StringComparer.Ordinal)
            || pass.Applied.Any(a => a.Fault is null);
        if (concerns)
        {
            Wake(pass.Observed.Rivals.Concat(before));
        }
    }

    /// <summary>Has connections look anew.</summary>
    public void Wake(IEnumerable<Rival> rivals)
    {
        foreach (var key in rivals.Select(r => EntityKey.Of(r.Connection)).Distinct())
        {
            queue.Enqueue(key);
        }
    }
}
