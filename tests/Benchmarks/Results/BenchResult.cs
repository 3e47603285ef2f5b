using System.Text.Json;
using System.Text.Json.Serialization;

namespace BitbucketOperator.Benchmarks.Results;

/// <summary>What results.json holds. Fields are added, never renamed: docs/scaling.md shows the shape.</summary>
/// <param name="Version">Of this shape.</param>
/// <param name="Started">When the run began.</param>
/// <param name="Processors">Processors of the machine.</param>
/// <param name="BinaryBytes">Size of the operator's binary.</param>
/// <param name="Full">Whether the sizes of --full were used.</param>
/// <param name="Rows">One for each row, in the order of DESIGN.md, section 8.</param>
internal sealed record BenchResult(
    int Version, DateTimeOffset Started, int Processors, long BinaryBytes, bool Full, IReadOnlyList<RowResult> Rows)
{
    public const int CurrentVersion = 1;

    public string ToJson() => JsonSerializer.Serialize(this, BenchJson.Default.BenchResult);
}

/// <summary>What came of one row.</summary>
/// <param name="Name">The row's name, as ROWS takes it.</param>
/// <param name="Target">The target in words.</param>
/// <param name="Setup">How it was set up.</param>
/// <param name="Verdict">The worst of its measurements.</param>
/// <param name="Reason">Why it was not run, or failed; else null.</param>
/// <param name="Seconds">How long the row took, with its set-up.</param>
/// <param name="LoadBefore">The machine's load before it, /proc/loadavg.</param>
/// <param name="LoadAfter">And after it.</param>
/// <param name="Measurements">What was measured.</param>
/// <param name="Requests">Requests to Bitbucket by kind; null where the row counts none.</param>
internal sealed record RowResult(
    string Name,
    string Target,
    string Setup,
    Verdict Verdict,
    string? Reason,
    double Seconds,
    string LoadBefore,
    string LoadAfter,
    IReadOnlyList<Measurement> Measurements,
    RequestCounts? Requests);

/// <summary>The simulator's counters.</summary>
/// <param name="Requests">All requests.</param>
/// <param name="Listings">Pages of repositories.</param>
/// <param name="WebhookReads">Reads of webhooks.</param>
/// <param name="WebhookWriteAttempts">Webhook writes, whatever became of them.</param>
/// <param name="WebhookPosts">Webhooks created.</param>
/// <param name="WebhookPuts">Webhooks replaced.</param>
/// <param name="WebhookDeletes">Webhooks removed.</param>
/// <param name="RateLimited">Answers with 429.</param>
/// <param name="MaxInFlight">Most requests at once.</param>
internal sealed record RequestCounts(
    long Requests,
    long Listings,
    long WebhookReads,
    long WebhookWriteAttempts,
    long WebhookPosts,
    long WebhookPuts,
    long WebhookDeletes,
    long RateLimited,
    int MaxInFlight)
{
    public static RequestCounts Parse(string json) => JsonSerializer.Deserialize(json, BenchJson.Default.RequestCounts)!;
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(BenchResult))]
[JsonSerializable(typeof(RequestCounts))]
internal sealed partial class BenchJson : JsonSerializerContext;
