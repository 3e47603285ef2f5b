using System.Globalization;
using System.Text.RegularExpressions;

namespace BitbucketOperator.BitbucketSimulator.Faults;

/// <summary>The rules in force. Safe for concurrent use.</summary>
public sealed class FaultEngine(int randomSeed)
{
    private readonly Lock _gate = new();
    private readonly List<Rule> _rules = [];

    // Repeatable chance is the point here; nothing secret depends on it.
#pragma warning disable CA5394
    private readonly Random _random = new(randomSeed);
#pragma warning restore CA5394
    private int _lastId;

    /// <summary>Rules that can still happen.</summary>
    public IReadOnlyList<Fault> Active
    {
        get
        {
            lock (_gate) return [.. _rules.Where(r => !r.Spent).Select(r => r.Fault)];
        }
    }

    /// <summary>Puts a rule in force and returns its id.</summary>
    public string Add(Fault fault)
    {
        lock (_gate)
        {
            var named = fault.Id.Length > 0 ? fault : fault with { Id = (++_lastId).ToString(CultureInfo.InvariantCulture) };
            _rules.RemoveAll(r => r.Fault.Id == named.Id || r.Spent);
            _rules.Add(new Rule(named));
            return named.Id;
        }
    }

    /// <summary>Whether there was such a rule.</summary>
    public bool Remove(string id)
    {
        lock (_gate) return _rules.RemoveAll(r => r.Fault.Id == id) > 0;
    }

    public void Clear()
    {
        lock (_gate) _rules.Clear();
    }

    /// <summary>How often the rule of this id has happened.</summary>
    public int Hits(string id)
    {
        lock (_gate) return _rules.Find(r => r.Fault.Id == id)?.Hits ?? 0;
    }

    /// <summary>All delays that apply, and the first rule of another kind.</summary>
    internal (TimeSpan Delay, Fault? Fault) Match(string method, string path, string query, int page)
    {
        lock (_gate)
        {
            var delay = 0;
            foreach (var rule in _rules)
            {
                if (!rule.Matches(method, path, query, page) || !rule.Happens(_random)) continue;
                delay += rule.Fault.LatencyMilliseconds;
                if (rule.Fault.Kind != FaultKind.Latency) return (TimeSpan.FromMilliseconds(delay), rule.Fault);
            }

            return (TimeSpan.FromMilliseconds(delay), null);
        }
    }

    private sealed class Rule(Fault fault)
    {
        private readonly Regex _path = Glob.Compile(fault.Path);
        private readonly string[] _methods = (fault.Method ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        private int _seen;

        public Fault Fault => fault;

        public int Hits { get; private set; }

        public bool Spent => fault.Count <= Hits;

        public bool Matches(string method, string path, string query, int page) =>
            !Spent
            && (_methods.Length == 0 || _methods.Contains(method, StringComparer.OrdinalIgnoreCase))
            && (fault.Page is null || fault.Page == page)
            && (fault.QueryContains is null || query.Contains(fault.QueryContains, StringComparison.OrdinalIgnoreCase))
            && _path.IsMatch(path);

        public bool Happens(Random random)
        {
            if (_seen++ < fault.After) return false;
#pragma warning disable CA5394 // As above: repeatable chance.
            if (fault.Probability < 1 && random.NextDouble() >= fault.Probability) return false;
#pragma warning restore CA5394
            Hits++;
            return true;
        }
    }
}
