using BitbucketOperator.Bitbucket.Http;
using BitbucketOperator.Bitbucket.RateLimiting;
using BitbucketOperator.Core.Api;
using BitbucketOperator.Core.Port;

namespace BitbucketOperator.Bitbucket.Cloud;

/// <summary>What each answer of Bitbucket Cloud means. The only place where an HTTP status becomes a <see cref="Fault"/>.</summary>
internal static class FaultTable
{
    private const string CheckTheWay = "Check what stands between the operator and Bitbucket Cloud.";

    private static readonly TimeSpan DefaultRetryAfter = TimeSpan.FromMinutes(5);

    /// <summary>
    /// The fault; null when the answer is what was asked for. The user of a credential that is good and may not read it
    /// is no fault: that is all there is to prove.
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
            Reasons.WebhookRejected, call, answer, "Somebody changes it at the same time; it is looked at again."),
        409 => Transient(Reasons.ServerError, call, answer),
        410 => OfGone(call, answer),
        429 => RateFaults.Paused(RateFaults.PausedOnCloud, answer.RetryAfter ?? DefaultRetryAfter),
        503 when answer.RetryAfter is { } wait => Fault.Waiting(Reasons.ServerError, Answered(call, answer), wait),
        >= 500 => Transient(Reasons.ServerError, call, answer),
        _ => Transient(Reasons.UnexpectedAnswer, call, answer),
    };

    /// <summary>The fault of an answer that ought to be JSON of a known form and is not.</summary>
    public static Fault Unreadable(RestCall call) => Fault.Transient(
        Reasons.UnexpectedAnswer, $"When {call}, the answer was cut off or is not the JSON that Bitbucket sends. {CheckTheWay}");

    /// <summary>What the server answered, as a sentence.</summary>
    public static string Answered(RestCall call, AnswerFacts answer) =>
        $"When {call}, the server answered {answer.Status}{(answer.Kind == BodyKind.Html ? " with a web page" : "")}{Said(answer)}.";

    /// <summary>What the server said, to go behind a status; empty when it said nothing.</summary>
    public static string Said(AnswerFacts answer) => answer.Message.Length > 0 ? $": \"{answer.Message}\"" : "";

    /// <summary>A fault that is worth another try.</summary>
    public static Fault Transient(Reason reason, RestCall call, AnswerFacts answer, string cure = "") =>
        Fault.Transient(reason, $"{Answered(call, answer)} {cure}".TrimEnd());

    private static Fault? OfSuccess(RestCall call, AnswerFacts answer) => (call.Operation, answer.Kind) switch
    {
        (Operation.DeleteWebhook, BodyKind.Empty) => null,
        (Operation.DeleteWebhook, BodyKind.Json) => Unreadable(call),
        (_, BodyKind.Json) => null,
        (_, BodyKind.Html) => Fault.Transient(
            Reasons.UnexpectedAnswer,
            $"When {call}, a web page came instead of JSON: Bitbucket is in maintenance, or a proxy asks for a login. {CheckTheWay}"),
        _ => Unreadable(call),
    };

    private static Fault OfRedirect(RestCall call, AnswerFacts answer)
    {
        var cure = call.Operation == Operation.ReadRepository
            ? "If the repository was renamed or moved, write its new name into spec.discovery.repositories."
            : "If a login page or gateway stands in front, let the operator pass.";
        return Fault.Transient(
            Reasons.RedirectRefused,
            $"When {call}, the server redirects to {answer.RedirectsTo ?? "an address that cannot be read"}, which is not followed. {cure}");
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

    private static Fault Wall(RestCall call, AnswerFacts answer) => Transient(
        Reasons.UnexpectedAnswer, call, answer, "Bitbucket itself would say why in JSON: look at the proxy or firewall in between.");

    private static string Denied(RestCall call, AnswerFacts answer, CredentialFacts credential)
    {
        var answered = $"(Bitbucket answered {answer.Status}{Said(answer)})";
        if (answer.Required.Count > 0)
        {
            return $"When {call}, the credential lacks {string.Join(" and ", answer.Required)}. "
                + Scopes.Cure(credential, answer.CredentialType, answer.Required);
        }

        var kind = credential.Descriptor;
        if (call.Operation == Operation.ListRepositories && kind.OfRepositoryListsNone && GateOf(answer) is null)
        {
            return $"The {kind.Noun} may not list repositories {answered}. "
                + "If it is a repository's, name that repository in spec.discovery.repositories.";
        }

        if (answer.IsOtherMechanism)
        {
            return $"When {call}, Bitbucket says that a credential of the kind {kind.Noun} may not do this at all. "
                + $"Use one of another kind in {credential.Field}.";
        }

        if (GateOf(answer) is { } cure) return $"{Answered(call, answer)} {cure}";
        if (answer.Says("read-only"))
            return $"{Answered(call, answer)} Bitbucket lets nobody write there now, as with a workspace over the limit of its plan.";
        return call.Operation switch
        {
            _ when call.ConcernsWebhooks => $"The right to administer {call.Scope} is needed to see and manage its webhooks {answered}.",
            Operation.ReadRepository => $"The right to read {call.Repository} is needed {answered}.",
            Operation.ListRepositories => $"The right to read repositories of workspace {call.Workspace} is needed {answered}.",
            _ => Answered(call, answer),
        };
    }

    // What a workspace asks of everybody who comes in; how to pass.
    private static string? GateOf(AnswerFacts answer) => answer switch
    {
        _ when Gates.AsksForSecondStep(answer.Message) => "Enable two-step verification for the credential's account: the workspace requires it.",
        _ when Gates.AsksForAddress(answer.Message) =>
            "Add the address from which the operator reaches Bitbucket to the workspace's IP allowlist.",
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
                $"There is no project {call.Project} in workspace {call.Workspace}, or the credential does not reach it. "
                + "Correct spec.discovery; it takes the project's key, not its name."),
            Operation.UpdateWebhook => Transient(
                Reasons.WebhookRejected, call, answer, "Somebody removed it at the same time; it is looked at again."),
            Operation.DeleteWebhook => null,
            Operation.ListWebhooks or Operation.CreateWebhook when call.Repository is null => NoWorkspace(call, credential),
            _ => Fault.Waiting(
                Reasons.RepositoryNotFound,
                $"There is no repository {call.Repository} in workspace {call.Workspace}, it was moved, "
                + $"or the credential does not reach it. {NameHint.Of(call.Repository)}"),
        };
    }

    private static Fault NoWorkspace(RestCall call, CredentialFacts credential) => Fault.Waiting(
        Reasons.WorkspaceNotFound,
        $"There is no workspace {call.Workspace}, or the credential does not reach it. "
        + $"Correct {credential.WorkspaceField}; it takes the workspace's slug, as in its address, not its name.");

    private static Fault OfGone(RestCall call, AnswerFacts answer) => answer.Says("spam")
        ? Fault.Waiting(
            Reasons.ReadPermissionDenied,
            $"{Answered(call, answer)} Atlassian has marked the workspace or its owner as spam: ask their support to lift that.")
        : Fault.Waiting(
            Reasons.EndpointRemoved,
            $"{Answered(call, answer)} Bitbucket Cloud has removed what this version of the operator calls: upgrade the operator.");
}
