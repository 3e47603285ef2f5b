using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace BitbucketOperator.Bitbucket.Http;

/// <summary>Reads objects that are kept as trees, and can be read to their leaves.</summary>
internal sealed class JsonTreeConverter : JsonConverter<JsonObject>
{
    public override JsonObject? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        var element = JsonElement.ParseValue(ref reader);
        if (element.ValueKind != JsonValueKind.Object) throw new JsonException("not a JSON object");
        JsonTree.RequireReadable(element);
        return JsonObject.Create(element);
    }

    public override void Write(Utf8JsonWriter writer, JsonObject value, JsonSerializerOptions options) => value.WriteTo(writer, options);
}
