using System.Text;

namespace BitbucketOperator.Generator;

/// <summary>A YAML mapping whose keys keep their order. Values are strings, bools, ints, nested mappings and lists of these.</summary>
internal sealed class YamlMap : List<KeyValuePair<string, object?>>
{
    public void Add(string key, object? value)
    {
        if (value is not null)
        {
            Add(KeyValuePair.Create<string, object?>(key, value));
        }
    }

    /// <summary>Gives a key that is there another value.</summary>
    public void Set(string key, object value) => this[FindIndex(e => e.Key == key)] = KeyValuePair.Create<string, object?>(key, value);

    /// <summary>The value of a key; null when it is not there.</summary>
    public object? Get(string key) => Find(e => e.Key == key).Value;
}

/// <summary>Writes block-style YAML, the same text for the same input.</summary>
internal static class Yaml
{
    private const string Header = "# Written by `make generate` from the code. Do not edit.\n";

    public static string Documents(params YamlMap[] documents) =>
        Header + string.Join("", documents.Select(d =>
        {
            var text = new StringBuilder("---\n");
            Write(text, d, 0);
            return text.ToString();
        }));

    /// <summary>A list alone, without the header.</summary>
    public static string List(List<object> items)
    {
        var text = new StringBuilder();
        WriteList(text, items, 0);
        return text.ToString();
    }

    private static void Write(StringBuilder text, YamlMap map, int indent, bool firstInline = false)
    {
        var first = firstInline;
        foreach (var (key, value) in map)
        {
            text.Append(' ', first ? 0 : indent).Append(Scalar(key)).Append(':');
            first = false;
            WriteValue(text, value!, indent);
        }
    }

    private static void WriteValue(StringBuilder text, object value, int indent)
    {
        switch (value)
        {
            case YamlMap { Count: 0 }:
                text.Append(" {}\n");
                break;
            case YamlMap map:
                text.Append('\n');
                Write(text, map, indent + 2);
                break;
            case IEnumerable<object> list when !list.Any():
                text.Append(" []\n");
                break;
            case IEnumerable<object> list:
                text.Append('\n');
                WriteList(text, list, indent);
                break;
            default:
                text.Append(' ').Append(Scalar(value)).Append('\n');
                break;
        }
    }

    private static void WriteList(StringBuilder text, IEnumerable<object> list, int indent)
    {
        foreach (var item in list)
        {
            text.Append(' ', indent).Append("- ");
            if (item is YamlMap map)
            {
                Write(text, map, indent + 2, firstInline: true);
            }
            else
            {
                text.Append(Scalar(item)).Append('\n');
            }
        }
    }

    private static string Scalar(object value) => value switch
    {
        bool b => b ? "true" : "false",
        int i => i.ToString(System.Globalization.CultureInfo.InvariantCulture),
        string s when IsPlain(s) => s,
        string s => $"\"{s.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"",
        _ => throw new ArgumentException($"{value.GetType()} is no YAML value of ours"),
    };

    private static bool IsPlain(string text) =>
        text.Length > 0
        && (char.IsAsciiLetter(text[0]) || text[0] is '/' or '$')
        && text.All(c => char.IsAsciiLetterOrDigit(c) || c is ' ' or '.' or '-' or '_' or '/' or '(' or ')' or ';' or '$')
        && !text.EndsWith(' ')
        && text.ToLowerInvariant() is not ("true" or "false" or "null" or "yes" or "no" or "on" or "off" or "y" or "n");
}
