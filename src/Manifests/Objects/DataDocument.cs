using System.Text;
using System.Text.RegularExpressions;
using BitbucketOperator.Manifests.Documents;

namespace BitbucketOperator.Manifests.Objects;

/// <summary>A Secret or ConfigMap.</summary>
/// <param name="At">Where it begins.</param>
/// <param name="Type">A Secret's type; null where none is written, and for a ConfigMap.</param>
/// <param name="Data">A Secret's decoded values, stringData over data; a ConfigMap's in UTF-8.</param>
public sealed record DataManifest(Position At, string? Type, IReadOnlyDictionary<string, byte[]> Data)
{
    /// <summary>Its labels.</summary>
    public IReadOnlyDictionary<string, string> Labels { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);
}

/// <summary>Reads Secrets and ConfigMaps. Messages name keys and never show a value.</summary>
internal static partial class DataDocument
{
    private const string SealedBySops =
        "the Secret is encrypted with SOPS: decrypt it first, for example with sops --decrypt FILE | bitbucket-operator check -f -";

    private static readonly string[] OfSecret = ["apiVersion", "data", "immutable", "kind", "metadata", "stringData", "type"];
    private static readonly string[] OfConfigMap = ["apiVersion", "binaryData", "data", "immutable", "kind", "metadata"];

    /// <summary>The values of a Secret: data decoded, stringData over it.</summary>
    public static DataManifest ReadSecret(MapNode document, List<Problem> problems)
    {
        if (document.Fields.TryGetValue("sops", out var sops))
        {
            problems.Add(Problem.Error(sops.At, "sops", SealedBySops));
            return new DataManifest(document.At, Type: null, new Dictionary<string, byte[]>(StringComparer.Ordinal));
        }

        CheckFields(document, OfSecret, problems);
        var data = new Dictionary<string, byte[]>(StringComparer.Ordinal);
        foreach (var (key, value) in Entries(document, "data", problems))
        {
            if (Decode(value.Value as string ?? "") is { } bytes)
            {
                data[key] = bytes;
                continue;
            }

            problems.Add(Problem.Error(
                value.At, $"data.{key}",
                "Invalid value: not base64: write plain text under stringData, or encode it with printf %s VALUE | base64"));
        }

        foreach (var (key, value) in Entries(document, "stringData", problems))
        {
            data[key] = Encoding.UTF8.GetBytes(value.Value as string ?? "");
        }

        return new DataManifest(document.At, document.Text("type"), data) { Labels = ObjectMetadata.Labels(document) };
    }

    /// <summary>The values of a ConfigMap. Its binaryData is not read: nothing refers to it.</summary>
    public static DataManifest ReadConfigMap(MapNode document, List<Problem> problems)
    {
        CheckFields(document, OfConfigMap, problems);
        var data = Entries(document, "data", problems).ToDictionary(
            e => e.Key, e => Encoding.UTF8.GetBytes(e.Value.Value as string ?? ""), StringComparer.Ordinal);
        return new DataManifest(document.At, Type: null, data);
    }

    private static void CheckFields(MapNode document, string[] known, List<Problem> problems)
    {
        foreach (var (field, place) in document.Fields.Where(f => !known.Contains(f.Key)))
        {
            problems.Add(Problem.Error(place.At, field, $"unknown field {ApiText.Quote(field)}", Suggestion.For(field, known)));
        }

        if (document["type"] is not (null or ScalarNode { Value: string or null }))
        {
            problems.Add(Problem.Error(document.PositionOf("type"), "type", "Invalid value: must be text, such as Opaque"));
        }
    }

    private static List<(string Key, ScalarNode Value)> Entries(MapNode document, string field, List<Problem> problems)
    {
        if (document[field] is not MapNode map)
        {
            if (document[field] is not (null or ScalarNode { Value: null }))
            {
                problems.Add(Problem.Error(document.PositionOf(field), field, "Invalid value: must be an object of texts by key"));
            }

            return [];
        }

        var entries = new List<(string, ScalarNode)>();
        foreach (var (key, entry) in map.Fields)
        {
            var path = $"{field}.{key}";
            if (key.Length > 253 || key is "." or ".." || !Key().IsMatch(key))
            {
                problems.Add(Problem.Error(entry.At, path, "Invalid value: a key consists of letters, digits, -, _ and ., 253 at most"));
            }
            else if (entry.Value is ScalarNode { Value: string or null } text)
            {
                entries.Add((key, text));
            }
            else
            {
                problems.Add(Problem.Error(
                    entry.Value.At, path,
                    "Invalid value: must be text: put it in quotes, since YAML takes it for a number, a boolean or an object"));
            }
        }

        return entries;
    }

    // As Go's decoder: line breaks are skipped, other white space is not, padding is needed.
    private static byte[]? Decode(string text)
    {
        var plain = text.Replace("\n", "", StringComparison.Ordinal).Replace("\r", "", StringComparison.Ordinal);
        var buffer = new byte[plain.Length];
        return !plain.Any(char.IsWhiteSpace) && Convert.TryFromBase64String(plain, buffer, out var length) ? buffer[..length] : null;
    }

    [GeneratedRegex(@"^[-._a-zA-Z0-9]+\z")]
    private static partial Regex Key();
}
