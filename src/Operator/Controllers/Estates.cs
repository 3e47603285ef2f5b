using BitbucketOperator.Core.Model;
using BitbucketOperator.Core.Ownership;
using BitbucketOperator.Runtime.Model;

namespace BitbucketOperator.Controllers;

/// <summary>Where webhooks are of a connection that is being deleted, for the one that lives on with its owner id.</summary>
/// <param name="Leaving">Who is being deleted.</param>
/// <param name="Successor">Who lives on, as <c>namespace/name</c>.</param>
/// <param name="Places">As <see cref="KnownState.ManagedIn"/>.</param>
internal sealed record Estate(EntityKey Leaving, string Successor, IReadOnlyList<string> Places)
{
    /// <summary>The successor has the places on record.</summary>
    public bool IsTaken { get; init; }
}

/// <summary>
/// What connections that are being deleted leave to others with their owner id. The webhooks are marked as these' already, so that
/// nothing is to be done about them but to have their places on record. A restarted process asks again.
/// </summary>
internal sealed class Estates(IOwners owners, IConnections connections) : ILeaderMemory
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Estate> _byUid = new(StringComparer.Ordinal);

    /// <summary>Who goes on with the webhooks of a connection that is being deleted; null when nobody does.</summary>
    public KnownOwner? SuccessorOf(Connection leaving, WebhookOwner owner) => OwnerRules.Successor(leaving, owner.Id, owners);

    /// <summary>Leaves all to a successor. False until that one has it on record; then the one that leaves is reconciled again.</summary>
    public bool Leave(Connection leaving, KnownOwner successor)
    {
        var places = leaving.Known.ManagedIn;
        lock (_gate)
        {
            if (_byUid.TryGetValue(leaving.Uid, out var estate) && estate.Successor == successor.Name
                && estate.Places.SequenceEqual(places, StringComparer.Ordinal))
            {
                if (estate.IsTaken)
                {
                    return true;
                }
            }
            else
            {
                _byUid[leaving.Uid] = new Estate(new EntityKey(leaving.Namespace, leaving.Name), successor.Name, places);
            }
        }

        connections.Enqueue(KeyOf(successor));
        return false;
    }

    /// <summary>What is left to a connection and not on its record yet.</summary>
    public IReadOnlyList<Estate> For(Connection successor)
    {
        lock (_gate)
        {
            return _byUid.Count == 0 ? [] : [.. _byUid.Values.Where(e => !e.IsTaken && e.Successor == successor.FullName)];
        }
    }

    /// <summary>The successor has it on record.</summary>
    public void Taken(IReadOnlyList<Estate> estates)
    {
        foreach (var estate in estates)
        {
            lock (_gate)
            {
                if (_byUid.FirstOrDefault(e => ReferenceEquals(e.Value, estate)) is { Key: { } uid })
                {
                    _byUid[uid] = estate with { IsTaken = true };
                }
            }

            connections.Enqueue(estate.Leaving);
        }
    }

    /// <summary>The connection that left is gone.</summary>
    public void Forget(string uid)
    {
        lock (_gate)
        {
            _byUid.Remove(uid);
        }
    }

    public void Forget()
    {
        lock (_gate)
        {
            _byUid.Clear();
        }
    }

    private static EntityKey KeyOf(KnownOwner owner) => owner.Name.Split('/') is [var ns, var name] ? new EntityKey(ns, name) : default;
}
