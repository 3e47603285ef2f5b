using BitbucketOperator.Bitbucket.Http;
using BitbucketOperator.Bitbucket.RateLimiting;
using BitbucketOperator.Core.Api;
using BitbucketOperator.Core.Port;

namespace BitbucketOperator.Bitbucket.Cloud;

/// <summary>What each answer of Bitbucket Cloud means. The only place where an HTTP status becomes a <see cref="Fault"/>.</summary>
internal static class FaultTable
{
    private const string CheckTheWay = "Check proxies in front of Bitbucket Cloud";

    private static readonly TimeSpan DefaultRetryAfter = TimeSpan.FromMinutes(5);

    /// <summary>
    /// The fault; null when the answer is what was asked for. The user of a credential that is good and may not read it
    /// is not a fault: that is all there is to prove.
    /// </summary>
    public static Fault? Of(RestCall call, AnswerFacts answer, CredentialFacts credential) => answer.Status switch
    {
        _ when call.Operation == Operation.ReadUser && CredentialFaults.WrongKind(answer, credential) is { } wrong => wrong,
        >= 200 and < 300 => OfSuccess(call, answer),
        >= 300 and < 400 => OfRedirect(call, answer),
        400 or 401 or 403 when call.Operation == Operation.FetchToken => CredentialFaults.OfTokenRefusal(call, answer, credential),
        400 when call.Operation is Operation.CreateWebhook or Operation.UpdateWebhook && IsBitbuckets(answer) =>
            WebhookRefusals.Of(answer),
        401 when call.Operation != Operation.ReadUser && (answer.IsForeign || answer.Kind == BodyKind.Html) => Wall(call, answer),
        401 when answer.IsOtherMechanism => OfForbidden(call, answer, credential),
        401 => CredentialFaults.Rejected(answer, credential),
        403 => OfForbidden(call, answer, credential),
        404 => OfMissing(call, answer, credential),
        408 => Transient(Reasons.ServerError, call, answer),
        409 when call.Writes => Transient(
            Reasons.WebhookRejected, call, answer, "It changes at the same time; retrying"),
        409 => Transient(Reasons.ServerError, call, answer),
        410 => OfGone(call, answer),
        429 => RateFaults.Paused(RateFaults.PausedOnCloud, answer.RetryAfter ?? DefaultRetryAfter),
        503 when answer.RetryAfter is { } wait => Fault.Waiting(Reasons.ServerError, Answered(call, answer), wait),
        >= 500 => Transient(Reasons.ServerError, call, answer),
        _ => Transient(Reasons.UnexpectedAnswer, call, answer),
    };

    /// <summary>The fault of an answer that ought to be JSON of a known form and is not.</summary>
    public static Fault Unreadable(RestCall call) => Fault.Transient(
        Reasons.UnexpectedAnswer, ($"Unreadable answer while {call}", CheckTheWay));

    /// <summary>What the server answered.</summary>
    public static Wording Answered(RestCall call, AnswerFacts answer) =>
        new($"Server answered {answer.Status}{(answer.Kind == BodyKind.Html ? " with a web page" : "")} while {call}", Detail: Quote(answer));

    /// <summary>What the server said; null when it said nothing.</summary>
    public static string? Quote(AnswerFacts answer) => answer.Message.Length > 0 ? $"\"{answer.Message}\"" : null;

    /// <summary>A fault that is worth another try.</summary>
    public static Fault Transient(Reason reason, RestCall call, AnswerFacts answer, string? cure = null) =>
        Fault.Transient(reason, Answered(call, answer) with { Cure = cure });

    private static Fault? OfSuccess(RestCall call, AnswerFacts answer) => (call.Operation, answer.Kind) switch
    {
        (Operation.DeleteWebhook, BodyKind.Empty) => null,
        (Operation.DeleteWebhook, BodyKind.Json) => Unreadable(call),
        (_, BodyKind.Json) => null,
        (_, BodyKind.Html) => Fault.Transient(
            Reasons.UnexpectedAnswer, ($"Web page instead of JSON while {call}", "Is Bitbucket in maintenance, or does a proxy ask for a login?")),
        _ => Unreadable(call),
    };

    private static Fault OfRedirect(RestCall call, AnswerFacts answer)
    {
        var cure = call.Operation == Operation.ReadRepository
            ? "If the repository was renamed or moved, correct spec.discovery.repositories"
            : "Let the operator pass the login page or gateway";
        return Fault.Transient(
            Reasons.RedirectRefused, ($"Redirect to {answer.RedirectsTo ?? "an unreadable address"} not followed", cure));
    }

    private static Fault? OfForbidden(RestCall call, AnswerFacts answer, CredentialFacts credential)
    {
        if (!IsBitbuckets(answer) && !answer.IsOtherMechanism) return Wall(call, answer);

        var proven = answer.IsOtherMechanism || answer.Required.Count > 0;
        if (call.Operation == Operation.ReadUser)
            return proven ? null : Transient(Reasons.UnexpectedAnswer, call, answer, GateOf(answer) ?? CheckTheWay);
        var reason = call.ConcernsWebhooks ? Reasons.WebhookPermissionDenied : Reasons.ReadPermissionDenied;
        return Fault.Waiting(reason, Denied(call, answer, credential));
    }

    private static bool IsBitbuckets(AnswerFacts answer) => answer is { Kind: BodyKind.Json, IsForeign: false };

    private static Fault Wall(RestCall call, AnswerFacts answer) => Fault.Transient(
        Reasons.UnexpectedAnswer,
        new($"Proxy or firewall answered {answer.Status} while {call}", "Let requests to api.bitbucket.org pass", Quote(answer)));

    private static Wording Denied(RestCall call, AnswerFacts answer, CredentialFacts credential)
    {
        var kind = credential.Descriptor;
        if (answer.Required.Count > 0)
        {
            return (
                Wording.Lacks(kind.Noun, $"scope {string.Join(" and ", answer.Required)}"),
                Scopes.Cure(credential, answer.CredentialType, answer.Required));
        }

        if (call.Operation == Operation.ListRepositories && kind.OfRepositoryListsNone && GateOf(answer) is null)
        {
            return new(
                $"{kind.Noun} may not list repositories ({answer.Status})",
                "If it is a repository's, set spec.discovery.repositories",
                Quote(answer));
        }

        if (answer.IsOtherMechanism)
            return ($"{kind.Noun} cannot be used while {call}", $"Use a credential of another kind in {credential.Field}");
        if (GateOf(answer) is { } cure) return Answered(call, answer) with { Cure = cure };
        if (answer.Says("read-only"))
            return Answered(call, answer) with { Cure = "Bitbucket lets nobody write there, as with a workspace over the limit of its plan" };
        var denied = call.Operation switch
        {
            _ when call.ConcernsWebhooks => $"{kind.Noun} lacks permission to administer the {(call.Repository is null ? "workspace" : "repository")}",
            Operation.ReadRepository => $"{kind.Noun} lacks permission to read {call.Repository}",
            Operation.ListRepositories => $"{kind.Noun} lacks permission to read repositories of workspace {call.Workspace}",
            _ => null,
        };
        return denied is null ? Answered(call, answer) : new(denied, Detail: Quote(answer));
    }

    // What a workspace asks of everybody who comes in; how to pass.
    private static string? GateOf(AnswerFacts answer) => answer switch
    {
        _ when Gates.AsksForSecondStep(answer.Message) => "Enable two-step verification for its account",
        _ when Gates.AsksForAddress(answer.Message) => "Add the operator's address to the workspace's IP allowlist",
        _ => null,
    };

    private static Fault? OfMissing(RestCall call, AnswerFacts answer, CredentialFacts credential)
    {
        if (!IsBitbuckets(answer)) return Wall(call, answer);
        if (answer.Says("no API hosted"))
            return Transient(Reasons.UnexpectedAnswer, call, answer, CheckTheWay);
        return call.Operation switch
        {
            Operation.FetchToken or Operation.ReadUser => Transient(Reasons.UnexpectedAnswer, call, answer, CheckTheWay),
            Operation.ReadWorkspace or Operation.ListRepositories or Operation.ListProjects => NoWorkspace(call, credential),
            Operation.ReadProject => Fault.Waiting(
                Reasons.ProjectNotFound,
                ($"Project not found or not accessible: {call.Project} in workspace {call.Workspace}", "Use the key in spec.discovery, not the name")),
            Operation.UpdateWebhook => Transient(
                Reasons.WebhookRejected, call, answer, "It was removed at the same time; retrying"),
            Operation.DeleteWebhook => null,
            Operation.ListWebhooks or Operation.CreateWebhook when call.Repository is null => NoWorkspace(call, credential),
            _ when call.ConcernsWebhooks => Fault.Waiting(Reasons.RepositoryNotFound, "Repository not found or not accessible"),
            _ => Fault.Waiting(
                Reasons.RepositoryNotFound,
                ($"Repository not found or not accessible: {call.Repository} in workspace {call.Workspace}", NameHint.Of(call.Repository))),
        };
    }

    private static Fault NoWorkspace(RestCall call, CredentialFacts credential) => Fault.Waiting(
        Reasons.WorkspaceNotFound,
        ($"Workspace not found or not accessible: {call.Workspace}", $"Use the slug of its address in {credential.WorkspaceField}, not the name"));

    private static Fault OfGone(RestCall call, AnswerFacts answer) => answer.Says("spam")
        ? Fault.Waiting(
            Reasons.ReadPermissionDenied,
            Answered(call, answer) with { Cure = "Atlassian marked the workspace or its owner as spam: ask their support" })
        : Fault.Waiting(
            Reasons.EndpointRemoved,
            Answered(call, answer) with { Cure = "Bitbucket Cloud removed this API: upgrade the operator" });
}
