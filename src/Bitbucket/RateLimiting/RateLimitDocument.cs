using System.Text.Json;
using System.Text.Json.Serialization;

namespace BitbucketOperator.Bitbucket.RateLimiting;

/// <summary>What is stored of all limiters: JSON with a version, bounded in size.</summary>
public static class RateLimitDocument
{
    /// <summary>The most records that are stored; each takes about 250 bytes.</summary>
    public const int MaxRecords = 1000;

    private const int Version = 1;
    private const int MaxCharacters = 1024 * 1024;

    /// <summary>The document of some records: of too many, those that were in use last and most.</summary>
    public static string Write(IEnumerable<RateLimitRecord> records)
    {
        var kept = records.OrderByDescending(r => r.At).ThenByDescending(r => r.Sent.Sum()).ThenBy(r => r.Id, StringComparer.Ordinal).Take(MaxRecords);
        return JsonSerializer.Serialize(new Stored(Version, [.. kept.OrderBy(r => r.Id, StringComparer.Ordinal)]), RateLimitJson.Default.Stored);
    }

    /// <summary>The records of a document; null when it cannot be read, or a newer operator wrote it.</summary>
    public static IReadOnlyList<RateLimitRecord>? Read(string document)
    {
        try
        {
            return document.Length <= MaxCharacters && JsonSerializer.Deserialize(document, RateLimitJson.Default.Stored) is { Version: Version } stored
                ? [.. stored.Records.Where(r => r is not null).Take(MaxRecords)]
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    internal sealed record Stored(int Version, IReadOnlyList<RateLimitRecord> Records);
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(RateLimitDocument.Stored))]
internal sealed partial class RateLimitJson : JsonSerializerContext;
