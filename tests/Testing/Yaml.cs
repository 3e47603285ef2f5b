using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using BitbucketOperator.Core.Api;
using BitbucketOperator.Core.Api.V1Alpha1;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace BitbucketOperator.Testing;

/// <summary>YAML in and out. A field that is not known is an error: a case must not test less than it says.</summary>
public static class Yaml
{
    private static readonly JsonSerializerOptions Strict = new(ApiJsonContext.Default.Options)
    {
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    };

    /// <summary>The connection of the first document.</summary>
    public static BitbucketConnection ReadConnection(string text) => ToConnection(Documents(text)[0]);

    /// <summary>The connection that a document is.</summary>
    /// <exception cref="JsonException">It has a field that a connection has not.</exception>
    public static BitbucketConnection ToConnection(YamlMappingNode document) => ToJson(document).Deserialize<BitbucketConnection>(Strict)!;

    /// <summary>The documents of a file.</summary>
    public static IReadOnlyList<YamlMappingNode> Documents(string text)
    {
        var stream = new YamlStream();
        stream.Load(new StringReader(text));
        return [.. stream.Documents.Select(d => (YamlMappingNode)d.RootNode)];
    }

    /// <summary>A tree as text, without folding.</summary>
    public static string Write(YamlNode node)
    {
        var text = new StringWriter { NewLine = "\n" };
        var emitter = new Emitter(text, EmitterSettings.Default.WithBestWidth(int.MaxValue));
        new YamlStream(new YamlDocument(node)).Save(emitter, assignAnchors: false);
        return text.ToString().Replace("\n...\n", "\n", StringComparison.Ordinal);
    }

    /// <summary>JSON as a tree; every scalar plain.</summary>
    public static YamlNode FromJson(JsonNode node) => node switch
    {
        JsonObject map => new YamlMappingNode(map.SelectMany(m => new[] { new YamlScalarNode(m.Key), FromJson(m.Value!) })),
        JsonArray list => new YamlSequenceNode(list.Select(n => FromJson(n!))),
        _ => new YamlScalarNode(node.ToString()),
    };

    /// <summary>A tree as JSON, with numbers and flags where a scalar is plain.</summary>
    public static JsonNode? ToJson(YamlNode node) => node switch
    {
        YamlMappingNode map => new JsonObject(map.Children.Select(c => KeyValuePair.Create(((YamlScalarNode)c.Key).Value!, ToJson(c.Value)))),
        YamlSequenceNode list => new JsonArray([.. list.Select(ToJson)]),
        YamlScalarNode { Style: ScalarStyle.Plain } plain => Plain(plain.Value!),
        _ => JsonValue.Create(((YamlScalarNode)node).Value),
    };

    private static JsonValue? Plain(string text) => text switch
    {
        "" or "null" or "~" => null,
        "true" => JsonValue.Create(true),
        "false" => JsonValue.Create(false),
        _ => long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
            ? JsonValue.Create(number)
            : JsonValue.Create(text),
    };
}
