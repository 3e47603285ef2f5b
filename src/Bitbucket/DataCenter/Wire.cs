using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using BitbucketOperator.Bitbucket.Http;

namespace BitbucketOperator.Bitbucket.DataCenter;

// Only what is read. Everything may be missing; dates are left out, since their form differs between versions.

internal sealed record WireStatus(string? State);

internal sealed record WireServer(string? Version, string? DisplayName, string? BuildNumber);

internal sealed record WirePage<T>(IReadOnlyList<T?>? Values, bool? IsLastPage, long? NextPageStart);

internal sealed record WireRepository(
    long? Id, string? Slug, string? Name, bool? Archived, string? State, WireProject? Project, WireOrigin? Origin, WireLinks? Links);

internal sealed record WireProject(string? Key, string? Type);

internal sealed record WireUser(string? Name, string? Type);

internal sealed record WireOrigin;

internal sealed record WireLinks(IReadOnlyList<WireLink?>? Self, [property: JsonPropertyName("clone")] IReadOnlyList<WireLink?>? CloneUrls);

internal sealed record WireLink(string? Href, string? Name);

internal sealed record WireInvocation(JsonElement? Finish, WireInvocationRequest? Request, WireInvocationResult? Result);

internal sealed record WireInvocationRequest(string? Url);

internal sealed record WireInvocationResult(string? Description, string? Outcome);

internal sealed record WireDeliveries(WireInvocation? LastSuccess, WireInvocation? LastFailure, WireInvocation? LastError, WireDeliveryCounts? Counts);

internal sealed record WireDeliveryCounts(int? Successes, int? Failures, int? Errors);

internal sealed record WireTest(WireTestResponse? Response, WireInvocationResult? Result);

internal sealed record WireTestResponse(int? StatusCode);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    NumberHandling = JsonNumberHandling.AllowReadingFromString,
    Converters = [typeof(JsonTreeConverter)])]
[JsonSerializable(typeof(WireStatus))]
[JsonSerializable(typeof(WireServer))]
[JsonSerializable(typeof(WireProject))]
[JsonSerializable(typeof(WireRepository))]
[JsonSerializable(typeof(WirePage<WireRepository>))]
[JsonSerializable(typeof(WirePage<WireProject>))]
[JsonSerializable(typeof(WirePage<WireUser>))]
[JsonSerializable(typeof(WirePage<JsonObject>))]
[JsonSerializable(typeof(WireInvocation))]
[JsonSerializable(typeof(WireDeliveries))]
[JsonSerializable(typeof(WireTest))]
[JsonSerializable(typeof(JsonObject))]
internal sealed partial class WireJson : JsonSerializerContext;
