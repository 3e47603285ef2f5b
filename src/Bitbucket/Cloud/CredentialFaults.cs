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
            ($"{field} is {credential.Type}, but this is {owner} {real.Noun}", $"Set it to {real.Kind}"),
            field: field);
    }

    /// <summary>The fault of a 401.</summary>
    public static Fault Rejected(AnswerFacts answer, CredentialFacts credential)
    {
        var hint = answer.Kind == BodyKind.Html ? "The answer is a web page: does a proxy refuse it?" : credential.Hint;
        return credential.Descriptor.Refused(credential.Field, credential.Place, FaultTable.Quote(answer), hint);
    }

    /// <summary>The fault of a 401 that the login does not repeat.</summary>
    public static Fault RejectedForWebhooks(AnswerFacts answer, CredentialFacts credential) => Fault.Transient(
        Reasons.WebhookCredentialRejected, new("401 for webhooks alone", $"Renew the credential in {credential.Place}", FaultTable.Quote(answer)));

    /// <summary>What a refusal of the token endpoint means; its text says more than its code.</summary>
    public static Fault OfTokenRefusal(RestCall call, AnswerFacts answer, CredentialFacts credential)
    {
        if (answer.Error is "temporarily_unavailable" or "server_error") return FaultTable.Transient(Reasons.ServerError, call, answer);
        var isForeign = answer.Kind is BodyKind.Html or BodyKind.Other || answer.IsForeign || answer.Error?.All(IsOfCode) is false;
        if (isForeign || (answer.Error is null && answer.Status != 401))
            return FaultTable.Transient(Reasons.UnexpectedAnswer, call, answer, "Check proxies in front of Bitbucket Cloud");
        var cure = answer switch
        {
            _ when answer.Says("public") => "Tick \"This is a private consumer\" in its settings",
            _ when answer.Says("callback") => "Give it a callback URL in its settings (any URL will do)",
            { Error: null or "invalid_client" or "unauthorized_client" or "invalid_grant" } => $"Put its key and secret into {credential.Place}",
            { Error: "invalid_scope" } => "Tick the permissions that it needs in its settings",
            _ => $"Look for {answer.Error} in its settings",
        };
        return Fault.Waiting(
            Reasons.CredentialRejected, new($"{answer.Status}: OAuth consumer gets no token", cure, FaultTable.Quote(answer)));
    }

    // Codes of RFC 6749 are words in lower case.
    private static bool IsOfCode(char character) => char.IsAsciiLetterLower(character) || character == '_';
}
