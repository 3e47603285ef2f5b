using System.Globalization;
using System.Text.Json.Nodes;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace BitbucketOperator.Runtime.Kubeconfig;

/// <summary>One mapping of a kubeconfig file, which knows where it is from.</summary>
/// <param name="File">Path of the file: paths in it are relative to its folder.</param>
/// <param name="Place">What it is, for messages, such as <c>user "admin"</c>.</param>
/// <param name="Fields">The fields.</param>
internal sealed record KubeconfigNode(string File, string Place, YamlMappingNode Fields)
{
    /// <summary>The same mapping with another place.</summary>
    public KubeconfigNode Named(string place) => this with { Place = place };

    /// <summary>A field's text; null when it is absent, null or empty.</summary>
    public string? Text(string field) => Find(field) switch
    {
        null => null,
        YamlScalarNode { Value: { Length: > 0 } text } => text,
        YamlScalarNode => null,
        _ => throw Wrong(field, "a text"),
    };

    /// <summary>A field's truth; false when it is absent.</summary>
    public bool Flag(string field) => Text(field) switch
    {
        null or "false" => false,
        "true" => true,
        _ => throw Wrong(field, "true or false"),
    };

    /// <summary>A field that names a file, as a full path.</summary>
    public string? FilePath(string field) => Text(field) is { } path ? FullPath(path) : null;

    /// <summary>A path of the file, in full.</summary>
    public string FullPath(string path) => Path.GetFullPath(path, Path.GetDirectoryName(Path.GetFullPath(File)) ?? "/");

    /// <summary>A field's content in base64, or that of the file which another field names; null when neither is there.</summary>
    public byte[]? Content(string dataField, string fileField)
    {
        if (Text(dataField) is { } data)
        {
            try
            {
                return Convert.FromBase64String(data);
            }
            catch (FormatException)
            {
                throw Wrong(dataField, "base64");
            }
        }

        if (FilePath(fileField) is not { } path)
        {
            return null;
        }

        try
        {
            return System.IO.File.ReadAllBytes(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new KubeconfigException($"{Place}: cannot read {fileField} {path}: {e.Message}", e);
        }
    }

    /// <summary>A field that is a mapping; null when it is absent.</summary>
    public KubeconfigNode? Map(string field) => Find(field) switch
    {
        null => null,
        YamlMappingNode map => this with { Fields = map },
        _ => throw Wrong(field, "a mapping"),
    };

    /// <summary>The items of a field that is a list of mappings.</summary>
    public IEnumerable<KubeconfigNode> Maps(string field) => Items(field)
        .Select(item => item is YamlMappingNode map ? this with { Fields = map } : throw Wrong(field, "a list of mappings"));

    /// <summary>The items of a field that is a list of texts.</summary>
    public IReadOnlyList<string> Texts(string field) =>
        [.. Items(field).Select(item => item is YamlScalarNode { Value: { } text } ? text : throw Wrong(field, "a list of texts"))];

    /// <summary>The names of its fields.</summary>
    public IEnumerable<string> Names => Fields.Children.Keys.OfType<YamlScalarNode>().Select(k => k.Value ?? "");

    /// <summary>A field as JSON.</summary>
    public JsonNode? Json(string field) => ToJson(Find(field));

    private YamlNode? Find(string field)
    {
        var node = Fields.Children.FirstOrDefault(c => c.Key is YamlScalarNode { Value: { } name } && name == field).Value;
        return node is YamlScalarNode scalar && IsNull(scalar) ? null : node;
    }

    private IEnumerable<YamlNode> Items(string field) => Find(field) switch
    {
        null => [],
        YamlSequenceNode list => list.Children,
        _ => throw Wrong(field, "a list"),
    };

    private KubeconfigException Wrong(string field, string wanted) => new($"{Place}: {field} must be {wanted} ({File})");

    private static bool IsNull(YamlScalarNode scalar) => scalar.Style == ScalarStyle.Plain && scalar.Value is "" or "~" or "null" or null;

    private static JsonNode? ToJson(YamlNode? node)
    {
        switch (node)
        {
            case YamlMappingNode map:
                return new JsonObject(map.Children.Select(c =>
                    KeyValuePair.Create((c.Key as YamlScalarNode)?.Value ?? "", ToJson(c.Value))));
            case YamlSequenceNode list:
                return new JsonArray([.. list.Children.Select(ToJson)]);
            case YamlScalarNode scalar when !IsNull(scalar):
                var text = scalar.Value!;
                var isPlain = scalar.Style == ScalarStyle.Plain;
                return isPlain && text is "true" or "false" ? text == "true"
                    : isPlain && long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole) ? whole
                    : isPlain && double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number
                    : text;
            default:
                return null;
        }
    }
}
