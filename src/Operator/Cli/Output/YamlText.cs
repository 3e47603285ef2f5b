using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace BitbucketOperator.Cli.Output;

/// <summary>
/// Writes JSON as YAML in blocks. A text that YAML might take for something else is quoted as in JSON, which YAML reads alike.
/// </summary>
internal static partial class YamlText
{
    private static readonly JsonSerializerOptions Relaxed = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>An object as one document, without a separator.</summary>
    public static string Of(JsonObject document)
    {
        var text = new StringBuilder();
        WriteFields(text, document, indent: 0, continues: false);
        return text.ToString();
    }

    private static void WriteFields(StringBuilder text, JsonObject map, int indent, bool continues)
    {
        foreach (var (name, value) in map)
        {
            text.Append(' ', continues ? 0 : indent).Append(Scalar(name)).Append(':');
            continues = false;
            WriteValue(text, value, indent);
        }
    }

    private static void WriteValue(StringBuilder text, JsonNode? value, int indent)
    {
        switch (value)
        {
            case JsonObject { Count: > 0 } map:
                text.Append('\n');
                WriteFields(text, map, indent + 2, continues: false);
                break;
            case JsonArray { Count: > 0 } list:
                text.Append('\n');
                WriteItems(text, list, indent);
                break;
            case JsonObject:
                text.Append(" {}\n");
                break;
            case JsonArray:
                text.Append(" []\n");
                break;
            default:
                text.Append(' ').Append(Leaf(value)).Append('\n');
                break;
        }
    }

    private static void WriteItems(StringBuilder text, JsonArray list, int indent)
    {
        foreach (var item in list)
        {
            text.Append(' ', indent).Append('-');
            if (item is JsonObject { Count: > 0 } map)
            {
                text.Append(' ');
                WriteFields(text, map, indent + 2, continues: true);
            }
            else
            {
                WriteValue(text, item, indent + 2);
            }
        }
    }

    private static string Leaf(JsonNode? value) =>
        value is null ? "null" : value.GetValueKind() == JsonValueKind.String ? Scalar(value.GetValue<string>()) : value.ToJsonString();

    private static string Scalar(string text) =>
        Plain().IsMatch(text) && !Word().IsMatch(text) ? text : $"\"{JsonEncodedText.Encode(text, Relaxed.Encoder)}\"";

    [GeneratedRegex(@"^[A-Za-z/]([A-Za-z0-9 _/.,()'+=;-]*[A-Za-z0-9_/.,()'+=;-])?\z", RegexOptions.ExplicitCapture)]
    private static partial Regex Plain();

    // What some reader of YAML takes for a boolean, a null or a number.
    [GeneratedRegex(@"^(true|false|yes|no|on|off|y|n|null)\z", RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture)]
    private static partial Regex Word();
}
