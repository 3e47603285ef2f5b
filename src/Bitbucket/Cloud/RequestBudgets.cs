using System.Collections.Concurrent;

namespace BitbucketOperator.Bitbucket.Cloud;

/// <summary>The budgets of all credentials. Connections with the same credential share theirs, as Bitbucket counts.</summary>
internal sealed class RequestBudgets
{
    private readonly ConcurrentDictionary<Key, RequestBudget> _budgets = new();
    private readonly BitbucketOptions _options;
    private readonly BitbucketMetrics _metrics;
    private readonly TimeProvider _time;

    public RequestBudgets(BitbucketOptions options, BitbucketMetrics metrics, TimeProvider time)
    {
        (_options, _metrics, _time) = (options, metrics, time);
        metrics.Observe(this);
    }

    /// <summary>The least that any credential has left, and the longest that any must wait, for each group of requests in use.</summary>
    public IEnumerable<(string Host, string Group, double Left, TimeSpan Wait)> States => _budgets
        .GroupBy(b => b.Key.Group, StringComparer.Ordinal)
        .Select(g => (Group: g.Key, States: g.Select(b => b.Value.State).ToList()))
        .Select(g => (_options.CloudApiUrl.Authority, g.Group, g.States.Min(s => s.Left), g.States.Max(s => s.Wait)));

    /// <summary>The budget that a request is paid from.</summary>
    /// <param name="identity">By what Bitbucket counts: see <see cref="Login.Identity"/>.</param>
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
        $"{_options.CloudApiUrl}\n{key.Identity}\n{key.Group}",
        _options.CloudRequestsPerHour,
        _time,
        () => _metrics.Refused(_options.CloudApiUrl.Authority, key.Group));

    private readonly record struct Key(string Identity, string Group);
}
