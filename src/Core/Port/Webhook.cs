namespace BitbucketOperator.Core.Port;

/// <summary>A webhook as found on the server.</summary>
/// <param name="Id">The server's id.</param>
/// <param name="Title">The name that people see.</param>
/// <param name="Marker">The text that the maker left; null when there is none.</param>
/// <param name="Url">Where deliveries go.</param>
/// <param name="Events">Event keys; a set, without order.</param>
/// <param name="Active">False when switched off.</param>
/// <param name="SslVerification">Whether the receiver's certificate is checked; null when the server does not say.</param>
/// <param name="Secret">What is known of its secret.</param>
public sealed record Webhook(
    string Id,
    string Title,
    string? Marker,
    string Url,
    IReadOnlySet<string> Events,
    bool Active,
    bool? SslVerification,
    WebhookSecret Secret);

/// <summary>What a server tells of a webhook's secret.</summary>
/// <param name="IsSet">There is one.</param>
/// <param name="Value">The secret in clear where the server shows it (Data Center); null where it does not.</param>
public sealed record WebhookSecret(bool IsSet, SecretText? Value)
{
    /// <summary>The webhook has no secret.</summary>
    public static WebhookSecret None { get; } = new(IsSet: false, Value: null);
}

/// <summary>A webhook as it must be.</summary>
/// <param name="Title">The name that people see.</param>
/// <param name="Marker">The text by which the operator knows its own.</param>
/// <param name="Url">Where deliveries go.</param>
/// <param name="Events">Native event keys.</param>
/// <param name="Active">False to keep it switched off.</param>
/// <param name="SslVerification">Whether the receiver's certificate is checked.</param>
/// <param name="Secret">The HMAC secret; null for none.</param>
public sealed record WebhookDefinition(
    string Title,
    string Marker,
    string Url,
    IReadOnlySet<string> Events,
    bool Active,
    bool SslVerification,
    SecretText? Secret);
