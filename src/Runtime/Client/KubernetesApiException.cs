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

    /// <summary>
    /// The server cannot serve the resource version that was asked for: it is too old, from before the server lost data
    /// (<c>ResourceVersionTooLarge</c>), or no version at all.
    /// </summary>
    internal bool IsVersionUnknown =>
        StatusCode is HttpStatusCode.Gone or HttpStatusCode.BadRequest or HttpStatusCode.UnprocessableEntity
        || Reason is "Expired" or "Gone"
        || IsVersionTooLarge;

    internal bool IsVersionTooLarge { get; init; }

    /// <summary>The namespace is being deleted: nothing can be created in it.</summary>
    public bool IsNamespaceTerminating { get; internal init; }

    internal static KubernetesApiException From(HttpStatusCode statusCode, StatusBody? status, string otherwise, TimeSpan? retryAfter = null)
    {
        return new KubernetesApiException(statusCode, status?.Reason ?? "", status?.Message ?? otherwise, retryAfter)
        {
            IsVersionTooLarge = HasCause("ResourceVersionTooLarge"),
            IsNamespaceTerminating = HasCause("NamespaceTerminating"),
        };

        bool HasCause(string reason) => status?.Details?.Causes?.Any(c => c.Reason == reason) is true;
    }
}
