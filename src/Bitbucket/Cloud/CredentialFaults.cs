using BitbucketOperator.Bitbucket.Http;
using BitbucketOperator.Core;
using BitbucketOperator.Core.Api;
using BitbucketOperator.Core.Api.V1Alpha1;

namespace BitbucketOperator.Bitbucket.Cloud;

/// <summary>The rows of <see cref="FaultTable"/> in which the credential is refused.</summary>
internal static class CredentialFaults
{
    /// <summary>The fault of a credential that Bitbucket knows as another kind; null when it is of the kind that the resource says.</summary>
    public static Fault? WrongKind(AnswerFacts answer, CredentialFacts credential)
    {
        // No other kind than an access token is kept from reading its user by how it logs in.
        var byMechanism = answer.IsOtherMechanism && credential.Type is AuthType.APIToken or AuthType.AppPassword ? AuthType.AccessToken : (AuthType?)null;
        if ((CredentialFacts.KindOf(answer.CredentialType) ?? byMechanism) is not { } real || real == credential.Type) return null;
        var name = CredentialFacts.Name(real);
        var owner = answer.CredentialType switch
        {
            "repo_access_token" => "a repository ",
            "project_access_token" => "a project ",
            "workspace_access_token" => "a workspace ",
            _ => "an ",
        };
        return Fault.Waiting(
            Reasons.WrongCredentialKind, $"{credential.Field}.type is {credential.Type}, and this looks like {owner}{name}: set {credential.Field}.type to {real}.");
    }

    /// <summary>The fault of a 401.</summary>
    public static Fault Rejected(AnswerFacts answer, CredentialFacts credential)
    {
        if (credential.Type == AuthType.AppPassword) return AppPasswordRemoved(credential);
        var page = answer.Kind == BodyKind.Html ? ", with a web page, so a proxy may be the one that refuses" : "";
        var answered = $"(401{FaultTable.Said(answer)}{page})";
        var (why, cure) = credential.Type switch
        {
            AuthType.OAuth2 => (
                "Bitbucket refuses tokens of the OAuth consumer, a fresh one too",
                $"The consumer may have been removed or replaced: put its key and secret into {credential.Place}."),
            AuthType.APIToken => (
                "Bitbucket refuses the API token: it is wrong, expired, revoked or made without scopes, or the e-mail address is not that of its Atlassian account (API tokens need the address, not the user name)",
                $"Correct {credential.Place}, with an API token with scopes."),
            _ => (
                "Bitbucket refuses the access token: it is wrong, expired or revoked (that of a repository ends when the repository is moved to another workspace)",
                $"Put a new one into {credential.Place}."),
        };
        return Fault.Waiting(Reasons.CredentialRejected, $"{why} {answered}. {cure}{Hint(credential)}");
    }

    /// <summary>What a refusal of the token endpoint means; its errors are those of RFC 6749.</summary>
    public static Fault OfTokenRefusal(RestCall call, AnswerFacts answer, CredentialFacts credential)
    {
        if (answer.Kind is BodyKind.Html or BodyKind.Other || (answer.Error is null && answer.Status != 401))
            return FaultTable.Transient(Reasons.UnexpectedAnswer, call, answer, "Check what stands between the operator and Bitbucket Cloud.");
        var cure = answer.Says("public") || answer.Error == "unauthorized_client"
            ? "Tick \"This is a private consumer\" in the settings of the OAuth consumer, and give it a callback URL (any will do)."
            : $"Put the key and the secret of the OAuth consumer into {credential.Place}.";
        return Fault.Waiting(Reasons.CredentialRejected, $"Bitbucket gives the OAuth consumer no token ({answer.Status}{FaultTable.Said(answer)}). {cure}");
    }

    private static Fault AppPasswordRemoved(CredentialFacts credential) => Fault.Waiting(
        Reasons.AppPasswordRemoved,
        $"Bitbucket refuses the app password: Atlassian removed app passwords on 2026-07-28. Create an API token with scopes, put it with the e-mail address of the Atlassian account into {credential.Place} (keys email and token), and set {credential.Field}.type to APIToken.");

    private static string Hint(CredentialFacts credential)
    {
        if (credential.LooksLike is { } kind && kind != credential.Type)
            return $" It begins like an {CredentialFacts.Name(kind)}: if it is one, set {credential.Field}.type to {kind}.";
        return credential.EmailIsNone ? " What is there as e-mail address has no @." : "";
    }
}
