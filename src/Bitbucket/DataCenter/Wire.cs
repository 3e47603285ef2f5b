using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace BitbucketOperator.Bitbucket.DataCenter;

// Only what is read. Everything may be missing; dates are left out, since their form differs between versions.

internal sealed record WireStatus(string? State);

internal sealed record WireServer(string? Version, string? DisplayName, string? BuildNumber);

internal sealed record WirePage<T>(IReadOnlyList<T?>? Values, bool? IsLastPage, long? NextPageStart);

internal sealed record WireRepository(
    long? Id, string? Slug, bool? Archived, string? State, WireProject? Project, WireOrigin? Origin, WireLinks? Links);

internal sealed record WireProject(string? Key, string? Type);

internal sealed record WireUser(string? Name, string? Type);

internal sealed record WireOrigin;

internal sealed record WireLinks(IReadOnlyList<WireLink?>? Self);

internal sealed record WireLink(string? Href);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, NumberHandling = JsonNumberHandling.AllowReadingFromString)]
[JsonSerializable(typeof(WireStatus))]
[JsonSerializable(typeof(WireServer))]
[JsonSerializable(typeof(WireProject))]
[JsonSerializable(typeof(WireRepository))]
[JsonSerializable(typeof(WirePage<WireRepository>))]
[JsonSerializable(typeof(WirePage<WireProject>))]
[JsonSerializable(typeof(WirePage<WireUser>))]
[JsonSerializable(typeof(WirePage<JsonObject>))]
[JsonSerializable(typeof(JsonObject))]
internal sealed partial class WireJson : JsonSerializerContext;
