using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace BitbucketOperator.Core.Api.V1Alpha1;

/// <summary>JSON of the API types, generated at build time.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    PropertyNameCaseInsensitive = false)]
[JsonSerializable(typeof(BitbucketConnection))]
[JsonSerializable(typeof(BitbucketConnectionSpec))]
[JsonSerializable(typeof(BitbucketConnectionStatus))]
[JsonSerializable(typeof(BitbucketInventory))]
[JsonSerializable(typeof(BitbucketInventoryStatus))]
[JsonSerializable(typeof(BitbucketInventoryList))]
public sealed partial class ApiJsonContext : JsonSerializerContext;

/// <summary>Times as Kubernetes writes them: UTC, whole seconds, such as 2026-01-31T12:00:00Z.</summary>
internal sealed class Rfc3339Converter : JsonConverter<DateTimeOffset>
{
    private const string Format = "yyyy-MM-dd'T'HH:mm:ss'Z'";

    public override DateTimeOffset Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        DateTimeOffset.Parse(reader.GetString() ?? "", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);

    public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value.UtcDateTime.ToString(Format, CultureInfo.InvariantCulture));
}
