using BitbucketOperator.Core;
using BitbucketOperator.Core.Api.V1Alpha1;

namespace BitbucketOperator.Bitbucket.Cloud;

/// <summary>What messages need to know of the credential in use; nothing of it is secret.</summary>
/// <param name="Type">The kind that the resource says.</param>
/// <param name="Field">The field that names it, such as <c>spec.auth</c>.</param>
internal sealed record CredentialFacts(AuthType Type, string Field)
{
    /// <summary>The kind that its first characters have been seen with. A hint for people; no rule.</summary>
    public AuthType? LooksLike { get; init; }

    /// <summary>The e-mail address that goes with an API token is none.</summary>
    public bool EmailIsNone { get; init; }

    /// <summary>Where the credential is kept, to go into a sentence.</summary>
    public string Place => $"the Secret that {Field}.secretRef names";

    /// <summary>Takes out what can be told.</summary>
    public static CredentialFacts Of(Credential credential, string field) => credential switch
    {
        Credential.ApiToken { Email: var email, Token: var token } =>
            new(credential.Type, field) { LooksLike = KindOf(token), EmailIsNone = !email.Contains('@', StringComparison.Ordinal) },
        Credential.AccessToken { Token: var token } => new(credential.Type, field) { LooksLike = KindOf(token) },
        Credential.AppPassword { Password: var password } => new(credential.Type, field) { LooksLike = KindOf(password) },
        _ => new(credential.Type, field),
    };

    /// <summary>The kind behind a value of the header x-credential-type; null for one that we do not know.</summary>
    public static AuthType? KindOf(string? credentialType) => credentialType switch
    {
        "api_token" => AuthType.APIToken,
        "repo_access_token" or "project_access_token" or "workspace_access_token" => AuthType.AccessToken,
        _ => null,
    };

    /// <summary>What people call a kind.</summary>
    public static string Name(AuthType type) => type switch
    {
        AuthType.APIToken => "API token",
        AuthType.AccessToken => "access token",
        AuthType.OAuth2 => "OAuth consumer",
        _ => "app password",
    };

    /// <summary>The kind that a token's first characters have been seen with; null where they tell nothing.</summary>
    public static AuthType? KindOf(SecretText token)
    {
        var text = token.Reveal();
        if (text.StartsWith("ATATT3x", StringComparison.Ordinal)) return AuthType.APIToken;
        return text.StartsWith("ATCTT3x", StringComparison.Ordinal) ? AuthType.AccessToken : null;
    }
}
