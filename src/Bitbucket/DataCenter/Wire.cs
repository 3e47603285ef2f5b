using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace BitbucketOperator.Bitbucket.DataCenter;

internal sealed record WireProperties(string? Version, string? DisplayName);

internal sealed record WireStatus(string? State);

internal sealed record WireErrors(IReadOnlyList<WireError>? Errors);

internal sealed record WireError(string? Message, string? ExceptionName);

internal sealed record WirePage<T>(IReadOnlyList<T>? Values, bool IsLastPage, long? NextPageStart);

internal sealed record WireRepository(
    long Id, string? Slug, bool? Archived, string? State, WireProject? Project, JsonElement? Origin, WireLinks? Links);

internal sealed record WireProject(string? Key, string? Type);

internal sealed record WireLinks(IReadOnlyList<WireLink>? Self);

internal sealed record WireLink(string? Href);

internal sealed record WireWebhook(
    long Id, string? Name, string? Url, bool? Active, IReadOnlyList<string>? Events, WireConfiguration? Configuration, bool? SslVerificationRequired);

internal sealed record WireConfiguration(string? CreatedBy, string? Secret);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(WireProperties))]
[JsonSerializable(typeof(WireStatus))]
[JsonSerializable(typeof(WireErrors))]
[JsonSerializable(typeof(WirePage<WireRepository>))]
[JsonSerializable(typeof(WirePage<WireWebhook>))]
[JsonSerializable(typeof(WireRepository))]
[JsonSerializable(typeof(WireWebhook))]
[JsonSerializable(typeof(JsonObject))]
internal sealed partial class WireJson : JsonSerializerContext;
