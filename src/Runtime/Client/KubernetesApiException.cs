using System.Diagnostics.CodeAnalysis;
using System.Net;

namespace BitbucketOperator.Runtime.Client;

/// <summary>The API server answered a request with an error.</summary>
[SuppressMessage("Design", "CA1032", Justification = "Made in one place, always with its status.")]
public sealed class KubernetesApiException(HttpStatusCode statusCode, string reason, string message, TimeSpan? retryAfter = null)
    : Exception(message)
{
    /// <summary>The HTTP status, or the code of a Status object sent in a watch.</summary>
    public HttpStatusCode StatusCode { get; } = statusCode;

    /// <summary>The reason of the Status object, e.g. <c>AlreadyExists</c>; empty when there was none.</summary>
    public string Reason { get; } = reason;

    /// <summary>When the server wants to be asked again, if it said so.</summary>
    public TimeSpan? RetryAfter { get; } = retryAfter;

    internal bool IsNotFound => StatusCode == HttpStatusCode.NotFound;

    internal bool IsConflict => StatusCode == HttpStatusCode.Conflict;

    internal bool IsGone => StatusCode == HttpStatusCode.Gone || Reason is "Expired" or "Gone";
}
