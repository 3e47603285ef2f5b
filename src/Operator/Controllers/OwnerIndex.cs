using BitbucketOperator.Core.Api;
using BitbucketOperator.Core.Api.V1Alpha1;
using BitbucketOperator.Core.Mapping;
using BitbucketOperator.Core.Model;
using BitbucketOperator.Core.Ownership;
using BitbucketOperator.Runtime.Model;

namespace BitbucketOperator.Controllers;

/// <summary>Which connections this process watches.</summary>
/// <param name="All">Every connection of the cluster: neither namespaces nor labels restrict it.</param>
internal sealed record WatchScope(bool All);

/// <summary>The watched connections by owner id. Kept from the events of the watch, never by going through all of them.</summary>
internal sealed class OwnerIndex(WatchScope scope, ClusterIdentity cluster) : IEntityObserver<BitbucketConnection>
{
    private readonly Lock _gate = new();
    private readonly Dictionary<EntityKey, Entry> _entries = [];
    private readonly Dictionary<string, List<Entry>> _byOwner = new(StringComparer.Ordinal);
    private readonly Dictionary<string, HashSet<Entry>> _unsettledByUrl = new(StringComparer.Ordinal);
    private string? _cluster;

    /// <summary>All connections of the cluster are watched.</summary>
    public bool IsComplete => scope.All;

    /// <summary>Told the id of an owner that went, is being deleted, or desires other URLs, or that several have. Must be quick.</summary>
    public Action<string> Changed { get; set; } = _ => { };

    /// <summary>Whose the webhooks of a connection are.</summary>
    public async Task<WebhookOwner> OwnerOfAsync(Connection connection, CancellationToken cancellationToken)
    {
        var name = await cluster.NameAsync(cancellationToken);
        lock (_gate)
        {
            if (_cluster is null)
            {
                _cluster = name;
                foreach (var entry in _entries.Values)
                {
                    AddOwner(entry);
                }
            }
        }

        return WebhookOwner.Of(name, connection);
    }

    /// <summary>The connections whose webhooks are marked with an id.</summary>
    public IReadOnlyList<KnownOwner> Find(string ownerId)
    {
        lock (_gate)
        {
            return _byOwner.TryGetValue(ownerId, out var entries) ? entries.ConvertAll(e => e.Owner) : [];
        }
    }

    /// <summary>The connection, unless it is gone or was made again.</summary>
    public KnownOwner? Find(EntityKey key, string uid)
    {
        lock (_gate)
        {
            return _entries.TryGetValue(key, out var entry) && entry.Uid == uid ? entry.Owner : null;
        }
    }

    /// <summary>Since when the connection of an id is being deleted; null when it is not.</summary>
    public DateTimeOffset? DeletedAt(string ownerId)
    {
        lock (_gate)
        {
            return _byOwner.GetValueOrDefault(ownerId)?.Find(e => e.DeletedAt is not null)?.DeletedAt;
        }
    }

    /// <summary>The connection did all that its spec asks for, or cannot.</summary>
    public void Settle(Connection connection)
    {
        lock (_gate)
        {
            if (_entries.TryGetValue(new EntityKey(connection.Namespace, connection.Name), out var entry)
                && entry.Uid == connection.Uid && entry.Generation == connection.Generation)
            {
                RemoveUnsettled(entry);
            }
        }
    }

    /// <summary>The connections whose webhooks are marked with an id, where there are several; none otherwise.</summary>
    public IReadOnlyList<EntityKey> Sharing(string ownerId)
    {
        lock (_gate)
        {
            return _byOwner.GetValueOrDefault(ownerId) is { Count: > 1 } entries ? entries.ConvertAll(e => e.Key) : [];
        }
    }

    /// <summary>Whether a connection lives on with the id of one that is being deleted, on the same server: the webhooks are its.</summary>
    public bool HasSuccessor(string ownerId)
    {
        lock (_gate)
        {
            var entries = _byOwner.GetValueOrDefault(ownerId) ?? [];
            return entries.Exists(e => e.Owner is { Writes: true, IsDeleting: false }
                && entries.Exists(l => l.Owner.IsDeleting && l.Owner.ServerKey == e.Owner.ServerKey));
        }
    }

    /// <summary>
    /// The UIDs of connections that write, have not gone through their spec yet and desire a URL on the server of an owner that is
    /// being deleted: one may be the same under a new name.
    /// </summary>
    public IReadOnlyList<string> Newcomers(string ownerId, string urlKey)
    {
        lock (_gate)
        {
            var servers = _byOwner.GetValueOrDefault(ownerId)?.FindAll(e => e.Owner.IsDeleting).ConvertAll(e => e.Owner.ServerKey) ?? [];
            return _unsettledByUrl.TryGetValue(urlKey, out var unsettled)
                ? [.. unsettled.Where(e => servers.Contains(e.Owner.ServerKey, StringComparer.Ordinal)).Select(e => e.Uid)]
                : [];
        }
    }

    /// <inheritdoc/>
    public void Observe(EntityKey key, BitbucketConnection? entity)
    {
        var affected = new HashSet<string>(StringComparer.Ordinal);
        lock (_gate)
        {
            var before = _entries.GetValueOrDefault(key);
            if (entity is not null && before is not null && before.IsOf(entity))
            {
                return;
            }

            if (before is not null)
            {
                _entries.Remove(key);
                RemoveOwner(before);
                RemoveUnsettled(before);
            }

            var now = entity is null ? null : Entry.Of(key, entity);
            if (now is not null)
            {
                _entries[key] = now;
                AddOwner(now);
                AddUnsettled(now);
            }

            if (before?.OwnerId is { } id && !before.IsSameToOthers(now))
            {
                affected.Add(id);
            }

            if (now?.OwnerId is { } shared && _byOwner[shared].Count > 1)
            {
                affected.Add(shared);
            }
        }

        foreach (var id in affected)
        {
            Changed(id);
        }
    }

    private void AddOwner(Entry entry)
    {
        if (_cluster is null)
        {
            return;
        }

        entry.OwnerId = WebhookOwner.Of(_cluster, entry.Connection).Id;
        if (!_byOwner.TryGetValue(entry.OwnerId, out var entries))
        {
            _byOwner[entry.OwnerId] = entries = [];
        }

        entries.Add(entry);
    }

    private void RemoveOwner(Entry entry)
    {
        if (entry.OwnerId is { } id && _byOwner.TryGetValue(id, out var entries) && entries.Remove(entry) && entries.Count == 0)
        {
            _byOwner.Remove(id);
        }
    }

    private void AddUnsettled(Entry entry)
    {
        foreach (var url in entry.Owner is { Writes: true, IsDeleting: false } ? entry.Owner.UrlKeys : [])
        {
            if (!_unsettledByUrl.TryGetValue(url, out var entries))
            {
                _unsettledByUrl[url] = entries = [];
            }

            entries.Add(entry);
        }
    }

    private void RemoveUnsettled(Entry entry)
    {
        foreach (var url in entry.Owner.UrlKeys)
        {
            if (_unsettledByUrl.TryGetValue(url, out var entries) && entries.Remove(entry) && entries.Count == 0)
            {
                _unsettledByUrl.Remove(url);
            }
        }
    }

    private sealed class Entry
    {
        private Entry(EntityKey key, Connection connection, DateTimeOffset? deletedAt)
        {
            (Key, Uid, Generation, Owner, DeletedAt) = (key, connection.Uid, connection.Generation, KnownOwner.Of(connection), deletedAt);

            // All that the id is made of, and no more.
            Connection = new Connection
            {
                Namespace = connection.Namespace,
                Name = connection.Name,
                OwnerId = connection.OwnerId,
                Spec = Nothing,
            };
        }

        private static ConnectionSpec Nothing { get; } = new() { Url = "", Auth = new CredentialSource(default, "") };

        public Connection Connection { get; }

        public EntityKey Key { get; }

        public string Uid { get; }

        public long? Generation { get; }

        public KnownOwner Owner { get; }

        public DateTimeOffset? DeletedAt { get; }

        public string? OwnerId { get; set; }

        public static Entry Of(EntityKey key, BitbucketConnection entity) => new(key, entity.ToModel(), entity.Metadata.DeletionTimestamp);

        public bool IsOf(BitbucketConnection entity) =>
            Uid == entity.Metadata.Uid
            && Generation == entity.Metadata.Generation
            && DeletedAt.HasValue == entity.Metadata.DeletionTimestamp.HasValue
            && Connection.OwnerId == AnnotationOf(entity);

        public bool IsSameToOthers(Entry? other) =>
            other is not null
            && OwnerId == other.OwnerId
            && Owner.IsDeleting == other.Owner.IsDeleting
            && Owner.UrlKeys.SequenceEqual(other.Owner.UrlKeys, StringComparer.Ordinal);

        private static string? AnnotationOf(BitbucketConnection entity) => ConnectionMapping.Annotation(entity, Annotations.OwnerId);
    }
}
