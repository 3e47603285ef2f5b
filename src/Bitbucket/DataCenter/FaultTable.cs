using BitbucketOperator.Bitbucket.Http;
using BitbucketOperator.Bitbucket.RateLimiting;
using BitbucketOperator.Core.Api;
using BitbucketOperator.Core.Port;

namespace BitbucketOperator.Bitbucket.DataCenter;

/// <summary>What each answer of Bitbucket means. The only place where an HTTP status becomes a <see cref="Fault"/>.</summary>
internal static class FaultTable
{
    private const string NoAccess = "NoAccessAuthenticationException";

    private static readonly TimeSpan DefaultRetryAfter = TimeSpan.FromSeconds(30);

    /// <summary>The fault; null when the answer is what was asked for.</summary>
    public static Fault? Of(RestCall call, AnswerFacts answer) => answer.Status switch
    {
        >= 200 and < 300 => OfSuccess(call, answer),
        >= 300 and < 400 => OfRedirect(call, answer),
        _ when IsWall(call, answer) => Wall(call, answer),
        400 when call.ConcernsWebhooks && call.Writes => OfRefusedWebhook(call, answer),
        401 => OfUnauthorized(call, answer),
        403 => OfForbidden(call, answer),
        404 => OfMissing(call, answer),
        408 => Transient(Reasons.ServerError, call, answer),
        409 when call.Writes => Transient(
            Reasons.WebhookRejected, call, answer, "It changes at the same time; retrying"),
        409 => Transient(Reasons.ServerError, call, answer),
        429 => RateFaults.Paused(RateFaults.PausedOnDataCenter, answer.RetryAfter ?? DefaultRetryAfter),
        503 when answer.RetryAfter is { } wait => Fault.Waiting(Reasons.ServerError, Answered(call, answer), wait),
        >= 500 => Transient(Reasons.ServerError, call, answer),
        _ => Transient(Reasons.UnexpectedAnswer, call, answer),
    };

    /// <summary>The fault of an answer that ought to be JSON of a known form and is not.</summary>
    public static Fault Unreadable(RestCall call) => Fault.Transient(
        Reasons.UnexpectedAnswer, ($"Unreadable answer while {call}", "Check proxies in front of Bitbucket"));

    /// <summary>The fault of JSON at the version's address that is not Bitbucket's.</summary>
    public static Fault OtherProduct { get; } = NotBitbucket("unknown JSON");

    /// <summary>The fault of an answer to nobody where somebody was expected.</summary>
    public static Fault AnonymousFallback(AnswerFacts answer) => Fault.Waiting(
        Reasons.AnonymousFallback,
        ($"Bitbucket ignores the {answer.CredentialNoun} in {answer.CredentialPlace}: invalid, expired or revoked", "Replace it"));

    /// <summary>The fault of a refusal that the login does not repeat.</summary>
    public static Fault RejectedForWebhooks(AnswerFacts answer) => Fault.Transient(
        Reasons.WebhookCredentialRejected,
        new(
            "401 for webhooks alone",
            answer.Has(NoAccess) ? "Give the account a license" : $"Renew the {answer.CredentialNoun} in {answer.CredentialPlace}",
            Quote(answer)));

    private static Fault? OfSuccess(RestCall call, AnswerFacts answer) => (call.Operation, answer.Kind) switch
    {
        (Operation.DeleteWebhook, BodyKind.Empty) => null,
        (Operation.DeleteWebhook, BodyKind.Json) => Unreadable(call),
        (Operation.ReadDeliveries, BodyKind.Empty) => null,
        (Operation.ListInheritedWebhooks, BodyKind.Empty) => NoSearch,
        (Operation.ListWebhooks, BodyKind.Empty) when call.Repository is null => NoProjectWebhooks,
        (_, BodyKind.Json) => null,
        (Operation.ReadServer, BodyKind.Html) => NotBitbucket("web page"),
        (Operation.ReadServer, BodyKind.Other) => NotBitbucket("not JSON"),
        (_, BodyKind.Html) => Fault.Transient(
            Reasons.UnexpectedAnswer, ($"Web page instead of JSON while {call}", "Is Bitbucket in maintenance, or does a proxy ask for a login?")),
        _ => Unreadable(call),
    };

    private static Fault OfRedirect(RestCall call, AnswerFacts answer)
    {
        if (answer.IsMoved && call.ConcernsWebhooks)
        {
            return Fault.Transient(
                Reasons.RedirectRefused, "Repository or project was moved or renamed; the next discovery finds it");
        }

        return Fault.Transient(
            Reasons.RedirectRefused,
            ($"Redirect to {answer.RedirectsTo ?? "an unreadable address"} not followed", "Correct spec.url, or let the operator pass the login page"));
    }

    private static Fault OfRefusedWebhook(RestCall call, AnswerFacts answer)
    {
        if (answer.WasStored)
            return Fault.Transient(Reasons.ServerError, $"Bitbucket stored the webhook and failed to answer ({answer.Status})");
        var unknownEvent = answer.Message.Contains("event", StringComparison.OrdinalIgnoreCase)
            && answer.Message.Contains("unknown", StringComparison.OrdinalIgnoreCase);
        if (!unknownEvent)
            return Fault.Terminal(Reasons.WebhookRejected, new("Bitbucket rejected the webhook", "Correct it in spec.webhooks", Quote(answer)));

        // Some versions forget to fill the key into their own message.
        var message = answer.Message.Contains("${", StringComparison.Ordinal) && call.Events is { } events
            ? $"one of {string.Join(", ", events.Order(StringComparer.Ordinal))}"
            : $"\"{answer.Message}\"";
        return Fault.Terminal(
            Reasons.UnknownEvent, new("Unknown event in spec.webhooks[].events", "Correct it, or upgrade Bitbucket", message));
    }

    private static Fault OfUnauthorized(RestCall call, AnswerFacts answer)
    {
        if (IsCaptcha(answer)) return Captcha(answer);
        if (answer.Has(NoAccess)) return Rejected(answer);
        var denied = answer.Has("AuthorisationException");
        var known = answer.User is not null || (answer.NamesNobody && denied);
        if (known && !IsAuthenticationFailure(answer)) return Denied(call, answer);
        if (call.Operation is Operation.ProveLogin || (denied && answer.User is null)) return AnonymousFallback(answer);
        return Rejected(answer);
    }

    private static Fault OfForbidden(RestCall call, AnswerFacts answer)
    {
        if (IsCaptcha(answer)) return Captcha(answer);
        if (IsAuthenticationFailure(answer)) return Rejected(answer);
        if (answer.IsXsrfRefusal)
            return Transient(Reasons.WebhookRejected, call, answer, "Let the header X-Atlassian-Token pass proxies");
        return call.Operation is Operation.ReadServer or Operation.ProveLogin ? Wall(call, answer) : Denied(call, answer);
    }

    // Where a login is proven, a 401 refuses it, whoever answers: to go on trying could lock the account.
    private static bool IsWall(RestCall call, AnswerFacts answer) => !IsCaptcha(answer) && !answer.IsXsrfRefusal && answer.Status switch
    {
        400 or 403 => answer.IsForeign || answer.Kind == BodyKind.Empty,
        407 => true,
        _ when !answer.IsForeign && !(answer is { Kind: BodyKind.Empty, User: null }) => false,
        401 => call.Operation is not (Operation.ReadServer or Operation.ProveLogin),
        404 => call.Operation is not (Operation.ReadServer or Operation.ListInheritedWebhooks) && !call.ConcernsDeliveries,
        405 or 406 or 411 or 413 or 414 or 415 or 418 or 451 => true,
        _ => false,
    };

    private static Fault Wall(RestCall call, AnswerFacts answer) => Fault.Transient(
        Reasons.UnexpectedAnswer,
        ($"Proxy or firewall answered {answer.Status} while {call}", "Let requests to rest/api pass"));

    private static Fault? OfMissing(RestCall call, AnswerFacts answer)
    {
        if (answer.Has("NoSuchProjectException") && call.Operation != Operation.DeleteWebhook)
            return call.Repository is { } named ? NoProjectOf(named) : NoProject(call.Project);
        return call.Operation switch
        {
            Operation.ReadServer => NotBitbucket("404"),
            Operation.DeleteWebhook when answer.Kind == BodyKind.Json => null,
            Operation.ListInheritedWebhooks => NoSearch,
            Operation.ListWebhooks or Operation.CreateWebhook when call.Repository is null => NoProjectWebhooks,
            _ when call.ConcernsDeliveries => null,
            Operation.UpdateWebhook when !answer.Has("NoSuchRepositoryException") => Transient(
                Reasons.WebhookRejected, call, answer, "It was removed at the same time; retrying"),
            Operation.ListRepositories or Operation.ReadProject when call.Project is not null => NoProject(call.Project),
            Operation.ListRepositories or Operation.ListProjects or Operation.FindUser or Operation.ProveLogin =>
                Transient(Reasons.UnexpectedAnswer, call, answer),
            _ when call.ConcernsWebhooks => Fault.Waiting(Reasons.RepositoryNotFound, "Repository not found"),
            _ => Fault.Waiting(Reasons.RepositoryNotFound, ($"Repository not found: {call.Repository}", NameHint.Of(call.Repository))),
        };
    }

    private static Fault Denied(RestCall call, AnswerFacts answer)
    {
        var (reason, permission, place) = call.Operation switch
        {
            _ when call.ConcernsWebhooks => (Reasons.WebhookPermissionDenied, call.Repository is null ? "PROJECT_ADMIN" : "REPO_ADMIN", ""),
            Operation.ReadRepository or Operation.ListPullRequests => (Reasons.ReadPermissionDenied, "REPO_READ", $" on {call.Repository}"),
            _ when call.Project is { } project => (Reasons.ReadPermissionDenied, "PROJECT_READ", $" on {project}"),
            _ => (Reasons.ReadPermissionDenied, "PROJECT_READ", $", denied while {call}"),
        };
        return Fault.Waiting(reason, Wording.Lacks(answer.CredentialNoun, permission) + place);
    }

    private static Fault Rejected(AnswerFacts answer)
    {
        if (answer.Has(NoAccess))
        {
            return Fault.Waiting(
                Reasons.CredentialRejected, new("Account may not use Bitbucket", "Grant it the global permission Bitbucket User", Quote(answer)));
        }

        if (answer.Has("IncorrectPasswordAuthenticationException"))
            return Credential(answer, "user name or password", "wrong", "Correct it");
        return answer.CredentialNoun == "user"
            ? Credential(answer, "user name or password", "wrong, or may not log in", "Correct it")
            : Credential(answer, answer.CredentialNoun, "invalid or expired", "Replace it");
    }

    private static Fault Credential(AnswerFacts answer, string what, string state, string cure)
    {
        var hints = new[] { cure, answer.Kind == BodyKind.Html ? "The answer is a web page: does a proxy refuse it?" : "", answer.CredentialHint };
        return Fault.Waiting(
            Reasons.CredentialRejected,
            new($"401 Unauthorized: the {what} in {answer.CredentialPlace} is {state}", string.Join(". ", hints.Where(h => h.Length > 0)), Quote(answer)));
    }

    private static Fault Captcha(AnswerFacts answer) => Fault.Waiting(
        Reasons.CaptchaRequired,
        ("Bitbucket requires a CAPTCHA after failed logins", $"Log in once in a browser, then correct {answer.CredentialPlace}"));

    private static bool IsCaptcha(AnswerFacts answer) =>
        answer.Has("CaptchaRequiredAuthenticationException")
        || answer.DeniedReason?.Contains("CAPTCHA", StringComparison.OrdinalIgnoreCase) is true;

    private static bool IsAuthenticationFailure(AnswerFacts answer) =>
        answer.Exceptions.Any(name => name.EndsWith("AuthenticationException", StringComparison.Ordinal));

    private static Fault NoProjectWebhooks { get; } = Fault.Waiting(
        Reasons.LevelNotSupported,
        ("Server does not support project webhooks", "Set spec.webhooks[].level to Auto or Repository, or upgrade Bitbucket"));

    private static Fault NoSearch { get; } = Fault.Waiting(Reasons.LevelNotSupported, "Server does not list inherited webhooks");

    private static Fault NoProject(string? key) => Fault.Waiting(
        Reasons.ProjectNotFound, ($"Project not found: {key}", "Use the key in spec.discovery, not the name; ~user for a personal project"));

    private static Fault NoProjectOf(RepositoryName repository) => Fault.Waiting(
        Reasons.ProjectNotFound,
        repository.Project.StartsWith('~')
            ? ($"Personal project not found: {repository.Project}", "Use the user name in spec.discovery.repositories")
            : ($"Project not found: {repository.Project}", $"Correct spec.discovery.repositories; a personal repository is ~{repository}"));

    private static Fault NotBitbucket(string found) => Fault.Transient(
        Reasons.NotBitbucket, ($"No Bitbucket API at spec.url ({found})", "Is a context path such as /bitbucket missing?"));

    private static Fault Transient(Reason reason, RestCall call, AnswerFacts answer, string? cure = null) =>
        Fault.Transient(reason, Answered(call, answer) with { Cure = cure });

    private static Wording Answered(RestCall call, AnswerFacts answer) =>
        new($"Server answered {answer.Status}{(answer.Kind == BodyKind.Html ? " with a web page" : "")} while {call}", Detail: Quote(answer));

    private static string? Quote(AnswerFacts answer) => answer.Message.Length > 0 ? $"\"{answer.Message}\"" : null;
}
