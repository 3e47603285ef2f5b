using BitbucketOperator.Runtime.Informers;
using BitbucketOperator.Runtime.Model;

namespace BitbucketOperator.Controllers;

/// <summary>
/// What is known of the inventories of one connection: hashes and versions, and when they are to be read or written again. Its
/// reconcile changes it; the watch tells it what it heard.
/// </summary>
internal sealed class KnownInventories(EntityKey connection)
{
    /// <summary>How long the first write waits for syncs that run: most end before, and their inventories are written once.</summary>
    public static readonly TimeSpan UntilFirst = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan WhileSyncing = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(2);

    private readonly Lock _gate = new();
    private readonly Dictionary<string, string?> _heard = new(StringComparer.Ordinal);
    private Dictionary<string, StoredInventory> _objects = new(StringComparer.Ordinal);
    private bool _isWriting;
    private DateTimeOffset? _firstAskedAt;
    private DateTimeOffset _loadedAt;
    private DateTimeOffset _writtenAt;
    private DateTimeOffset _notBefore;
    private DateTimeOffset _repairedAt;

    /// <summary>The connection.</summary>
    public EntityKey Connection => connection;

    /// <summary>They were written before, or it was tried.</summary>
    public bool HasBegun { get; private set; }

    /// <summary>An event told that they cannot be written.</summary>
    public bool IsRefused { get; set; }

    /// <summary>Names of the objects that are stored.</summary>
    public IReadOnlyList<string> Names
    {
        get
        {
            lock (_gate)
            {
                return [.. _objects.Keys];
            }
        }
    }

    /// <summary>Whether it is time to write. Until <see cref="EndWriting"/> what the watch tells is only noted.</summary>
    public bool BeginWriting(DateTimeOffset now, bool isSyncing)
    {
        lock (_gate)
        {
            _firstAskedAt ??= now;
            var next = HasBegun ? _writtenAt + WhileSyncing : _firstAskedAt + UntilFirst;
            if (now < _notBefore || (isSyncing && now < next))
            {
                return false;
            }

            HasBegun = true;
            _writtenAt = now;
            return _isWriting = true;
        }
    }

    /// <summary>When to ask again where nothing else brings a reconcile: before the first write, and while they cannot be written.</summary>
    public TimeSpan? UntilNext(DateTimeOffset now)
    {
        lock (_gate)
        {
            return now < _notBefore ? _notBefore - now : HasBegun ? null : UntilFirst;
        }
    }

    /// <summary>Writing has ended; true when the watch told meanwhile of what somebody else wrote.</summary>
    public bool EndWriting()
    {
        lock (_gate)
        {
            _isWriting = false;
            var isForeign = _heard.Any(h => IsForeign(h.Key, h.Value));
            _heard.Clear();
            return isForeign;
        }
    }

    /// <summary>The watch tells of an object: true when somebody else wrote or deleted it.</summary>
    /// <param name="name">The object.</param>
    /// <param name="version">Its version; null when it is gone.</param>
    public bool Hear(string name, string? version)
    {
        lock (_gate)
        {
            if (_isWriting)
            {
                _heard[name] = version;
            }

            return !_isWriting && IsForeign(name, version);
        }
    }

    /// <summary>All is to be read and written again. Who edits again and again is answered at a steady pace.</summary>
    /// <returns>How long to wait.</returns>
    public TimeSpan Invalidate(DateTimeOffset now)
    {
        lock (_gate)
        {
            var wait = now < _repairedAt + WhileSyncing ? WhileSyncing : Soon;
            (_loadedAt, _writtenAt, _repairedAt) = (default, default, now);
            return wait;
        }
    }

    /// <summary>Nothing is written for a while, and all is read again then.</summary>
    public void Wait(DateTimeOffset until)
    {
        lock (_gate)
        {
            (_loadedAt, _writtenAt, _notBefore) = (default, default, until);
        }
    }

    /// <summary>More is to be written soon.</summary>
    public void GoOn()
    {
        lock (_gate)
        {
            _writtenAt = default;
        }
    }

    /// <summary>Whether the objects are to be read again.</summary>
    public bool IsToBeRead(DateTimeOffset now, TimeSpan interval)
    {
        lock (_gate)
        {
            return now >= _loadedAt + interval;
        }
    }

    /// <summary>Whether the objects that are stored are those that are known, so that they need not be read.</summary>
    public bool AreAll(IReadOnlyDictionary<string, string> versions, DateTimeOffset now)
    {
        lock (_gate)
        {
            var areAll = versions.Count == _objects.Count && _objects.All(o => versions.GetValueOrDefault(o.Key) == o.Value.Version);
            _loadedAt = areAll ? now : _loadedAt;
            return areAll;
        }
    }

    /// <summary>All objects were read.</summary>
    public void Loaded(Dictionary<string, StoredInventory> objects, DateTimeOffset now)
    {
        lock (_gate)
        {
            (_objects, _loadedAt) = (objects, now);
        }
    }

    /// <summary>What is stored of an object; null for nothing.</summary>
    public StoredInventory? Find(string name)
    {
        lock (_gate)
        {
            return _objects.GetValueOrDefault(name);
        }
    }

    /// <summary>An object was written.</summary>
    public void Put(string name, StoredInventory stored)
    {
        lock (_gate)
        {
            _objects[name] = stored;
        }
    }

    /// <summary>An object was deleted.</summary>
    public void Remove(string name)
    {
        lock (_gate)
        {
            _objects.Remove(name);
        }
    }

    private bool IsForeign(string name, string? version) =>
        _objects.TryGetValue(name, out var stored) && (version is null || ResourceVersion.IsNewer(version, stored.Version));
}
