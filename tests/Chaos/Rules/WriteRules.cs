using System.Globalization;
using System.Text.Json.Nodes;
using BitbucketOperator.Chaos.World;
using BitbucketOperator.Testing.Cluster;

namespace BitbucketOperator.Chaos.Rules;

/// <summary>One writer: from the first to the last write of a leader to Bitbucket nobody else writes.</summary>
internal static class WriteRules
{
    private static readonly string[] Requests = ["\"Name\":\"Answered\"", "\"Name\":\"Unanswered\""];

    // Logs have whole milliseconds.
    private static readonly TimeSpan Tolerance = TimeSpan.FromMilliseconds(5);

    public static IEnumerable<string> Violations(ChaosWorld world)
    {
        var processes = world.ReplicaList.SelectMany((r, i) => r.Processes.Select((p, j) => (Name: $"replica {i}.{j}", Process: p)));
        var tenures = processes.SelectMany(p => TenuresOf(p.Name, p.Process.Lines)).OrderBy(t => t.First).ToList();
        return tenures.Zip(tenures.Skip(1))
            .Where(p => p.First.Process != p.Second.Process && p.Second.First + Tolerance < p.First.Last)
            .Select(p => $"{p.First} overlaps {p.Second}");
    }

    /// <summary>When a process wrote, for each time that it led.</summary>
    public static IReadOnlyList<Tenure> TenuresOf(string process, IEnumerable<string> lines)
    {
        List<Tenure> tenures = [];
        var (number, last) = (0, -1);
        foreach (var line in lines.Where(l => l.EndsWith('}')))
        {
            if (line.Contains("\"Name\":\"LeaseAcquired\"", StringComparison.Ordinal))
            {
                number++;
            }
            else if (SentAt(line) is { } at)
            {
                if (last != number) tenures.Add(new Tenure(process, at, at));
                else tenures[^1] = tenures[^1].With(at);
                last = number;
            }
        }

        return tenures;
    }

    // A line tells of a request when it has ended.
    private static DateTimeOffset? SentAt(string line)
    {
        if (!Array.Exists(Requests, r => line.Contains(r, StringComparison.Ordinal)))
        {
            return null;
        }

        var entry = JsonNode.Parse(line)!;
        var (method, path) = ((string?)entry["Method"] ?? "GET", (string?)entry["Path"] ?? "");
        if (method is "GET" || !(path.Contains("/webhooks", StringComparison.Ordinal) || path.Contains("/hooks", StringComparison.Ordinal)))
        {
            return null;
        }

        var ended = DateTimeOffset.Parse((string)entry["@t"]!, CultureInfo.InvariantCulture);
        return ended - TimeSpan.FromMilliseconds((long)entry["Milliseconds"]!);
    }
}

/// <summary>The writes of a leader.</summary>
/// <param name="Process">Who.</param>
/// <param name="First">When the first was sent.</param>
/// <param name="Last">When the last was sent.</param>
internal sealed record Tenure(string Process, DateTimeOffset First, DateTimeOffset Last)
{
    public Tenure With(DateTimeOffset at) => this with { First = at < First ? at : First, Last = at > Last ? at : Last };

    public override string ToString() => $"{Process}, who wrote from {First:HH:mm:ss.fff} to {Last:HH:mm:ss.fff},";
}
