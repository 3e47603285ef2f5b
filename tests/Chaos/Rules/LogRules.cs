using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using BitbucketOperator.Chaos.World;

namespace BitbucketOperator.Chaos.Rules;

/// <summary>What no replica may ever print, whatever goes wrong.</summary>
internal static class LogRules
{
    // Its API server refuses it, which is no fault of the operator.
    private const string Excused = "FailureNotReported";
    private static readonly string[] Severe = ["\"@l\":\"Error\"", "\"@l\":\"Fatal\"", "InternalError"];

    public static IEnumerable<string> Violations(ChaosWorld world, string written)
    {
        foreach (var (index, replica) in world.ReplicaList.Index())
        {
            replica.Note();
            foreach (var violation in replica.Surprises.Concat(replica.Processes.SelectMany(p => OfLines(p.Lines))))
            {
                yield return $"replica {index}: {violation}";
            }
        }

        if (written.Contains("InternalError", StringComparison.Ordinal))
        {
            yield return $"a status or event tells of an InternalError: {Around(written, "InternalError")}";
        }

        foreach (var violation in OfSecrets(world, written))
        {
            yield return violation;
        }
    }

    /// <summary>What is wrong with the output of a process; a few lines of it.</summary>
    public static IEnumerable<string> OfLines(IEnumerable<string> lines) => lines
        .Where(l => !IsJson(l) || (Array.Exists(Severe, s => l.Contains(s, StringComparison.Ordinal)) && !IsExcused(l)))
        .Take(3)
        .Select(l => $"printed {(l.Length > 1500 ? l[..1500] : l)}");

    // The simulated API server's answers have that reason too, and are reported as they are.
    private static bool IsExcused(string line) =>
        line.Contains(Excused, StringComparison.Ordinal)
        || (!line.Contains("\"@l\":\"Error\"", StringComparison.Ordinal) && line.Contains("out of order", StringComparison.Ordinal));

    // A process that was killed may leave half a line behind.
    private static bool IsJson(string line)
    {
        if (!line.StartsWith('{')) return false;
        if (!line.EndsWith('}')) return true;
        try
        {
            return JsonNode.Parse(line) is JsonObject;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static IEnumerable<string> OfSecrets(ChaosWorld world, string written)
    {
        var texts = world.ReplicaList.SelectMany(r => r.Processes).SelectMany(p => p.Lines).Append(written).ToList();
        foreach (var secret in world.Connections.SelectMany(c => c.Secrets))
        {
            var base64 = Convert.ToBase64String(Encoding.UTF8.GetBytes(secret))[..^4];
            foreach (var form in new[] { secret, base64 })
            {
                if (texts.Find(t => t.Contains(form, StringComparison.Ordinal)) is { } text)
                {
                    yield return $"the secret {secret} is in: {Around(text, form)}";
                }
            }
        }
    }

    private static string Around(string text, string word)
    {
        var at = text.IndexOf(word, StringComparison.Ordinal);
        return text[Math.Max(0, at - 300)..Math.Min(text.Length, at + word.Length + 300)];
    }
}
