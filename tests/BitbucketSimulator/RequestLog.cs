using BitbucketOperator.BitbucketSimulator.Faults;
using BitbucketOperator.BitbucketSimulator.State;

namespace BitbucketOperator.BitbucketSimulator;

/// <summary>One request that came in.</summary>
/// <param name="Number">Counts up from 1.</param>
/// <param name="Method">GET, POST and so on.</param>
/// <param name="Path">Without the context path; decoded.</param>
/// <param name="Query">With its question mark, or empty.</param>
/// <param name="Status">0 when the connection ended without an answer.</param>
/// <param name="User">The login the request ran as, or null.</param>
/// <param name="Time">When it came.</param>
/// <param name="CredentialSent">Whether it had an Authorization header. The header itself is never kept.</param>
/// <param name="Fault">Kind of the fault that decided the answer, or null.</param>
public sealed record RequestEntry(
    long Number,
    string Method,
    string Path,
    string Query,
    int Status,
    string? User,
    DateTimeOffset Time,
    bool CredentialSent,
    string? Fault);

/// <summary>Totals since the start or the last reset.</summary>
/// <param name="Requests">All requests.</param>
/// <param name="WebhookPosts">Successful webhook creations; pings of /test are not among them.</param>
/// <param name="WebhookPuts">Successful webhook replacements.</param>
/// <param name="WebhookDeletes">Successful webhook removals.</param>
/// <param name="WebhookWriteAttempts">POST, PUT and DELETE on webhooks, whatever became of them.</param>
/// <param name="MaxInFlight">Most requests that were under way at once.</param>
/// <param name="TokenRequests">Requests to Cloud's OAuth token endpoint, whatever became of them.</param>
/// <param name="Listings">GET on lists of repositories, each page for itself, whatever became of them.</param>
/// <param name="WebhookReads">GET on webhooks, whatever became of them.</param>
/// <param name="RateLimited">Requests of any kind that were answered with 429.</param>
public sealed record Counters(
    long Requests,
    long WebhookPosts,
    long WebhookPuts,
    long WebhookDeletes,
    long WebhookWriteAttempts,
    int MaxInFlight,
    long TokenRequests = 0,
    long Listings = 0,
    long WebhookReads = 0,
    long RateLimited = 0)
{
    /// <summary>Webhook writes that succeeded.</summary>
    public long WebhookWrites => WebhookPosts + WebhookPuts + WebhookDeletes;
}

/// <summary>The newest requests and totals over all of them. Safe for concurrent use.</summary>
public sealed class RequestLog(int capacity)
{
    private readonly Lock _gate = new();
    private readonly Queue<RequestEntry> _entries = new();
    private Counters _counters = new(0, 0, 0, 0, 0, 0);
    private long _number;
    private int _inFlight;

    /// <summary>The requests that are kept, oldest first.</summary>
    public IReadOnlyList<RequestEntry> Entries
    {
        get
        {
            lock (_gate) return [.. _entries];
        }
    }

    public Counters Counters
    {
        get
        {
            lock (_gate) return _counters;
        }
    }

    /// <summary>Forgets the requests and sets all totals to zero.</summary>
    public void Reset()
    {
        lock (_gate)
        {
            _entries.Clear();
            _counters = new(0, 0, 0, 0, 0, _inFlight);
        }
    }

    internal long Begin()
    {
        lock (_gate)
        {
            _inFlight++;
            _counters = _counters with { MaxInFlight = Math.Max(_counters.MaxInFlight, _inFlight) };
            return ++_number;
        }
    }

    internal void End(RequestEntry entry, bool applied)
    {
        lock (_gate)
        {
            _inFlight--;
            _entries.Enqueue(entry);
            if (_entries.Count > capacity) _entries.Dequeue();
            _counters = Count(_counters with { Requests = _counters.Requests + 1 }, entry, applied);
        }
    }

    private static Counters Count(Counters c, RequestEntry entry, bool applied)
    {
        if (entry.Status == 429) c = c with { RateLimited = c.RateLimited + 1 };
        if (entry.Path == "/site/oauth2/access_token") return c with { TokenRequests = c.TokenRequests + 1 };
        var onWebhooks = entry.Path.Contains("/webhooks", StringComparison.Ordinal)
            || entry.Path.Contains("/hooks", StringComparison.Ordinal);
        if (entry.Method == "GET" && onWebhooks) return c with { WebhookReads = c.WebhookReads + 1 };
        if (entry.Method == "GET" && IsListing(entry.Path)) return c with { Listings = c.Listings + 1 };
        var write = entry.Method is "POST" or "PUT" or "DELETE" && onWebhooks;
        if (!write || entry.Path.EndsWith("/test", StringComparison.Ordinal)) return c;
        c = c with { WebhookWriteAttempts = c.WebhookWriteAttempts + 1 };
        if (!applied) return c;
        return entry.Method switch
        {
            "POST" => c with { WebhookPosts = c.WebhookPosts + 1 },
            "PUT" => c with { WebhookPuts = c.WebhookPuts + 1 },
            _ => c with { WebhookDeletes = c.WebhookDeletes + 1 },
        };
    }

    // .../repos of Data Center, /2.0/repositories/WORKSPACE of Cloud.
    private static bool IsListing(string path) =>
        path.EndsWith("/repos", StringComparison.Ordinal)
        || (path.StartsWith("/2.0/repositories/", StringComparison.Ordinal) && path.IndexOf('/', "/2.0/repositories/".Length) < 0);
}
