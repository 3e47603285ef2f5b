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
    WebhookSecret Secret)
{
    /// <summary>Its title, marker or id repeats a credential: nothing of them is shown.</summary>
    public bool RepeatsCredential { get; init; }

    /// <summary>When it was created; null when the server does not say.</summary>
    public DateTimeOffset? CreatedAt { get; init; }

    /// <summary>Whether it was created before another one of the same scope; by id where the dates do not tell.</summary>
    public bool IsOlderThan(Webhook other)
    {
        if (CreatedAt is { } mine && other.CreatedAt is { } theirs && mine != theirs)
        {
            return mine < theirs;
        }

        var length = Id.Length.CompareTo(other.Id.Length);
        return length != 0 ? length < 0 : string.CompareOrdinal(Id, other.Id) < 0;
    }
}

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
    SecretText? Secret)
{
    /// <summary>The marker as earlier versions of the operator wrote it: as good as <see cref="Marker"/>, and not replaced for its own sake.</summary>
    public string? FormerMarker { get; init; }

    /// <summary>True for the marker, as this version or an earlier one writes it.</summary>
    public bool IsMarkedAs(string? marker) =>
        string.Equals(marker, Marker, StringComparison.Ordinal) || (FormerMarker is not null && string.Equals(marker, FormerMarker, StringComparison.Ordinal));
}
