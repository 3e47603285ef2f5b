using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using BitbucketOperator.Core.Api.V1Alpha1;
using BitbucketOperator.Core.Port;

namespace BitbucketOperator.Cli.Output;

/// <summary>Writes connections with their statuses for programs.</summary>
internal static class StatusText
{
    private static readonly JsonWriterOptions Indented = new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>YAML: one document for each.</summary>
    public static string Yaml(IReadOnlyList<(BitbucketConnection Connection, BitbucketConnectionStatus Status)> all) =>
        Escaped(string.Join("---\n", all.Select(c => YamlText.Of(ToObject(c.Connection, c.Status)))));

    /// <summary>JSON: the object where there is one, else a List of them as kubectl prints it.</summary>
    public static string Json(IReadOnlyList<(BitbucketConnection Connection, BitbucketConnectionStatus Status)> all)
    {
        var objects = all.Select(c => ToObject(c.Connection, c.Status)).ToList();
        var root = objects is [var single]
            ? single
            : new JsonObject { ["apiVersion"] = "v1", ["kind"] = "List", ["items"] = new JsonArray([.. objects]) };
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream, Indented))
        {
            root.WriteTo(writer);
        }

        return Escaped(System.Text.Encoding.UTF8.GetString(stream.ToArray()) + "\n");
    }

    // Hidden characters stand in quotes, where JSON and YAML read the escaped form alike.
    private static string Escaped(string text) => string.Join('\n', text.Split('\n').Select(VisibleText.Escape));

    private static JsonObject ToObject(BitbucketConnection connection, BitbucketConnectionStatus status) => new()
    {
        ["apiVersion"] = connection.ApiVersion,
        ["kind"] = connection.Kind,
        ["metadata"] = new JsonObject { ["name"] = connection.Metadata.Name, ["namespace"] = connection.Metadata.NamespaceProperty },
        ["status"] = JsonSerializer.SerializeToNode(status, ApiJsonContext.Default.BitbucketConnectionStatus),
    };
}
