using System.Collections.Concurrent;

namespace BitbucketOperator.Bitbucket.RateLimiting;

/// <summary>The budgets of all credentials of one API. Connections with the same credential share theirs, as Bitbucket counts.</summary>
/// <param name="api">Root of the API.</param>
/// <param name="perHour">The most requests in any hour with one credential, of each group.</param>
/// <param name="time">The clock.</param>
/// <param name="refused">Told the host and the group of each request that is put off; null for nobody.</param>
internal sealed class RequestBudgets(Uri api, int perHour, TimeProvider time, Action<string, string>? refused = null)
{
    private readonly ConcurrentDictionary<Key, RequestBudget> _budgets = new();

    /// <summary>The least that any credential has left, and the longest that any must wait, for each group of requests in use.</summary>
    public IEnumerable<(string Host, string Group, double Left, TimeSpan Wait)> States => _budgets
        .GroupBy(b => b.Key.Group, StringComparer.Ordinal)
        .Select(g => (Group: g.Key, States: g.Select(b => b.Value.State).ToList()))
        .Select(g => (api.Authority, g.Group, g.States.Min(s => s.Left), g.States.Max(s => s.Wait)));

    /// <summary>The budget that a request is paid from.</summary>
    /// <param name="identity">By what Bitbucket counts: the user, the consumer or the token.</param>
    /// <param name="webhooks">Requests for webhooks are counted apart from all others.</param>
    public RequestBudget Of(string identity, bool webhooks)
    {
        var key = new Key(identity, webhooks ? "webhooks" : "repositories");
        if (_budgets.TryGetValue(key, out var known)) return known;
        foreach (var (other, budget) in _budgets)
        {
            if (budget.IsIdle) _budgets.TryRemove(other, out _);
        }

        return _budgets.GetOrAdd(key, static (key, self) => self.Open(key), this);
    }

    private RequestBudget Open(Key key) => new(
        $"{api}\n{key.Identity}\n{key.Group}", perHour, time, () => refused?.Invoke(api.Authority, key.Group));

    private readonly record struct Key(string Identity, string Group);
}
