using System.Text.Json.Serialization;

namespace BitbucketOperator.Bitbucket.Cloud;

// Only what is read. Everything may be missing or null; dates are left out, since their form differs between endpoints.

internal sealed record WireToken(string? AccessToken, double? ExpiresIn, string? Scope, string? Scopes);

internal sealed record WireUser(string? Type, string? Uuid, string? AccountId, string? DisplayName, string? Nickname);

internal sealed record WirePage<T>(IReadOnlyList<T?>? Values, string? Next, int? Size, int? Pagelen);

internal sealed record WireRepository(
    string? Uuid, string? Slug, string? Name, string? FullName, WireProject? Project, WireParent? Parent, WireLinks? Links);

internal sealed record WireProject(string? Key);

internal sealed record WireParent;

internal sealed record WireLinks(WireLink? Html, [property: JsonPropertyName("clone")] IReadOnlyList<WireLink?>? CloneUrls);

internal sealed record WireLink(string? Href, string? Name);

internal sealed record WireWebhook(
    string? Uuid,
    string? Description,
    string? Url,
    bool? Active,
    bool? SkipCertVerification,
    IReadOnlyList<string?>? Events,
    bool? SecretSet,
    WireSubject? Subject,
    string? CreatedAt);

internal sealed record WireSubject(string? Type);

/// <summary>A webhook as it is sent. A replacement leaves the secret as it is.</summary>
internal record WireWebhookBody(string Description, string Url, bool Active, bool SkipCertVerification, IReadOnlyList<string> Events);

/// <summary>A webhook as it is sent with its secret; null takes the secret away, and is never sent by accident for that reason.</summary>
internal sealed record WireWebhookBodyWithSecret(
    string Description, string Url, bool Active, bool SkipCertVerification, IReadOnlyList<string> Events, string? Secret)
    : WireWebhookBody(Description, Url, Active, SkipCertVerification, Events);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, NumberHandling = JsonNumberHandling.AllowReadingFromString)]
[JsonSerializable(typeof(WireToken))]
[JsonSerializable(typeof(WireUser))]
[JsonSerializable(typeof(WireProject))]
[JsonSerializable(typeof(WireRepository))]
[JsonSerializable(typeof(WirePage<WireRepository>))]
[JsonSerializable(typeof(WireWebhook))]
[JsonSerializable(typeof(WirePage<WireWebhook>))]
[JsonSerializable(typeof(WireWebhookBody))]
[JsonSerializable(typeof(WireWebhookBodyWithSecret))]
internal sealed partial class CloudJson : JsonSerializerContext;
