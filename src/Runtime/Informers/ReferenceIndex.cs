using BitbucketOperator.Runtime.Model;

namespace BitbucketOperator.Runtime.Informers;

/// <summary>Which entities refer to which Secrets and ConfigMaps.</summary>
internal sealed class ReferenceIndex
{
    private readonly Lock _gate = new();
    private readonly Dictionary<EntityKey, ObjectReference[]> _references = [];
    private readonly Dictionary<ObjectReference, HashSet<EntityKey>> _owners = [];

    /// <summary>Replaces all references of an entity.</summary>
    public void Set(EntityKey owner, IEnumerable<ObjectReference> references)
    {
        lock (_gate)
        {
            RemoveAll(owner);
            ObjectReference[] wanted = [.. references.Distinct()];
            if (wanted.Length == 0)
            {
                return;
            }

            _references[owner] = wanted;
            foreach (var reference in wanted)
            {
                if (!_owners.TryGetValue(reference, out var owners))
                {
                    _owners[reference] = owners = [];
                }

                owners.Add(owner);
            }
        }
    }

    /// <summary>Forgets an entity.</summary>
    public void Remove(EntityKey owner)
    {
        lock (_gate)
        {
            RemoveAll(owner);
        }
    }

    /// <summary>The entities that refer to the object.</summary>
    public IReadOnlyList<EntityKey> OwnersOf(ObjectReference reference)
    {
        lock (_gate)
        {
            return _owners.TryGetValue(reference, out var owners) ? [.. owners] : [];
        }
    }

    private void RemoveAll(EntityKey owner)
    {
        if (!_references.Remove(owner, out var references))
        {
            return;
        }

        foreach (var reference in references)
        {
            if (_owners.TryGetValue(reference, out var owners) && owners.Remove(owner) && owners.Count == 0)
            {
                _owners.Remove(reference);
            }
        }
    }
}
