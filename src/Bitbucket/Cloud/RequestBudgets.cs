using System.Collections.Concurrent;

namespace BitbucketOperator.Bitbucket.Cloud;

/// <summary>The budgets of all credentials. Connections with the same credential share theirs, as Bitbucket counts.</summary>
internal sealed class RequestBudgets(BitbucketOptions options, TimeProvider time)
{
    private readonly ConcurrentDictionary<string, RequestBudget> _budgets = new(StringComparer.Ordinal);

    /// <summary>The budget that a request is paid from.</summary>
    /// <param name="identity">By what Bitbucket counts: see <see cref="Login.Identity"/>.</param>
    /// <param name="webhooks">Requests for webhooks are counted apart from all others.</param>
    public RequestBudget Of(string identity, bool webhooks)
    {
        var name = $"{options.CloudApiUrl}\n{identity}\n{(webhooks ? "webhooks" : "repositories")}";
        if (_budgets.TryGetValue(name, out var known)) return known;
        foreach (var (other, budget) in _budgets)
        {
            if (budget.IsIdle) _budgets.TryRemove(other, out _);
        }

        return _budgets.GetOrAdd(name, static (name, state) => new(name, state.CloudRequestsPerHour, state.time), (options.CloudRequestsPerHour, time));
    }
}
