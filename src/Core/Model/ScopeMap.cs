namespace BitbucketOperator.Core.Model;

/// <summary>
/// What is known of scopes, by id. Many small tables instead of a large one: a table of more than 85,000 bytes is garbage that only a
/// full collection frees, and one is made with each reconcile.
/// </summary>
internal sealed class ScopeMap
{
    private const int Parts = 128;
    private readonly Dictionary<string, VerifiedScope>?[] _parts = new Dictionary<string, VerifiedScope>?[Parts];

    public int Count { get; private set; }

    public IEnumerable<KeyValuePair<string, VerifiedScope>> All => _parts.SelectMany(p => p ?? []);

    public void Set(string id, VerifiedScope scope)
    {
        var part = _parts[PartOf(id)] ??= new Dictionary<string, VerifiedScope>(StringComparer.Ordinal);
        Count -= part.Count;
        part[id] = scope;
        Count += part.Count;
    }

    public bool TryGet(string id, out VerifiedScope scope)
    {
        scope = default;
        return _parts[PartOf(id)]?.TryGetValue(id, out scope) is true;
    }

    // The same in each process: whoever goes through all scopes does so in the same order.
    private static int PartOf(string id)
    {
        var hash = 2166136261u;
        foreach (var c in id)
        {
            hash = unchecked((hash ^ c) * 16777619u);
        }

        return (int)(hash % Parts);
    }
}
