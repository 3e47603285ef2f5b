using BitbucketOperator.BitbucketSimulator.State;

namespace BitbucketOperator.BitbucketSimulator.Faults;

/// <summary>What goes wrong.</summary>
public enum FaultKind
{
    /// <summary>The answer comes late by <see cref="Fault.LatencyMilliseconds"/>.</summary>
    Latency,

    /// <summary>The answer has <see cref="Fault.Status"/> and <see cref="Fault.Body"/>.</summary>
    Status,

    /// <summary>429, with <see cref="Fault.RetryAfter"/> when set.</summary>
    RateLimited,

    /// <summary>The connection is reset.</summary>
    Reset,

    /// <summary>The connection is closed without a byte.</summary>
    EmptyReply,

    /// <summary>The connection is closed in the middle of the body.</summary>
    Truncated,

    /// <summary>200 with an HTML login page.</summary>
    Html,

    /// <summary>302 to <see cref="Fault.Location"/>.</summary>
    Redirect,

    /// <summary>What the server answers while in maintenance.</summary>
    Maintenance,

    /// <summary>A page says that more follow but not where.</summary>
    PagingWithoutNext,

    /// <summary>A page names itself as the next one.</summary>
    PagingNotIncreasing,

    /// <summary>A page names another one behind it, however many were read.</summary>
    PagingEndless,

    /// <summary>No answer until the client gives up.</summary>
    Hang,

    /// <summary>Bitbucket's answer cut to valid headers and broken JSON.</summary>
    BrokenJson,

    /// <summary>A page names one on another host as the next: <see cref="Fault.Location"/>, or a made-up host. Cloud only.</summary>
    PagingToAnotherHost,

    /// <summary>The answer repeats the request's credential in every text of it.</summary>
    Echo,
}

/// <summary>One rule: which requests go wrong, and how.</summary>
public sealed record Fault
{
    /// <summary>Given by the engine when empty.</summary>
    public string Id { get; init; } = "";

    public required FaultKind Kind { get; init; }

    /// <summary>Methods with commas between them; null means any.</summary>
    public string? Method { get; init; }

    /// <summary>Glob over the path without context path: <c>*</c> stays within a segment, <c>**</c> does not.</summary>
    public string Path { get; init; } = "**";

    /// <summary>Only requests whose query has this text.</summary>
    public string? QueryContains { get; init; }

    /// <summary>Only this page of a listing, from 1.</summary>
    public int? Page { get; init; }

    /// <summary>How often it happens; null means always.</summary>
    public int? Count { get; init; }

    /// <summary>How many matching requests pass first.</summary>
    public int After { get; init; }

    /// <summary>Chance for each matching request, between 0 and 1.</summary>
    public double Probability { get; init; } = 1;

    /// <summary>The server does the work first; only its answer is lost or replaced.</summary>
    public bool AfterProcessing { get; init; }

    public int LatencyMilliseconds { get; init; }

    public int Status { get; init; } = 500;

    public string? Body { get; init; }

    public string ContentType { get; init; } = "text/html;charset=UTF-8";

    public string? Location { get; init; }

    /// <summary>Value of the Retry-After header: seconds or a date.</summary>
    public string? RetryAfter { get; init; }
}
