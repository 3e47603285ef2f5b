namespace BitbucketOperator.BitbucketSimulator.Cloud;

/// <summary>A webhook of a repository or a workspace.</summary>
public sealed class CloudWebhook
{
    public required Guid Uuid { get; init; }

    /// <summary>The uuid as the API writes it, with braces.</summary>
    public string Id => Uuid.ToString("B");

    public required CloudWebhookOwner Owner { get; init; }

    public string? Description { get; set; }

    public string Url { get; set; } = "";

    public bool Active { get; set; } = true;

    public bool SkipCertVerification { get; set; }

    /// <summary>Signs deliveries. The API never shows it, only whether there is one.</summary>
    public string? Secret { get; set; }

    public HashSet<string> Events { get; set; } = new(StringComparer.Ordinal);

    /// <summary>Owned by an app: the API refuses to change or remove it.</summary>
    public bool ReadOnly { get; set; }

    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>Counts up; decides the last digits of the time of creation.</summary>
    public int Number { get; init; }
}
