namespace BitbucketOperator.BitbucketSimulator.State;

/// <summary>A webhook of a repository or a project.</summary>
public sealed class Webhook
{
    public required int Id { get; init; }

    public required WebhookOwner Owner { get; init; }

    public string Name { get; set; } = "";

    public string Url { get; set; } = "";

    public bool Active { get; set; } = true;

    public HashSet<string> Events { get; set; } = new(StringComparer.Ordinal);

    /// <summary>Free text fields; <c>secret</c> signs deliveries.</summary>
    public Dictionary<string, string> Configuration { get; set; } = new(StringComparer.Ordinal);

    public bool SslVerificationRequired { get; set; } = true;

    public string? Username { get; set; }

    /// <summary>Sent to the receiver, never shown.</summary>
    public string? Password { get; set; }

    public DateTimeOffset CreatedDate { get; init; }

    public DateTimeOffset UpdatedDate { get; set; }

    /// <summary>The newest deliveries, oldest first; bounded.</summary>
    public List<Invocation> Invocations { get; } = [];

    /// <summary>Failures in a row, which open the circuit breaker.</summary>
    public int ConsecutiveFailures { get; set; }

    /// <summary>Deliveries are skipped until then.</summary>
    public DateTimeOffset? SkippedUntil { get; set; }

    public string? Secret => Configuration.GetValueOrDefault("secret");
}

/// <summary>SUCCESS is a 2xx answer, FAILURE another answer, ERROR no answer.</summary>
public enum Outcome
{
    Success,
    Failure,
    Error,
}

/// <summary>One delivery that was tried.</summary>
public sealed record Invocation(
    int Id,
    string Event,
    string Url,
    DateTimeOffset Start,
    DateTimeOffset Finish,
    Outcome Outcome,
    string Description);
