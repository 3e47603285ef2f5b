using System.Net;
using BitbucketOperator.Bitbucket.Http;
using BitbucketOperator.Core;
using BitbucketOperator.Core.Api;

namespace BitbucketOperator.Bitbucket.DataCenter;

/// <summary>What a request was about: decides what a refusal means.</summary>
internal enum Operation
{
    Properties,
    Identity,
    ListRepositories,
    ReadProject,
    ReadRepository,
    ReadWebhooks,
    WriteWebhook,
}

/// <summary>An answer that is not the one hoped for, without its body's details.</summary>
/// <param name="Operation">What was asked.</param>
/// <param name="Subject">Of what, for people: a repository, a project or the server.</param>
/// <param name="Status">HTTP status.</param>
/// <param name="Kind">What the body claims to be.</param>
/// <param name="Exceptions">The exceptionNames, without their packages.</param>
/// <param name="Message">The first message, masked and bounded.</param>
/// <param name="Known">The server named an account (X-AUSERNAME).</param>
/// <param name="Captcha">A header says that a CAPTCHA is due.</param>
/// <param name="RetryAfter">As sent, capped.</param>
/// <param name="Location">Origin of a redirect, without path and query.</param>
internal sealed record Refusal(
    Operation Operation,
    string Subject,
    HttpStatusCode Status,
    BodyKind Kind,
    IReadOnlyList<string> Exceptions,
    string Message,
    bool Known,
    bool Captcha = false,
    TimeSpan? RetryAfter = null,
    string? Location = null);

/// <summary>The one table from HTTP answers of Data Center to faults.</summary>
internal static class FaultTable
{
    private static readonly TimeSpan DefaultRetryAfter = TimeSpan.FromSeconds(30);

    public static Fault Of(Refusal r) => (int)r.Status switch
    {
        >= 300 and < 400 => Fault.Transient(
            Reasons.RedirectRefused,
            $"{r.Subject}: the server redirects to {r.Location ?? "another place"}, and redirects are not followed. Check spec.url: its scheme, host and context path must be those of Bitbucket itself"),
        400 => BadRequest(r),
        401 => Unauthorized(r),
        403 => Forbidden(r),
        404 => NotFound(r),
        409 => Fault.Transient(WebhookOr(r, Reasons.WebhookRejected, Reasons.ServerError), $"{r.Subject}: the server reports a conflict: {r.Message}"),
        408 => Fault.Transient(Reasons.ServerUnreachable, $"{r.Subject}: the server timed out"),
        429 => Fault.Waiting(Reasons.RateLimited, "the server asks for fewer requests (429): raise the account's rate limit in Bitbucket, or lower --max-requests-per-host", r.RetryAfter ?? DefaultRetryAfter),
        503 => Fault.Transient(Reasons.ServerError, "the server is not available (503): it may be starting or in maintenance"),
        >= 500 => Fault.Transient(Reasons.ServerError, $"{r.Subject}: the server answered {(int)r.Status}"),
        _ => Unreadable(r),
    };

    /// <summary>A success whose body is not what it must be.</summary>
    public static Fault Unreadable(Refusal r) => r.Operation == Operation.Properties
        ? Fault.Transient(
            Reasons.NotBitbucket,
            $"what answers at spec.url is no Bitbucket Data Center: {Described(r)} where its version was due. spec.url must be the server's root with its context path")
        : Fault.Transient(Reasons.UnexpectedAnswer, $"{r.Subject}: {Described(r)} came where JSON was due; a proxy or login page may stand between");

    private static Fault BadRequest(Refusal r)
    {
        if (r.Operation != Operation.WriteWebhook)
        {
            return Fault.Transient(Reasons.UnexpectedAnswer, $"{r.Subject}: the server refuses the request (400): {r.Message}");
        }

        return r.Message.Contains("event", StringComparison.OrdinalIgnoreCase) && r.Message.Contains("unknown", StringComparison.OrdinalIgnoreCase)
            ? Fault.Terminal(Reasons.UnknownEvent, $"spec.webhooks[].events: {r.Message}. Remove it or write the key as this server knows it")
            : Fault.Terminal(Reasons.WebhookRejected, $"the server refuses the webhook: {r.Message}");
    }

    private static Fault Unauthorized(Refusal r)
    {
        if (r.Captcha || r.Exceptions.Contains("CaptchaRequiredAuthenticationException", StringComparer.Ordinal))
        {
            return Fault.Waiting(
                Reasons.CaptchaRequired,
                "the account must solve a CAPTCHA: log in to Bitbucket once in a browser, then change the Secret of spec.auth.secretRef, or use an HTTP access token");
        }

        if (r.Known)
        {
            return Denied(r);
        }

        return r.Operation == Operation.Identity || r.Exceptions.Any(e => e.EndsWith("AuthenticationException", StringComparison.Ordinal)) || r.Operation == Operation.Properties
            ? Fault.Waiting(
                Reasons.CredentialRejected,
                "the server refuses the credential of spec.auth.secretRef: it is wrong, expired or revoked. Put a new one into the Secret")
            : Fault.Waiting(
                Reasons.AnonymousFallback,
                "the server treats the credential of spec.auth.secretRef as anonymous: it is expired or revoked. Put a new one into the Secret");
    }

    private static Fault Denied(Refusal r) => r.Operation is Operation.ReadWebhooks or Operation.WriteWebhook
        ? Fault.Waiting(
            Reasons.WebhookPermissionDenied,
            $"the credential may not manage webhooks of {r.Subject}: give its account, and its token, repository admin (REPO_ADMIN) there")
        : Fault.Waiting(
            Reasons.ReadPermissionDenied,
            $"the credential may not read {r.Subject}: give its account, and its token, repository read (REPO_READ) there");

    private static Fault Forbidden(Refusal r)
    {
        if (r.Captcha || r.Exceptions.Contains("CaptchaRequiredAuthenticationException", StringComparer.Ordinal))
        {
            return Unauthorized(r);
        }

        return r.Kind == BodyKind.Html
            ? Fault.Transient(Reasons.UnexpectedAnswer, $"{r.Subject}: a web page forbids the request (403); a proxy or firewall may stand between")
            : Denied(r);
    }

    private static Fault NotFound(Refusal r)
    {
        if (r.Operation is Operation.Properties or Operation.Identity)
        {
            return Unreadable(r);
        }

        if (r.Exceptions.Contains("NoSuchProjectException", StringComparer.Ordinal) && r.Operation is Operation.ListRepositories or Operation.ReadProject)
        {
            return Fault.Waiting(Reasons.ProjectNotFound, $"{r.Subject} does not exist, or the credential cannot see it: check spec.discovery.projects");
        }

        return r.Exceptions.Count > 0
            ? Fault.Waiting(Reasons.RepositoryNotFound, $"{r.Subject} does not exist, or the credential cannot see it")
            : Fault.Transient(Reasons.UnexpectedAnswer, $"{r.Subject}: the server answered 404 in words that are not Bitbucket's");
    }

    private static Reason WebhookOr(Refusal r, Reason webhook, Reason other) => r.Operation == Operation.WriteWebhook ? webhook : other;

    private static string Described(Refusal r) => r.Kind switch
    {
        BodyKind.Html => $"a web page ({(int)r.Status})",
        BodyKind.Empty => $"an empty answer ({(int)r.Status})",
        BodyKind.Json => $"other JSON ({(int)r.Status})",
        _ => $"another kind of document ({(int)r.Status})",
    };
}
