using BitbucketOperator.Bitbucket.Http;
using BitbucketOperator.Core.Api;
using BitbucketOperator.Core.Credentials;
using BitbucketOperator.Core.Port;

namespace BitbucketOperator.Bitbucket.Cloud;

/// <summary>The rows of <see cref="FaultTable"/> in which the credential is refused.</summary>
internal static class CredentialFaults
{
    /// <summary>The fault of a credential that Bitbucket knows as another kind; null when it is of the kind that the resource says.</summary>
    public static Fault? WrongKind(AnswerFacts answer, CredentialFacts credential)
    {
        // No other kind than an access token is kept from reading its user by how it logs in.
        var byMechanism = answer.IsOtherMechanism && credential.Descriptor.Principal == PrincipalKind.User
            ? CredentialDescriptors.OfCloud(CredentialKind.AccessToken)
            : null;
        var known = CredentialDescriptors.ReportedAs(answer.CredentialType) ?? byMechanism;
        if (known is not { } real || real.Kind == credential.Type) return null;
        var owner = Scopes.OwnerOf(answer.CredentialType) is { } scope ? $"a {scope}" : real.Article;
        var field = $"{credential.Field}.type";
        return Fault.Waiting(
            Reasons.WrongCredentialKind,
            $"{field} is {credential.Type}, and this looks like {owner} {real.Noun}: set {field} to {real.Kind}.",
            field: field);
    }

    /// <summary>The fault of a 401.</summary>
    public static Fault Rejected(AnswerFacts answer, CredentialFacts credential)
    {
        var page = answer.Kind == BodyKind.Html ? ", with a web page, so a proxy may be the one that refuses" : "";
        var answered = $"(401{FaultTable.Said(answer)}{page})";
        return credential.Descriptor.Refused(credential.Field, answered, credential.Hint);
    }

    /// <summary>The fault of a 401 that the login does not repeat.</summary>
    public static Fault RejectedForWebhooks(AnswerFacts answer, CredentialFacts credential) => Fault.Transient(
        Reasons.WebhookCredentialRejected,
        $"401 for webhooks alone{FaultTable.Said(answer)}. Renew the credential of {credential.Field}");

    /// <summary>What a refusal of the token endpoint means; its text tells more than its code.</summary>
    public static Fault OfTokenRefusal(RestCall call, AnswerFacts answer, CredentialFacts credential)
    {
        if (answer.Error is "temporarily_unavailable" or "server_error") return FaultTable.Transient(Reasons.ServerError, call, answer);
        var isForeign = answer.Kind is BodyKind.Html or BodyKind.Other || answer.IsForeign || answer.Error?.All(IsOfCode) is false;
        if (isForeign || (answer.Error is null && answer.Status != 401))
            return FaultTable.Transient(Reasons.UnexpectedAnswer, call, answer, "Check what stands between the operator and Bitbucket Cloud.");
        var cure = answer switch
        {
            _ when answer.Says("public") => "Tick \"This is a private consumer\" in the settings of the OAuth consumer.",
            _ when answer.Says("callback") => "Give the OAuth consumer a callback URL in its settings (any URL will do).",
            { Error: null or "invalid_client" or "unauthorized_client" or "invalid_grant" } =>
                $"Put the key and the secret of the OAuth consumer into {credential.Scope}.",
            { Error: "invalid_scope" } => "Tick the permissions that it needs in the settings of the OAuth consumer.",
            _ => $"Look for {answer.Error} in the settings of the OAuth consumer.",
        };
        return Fault.Waiting(
            Reasons.CredentialRejected, $"Bitbucket gives the OAuth consumer no token ({answer.Status}{FaultTable.Said(answer)}). {cure}");
    }

    // Codes of RFC 6749 are words in lower case.
    private static bool IsOfCode(char character) => char.IsAsciiLetterLower(character) || character == '_';
}
