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
            Reasons.WebhookRejected, call, answer, "Somebody changes it at the same time; it is looked at again."),
        409 => Transient(Reasons.ServerError, call, answer),
        429 => RateFaults.Paused(RateFaults.PausedOnDataCenter, answer.RetryAfter ?? DefaultRetryAfter),
        503 when answer.RetryAfter is { } wait => Fault.Waiting(Reasons.ServerError, Answered(call, answer), wait),
        >= 500 => Transient(Reasons.ServerError, call, answer),
        _ => Transient(Reasons.UnexpectedAnswer, call, answer),
    };

    /// <summary>The fault of an answer that ought to be JSON of a known form and is not.</summary>
    public static Fault Unreadable(RestCall call) => Fault.Transient(
        Reasons.UnexpectedAnswer,
        $"When {call}, the answer was cut off or is not the JSON that Bitbucket sends. "
        + "Check what stands between the operator and the server.");

    /// <summary>The fault of JSON at the version's address that is not Bitbucket's.</summary>
    public static Fault OtherProduct { get; } = NotBitbucket("JSON came that is not Bitbucket's");

    /// <summary>The fault of an answer to nobody where somebody was expected.</summary>
    public static Fault AnonymousFallback(AnswerFacts answer) => Fault.Waiting(
        Reasons.AnonymousFallback,
        $"The server ignores the credential and treats the request as anonymous: the token is wrong, expired or revoked. "
        + $"Put a new one into {SecretOf(answer)}.");

    /// <summary>The fault of a refusal that the login does not repeat.</summary>
    public static Fault RejectedForWebhooks(AnswerFacts answer) => Fault.Transient(
        Reasons.WebhookCredentialRejected,
        $"401 for webhooks alone{(answer.Message.Length > 0 ? $": \"{answer.Message}\"" : "")}. "
        + (answer.Has(NoAccess) ? "Give the account a license" : $"Renew the credential of {answer.CredentialField}"));

    private static Fault? OfSuccess(RestCall call, AnswerFacts answer) => (call.Operation, answer.Kind) switch
    {
        (Operation.DeleteWebhook, BodyKind.Empty) => null,
        (Operation.DeleteWebhook, BodyKind.Json) => Unreadable(call),
        (Operation.ReadDeliveries, BodyKind.Empty) => null,
        (Operation.ListInheritedWebhooks, BodyKind.Empty) => NoSearch,
        (Operation.ListWebhooks, BodyKind.Empty) when call.Repository is null => NoProjectWebhooks,
        (_, BodyKind.Json) => null,
        (Operation.ReadServer, BodyKind.Html) => NotBitbucket("a web page came"),
        (Operation.ReadServer, BodyKind.Other) => NotBitbucket("something came that is not JSON"),
        (_, BodyKind.Html) => Fault.Transient(
            Reasons.UnexpectedAnswer,
            $"When {call}, a web page came instead of JSON: the server starts, is in maintenance, or a proxy asks for a login. "
            + "Check what stands between the operator and the server."),
        _ => Unreadable(call),
    };

    private static Fault OfRedirect(RestCall call, AnswerFacts answer)
    {
        if (answer.IsMoved && call.ConcernsWebhooks)
        {
            return Fault.Transient(
                Reasons.RedirectRefused, $"{call.Scope} was moved or renamed: Bitbucket redirects to its new address. The next discovery finds it.");
        }

        var target = answer.RedirectsTo ?? "an address that cannot be read";
        return Fault.Transient(
            Reasons.RedirectRefused,
            $"When {call}, the server redirects to {target}, which is not followed. If Bitbucket's address is another one, "
            + "correct spec.url (https, host, context path); if a login page stands in front, let the operator pass.");
    }

    private static Fault OfRefusedWebhook(RestCall call, AnswerFacts answer)
    {
        if (answer.WasStored)
            return Fault.Transient(Reasons.ServerError, $"Bitbucket stored the webhook on {call.Scope} and failed to answer ({answer.Status}).");
        var unknownEvent = answer.Message.Contains("event", StringComparison.OrdinalIgnoreCase)
            && answer.Message.Contains("unknown", StringComparison.OrdinalIgnoreCase);
        if (!unknownEvent)
            return Fault.Terminal(Reasons.WebhookRejected, $"Bitbucket refuses the webhook: {Said(answer)}. Correct it in spec.webhooks.");

        // Some versions forget to fill the key into their own message.
        var message = answer.Message.Contains("${", StringComparison.Ordinal) && call.Events is { } events
            ? $"one of {string.Join(", ", events.Order(StringComparer.Ordinal))}"
            : $"\"{answer.Message}\"";
        return Fault.Terminal(
            Reasons.UnknownEvent,
            $"Bitbucket does not know an event: {message}. Correct spec.webhooks[].events, "
            + "or upgrade Bitbucket if the event is newer than the server.");
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
            return Transient(Reasons.WebhookRejected, call, answer, "A proxy may strip the header X-Atlassian-Token: let it pass.");
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
        $"When {call}, {answer.Status} came {(answer.Kind == BodyKind.Html ? "with a web page " : "")}that is not Bitbucket's: "
        + "a proxy or firewall refuses the request. Let the operator's requests to rest/api pass.");

    private static Fault? OfMissing(RestCall call, AnswerFacts answer)
    {
        if (answer.Has("NoSuchProjectException") && call.Operation != Operation.DeleteWebhook)
            return call.Repository is { } named ? NoProjectOf(named) : NoProject(call.Project);
        return call.Operation switch
        {
            Operation.ReadServer => NotBitbucket("nothing is found there (404)"),
            Operation.DeleteWebhook when answer.Kind == BodyKind.Json => null,
            Operation.ListInheritedWebhooks => NoSearch,
            Operation.ListWebhooks or Operation.CreateWebhook when call.Repository is null => NoProjectWebhooks,
            _ when call.ConcernsDeliveries => null,
            Operation.UpdateWebhook when !answer.Has("NoSuchRepositoryException") => Transient(
                Reasons.WebhookRejected, call, answer, "Somebody removed it at the same time; it is looked at again."),
            Operation.ListRepositories or Operation.ReadProject when call.Project is not null => NoProject(call.Project),
            Operation.ListRepositories or Operation.ListProjects or Operation.FindUser or Operation.ProveLogin =>
                Transient(Reasons.UnexpectedAnswer, call, answer),
            _ => Fault.Waiting(
                Reasons.RepositoryNotFound,
                $"There is no repository {call.Repository}, or it was moved. {NameHint.Of(call.Repository)}"),
        };
    }

    private static Fault Denied(RestCall call, AnswerFacts answer)
    {
        var proof = answer.Exceptions.Count > 0 ? $"{answer.Status} {answer.Exceptions[0]}" : $"{answer.Status}";
        var (reason, need) = call.Operation switch
        {
            _ when call.ConcernsWebhooks => (
                Reasons.WebhookPermissionDenied,
                call.Repository is { } repository
                    ? $"REPO_ADMIN is needed on {repository} to see and manage webhooks"
                    : $"PROJECT_ADMIN is needed on {call.Project} to see and manage webhooks"),
            Operation.ReadRepository => (Reasons.ReadPermissionDenied, $"REPO_READ is needed on {call.Repository} to read it"),
            Operation.ListPullRequests => (Reasons.ReadPermissionDenied, $"REPO_READ is needed on {call.Repository} to read its pull requests"),
            _ when call.Project is { } project => (Reasons.ReadPermissionDenied, $"PROJECT_READ is needed on {project} to list its repositories"),
            _ => (Reasons.ReadPermissionDenied, $"The account may not go on when {call}; PROJECT_READ is the least it needs"),
        };
        return Fault.Waiting(reason, $"{need} (Bitbucket answered {proof}).");
    }

    private static Fault Rejected(AnswerFacts answer)
    {
        if (answer.Has(NoAccess))
        {
            return Fault.Waiting(
                Reasons.CredentialRejected,
                $"Bitbucket gives the account no access ({answer.Status}: {Said(answer)}). Give it a license: global permission Bitbucket User.");
        }

        if (answer.Has("IncorrectPasswordAuthenticationException"))
            return Credential(answer, "Bitbucket refuses the user name or password", "Correct");
        var detail = answer.Kind == BodyKind.Html ? "; the answer is a web page, so a proxy may be the one that refuses" : "";
        var said = answer.Message.Length > 0 ? $": \"{answer.Message}\"" : "";
        return Credential(answer, $"The server refuses the credential (401{detail}{said}): it is wrong, expired, revoked or not allowed", "Replace");
    }

    private static Fault Credential(AnswerFacts answer, string what, string cure) =>
        Fault.Waiting(Reasons.CredentialRejected, $"{what}. {cure} it in {SecretOf(answer)}.{answer.CredentialHint}");

    private static Fault Captcha(AnswerFacts answer) => Fault.Waiting(
        Reasons.CaptchaRequired,
        "Bitbucket asks for a CAPTCHA after failed logins: log in once as this user in a browser, "
        + $"or let an administrator clear it, then correct {SecretOf(answer)}. A token is not affected.");

    private static string SecretOf(AnswerFacts answer) => $"the Secret that {answer.CredentialField}.secretRef names";

    private static bool IsCaptcha(AnswerFacts answer) =>
        answer.Has("CaptchaRequiredAuthenticationException")
        || answer.DeniedReason?.Contains("CAPTCHA", StringComparison.OrdinalIgnoreCase) is true;

    private static bool IsAuthenticationFailure(AnswerFacts answer) =>
        answer.Exceptions.Any(name => name.EndsWith("AuthenticationException", StringComparison.Ordinal));

    private static Fault NoProjectWebhooks { get; } = Fault.Waiting(
        Reasons.LevelNotSupported, "This server keeps no webhooks on projects. Upgrade Bitbucket, or set spec.webhooks[].level to Auto or Repository.");

    private static Fault NoSearch { get; } = Fault.Waiting(Reasons.LevelNotSupported, "This server does not list inherited webhooks.");

    private static Fault NoProject(string? key) => Fault.Waiting(
        Reasons.ProjectNotFound,
        $"There is no project {key}. Correct spec.discovery; it takes the project's key, not its name, and ~user for a personal project.");

    private static Fault NoProjectOf(RepositoryName repository) => Fault.Waiting(
        Reasons.ProjectNotFound,
        repository.Project.StartsWith('~')
            ? $"There is no personal project {repository.Project}. Correct spec.discovery.repositories; it takes the user name."
            : $"There is no project {repository.Project}. Correct spec.discovery.repositories; a personal repository is ~{repository}.");

    private static Fault NotBitbucket(string found) => Fault.Transient(
        Reasons.NotBitbucket,
        $"What answers at spec.url is no Bitbucket: {found} at rest/api/1.0/application-properties. "
        + "spec.url must be the server's root with its context path, such as https://bitbucket.example.com/bitbucket.");

    private static Fault Transient(Reason reason, RestCall call, AnswerFacts answer, string cure = "") =>
        Fault.Transient(reason, $"{Answered(call, answer)} {cure}".TrimEnd());

    private static string Answered(RestCall call, AnswerFacts answer) =>
        answer.Message.Length > 0
            ? $"When {call}, the server answered {answer.Status}: \"{answer.Message}\"."
            : $"When {call}, the server answered {answer.Status}{(answer.Kind == BodyKind.Html ? " with a web page" : "")}.";

    private static string Said(AnswerFacts answer) => answer.Message.Length > 0 ? $"\"{answer.Message}\"" : "400 without a reason";
}
