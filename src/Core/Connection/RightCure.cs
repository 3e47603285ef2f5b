using BitbucketOperator.Core.Api.V1Alpha1;

namespace BitbucketOperator.Core.Connection;

/// <summary>How a person gives a right that is missing, in the words of the flavour and of the kind of credential.</summary>
internal static class RightCure
{
    /// <summary>What to do about a right that the credential lacks altogether, as its scopes tell.</summary>
    public static string OfCredential(AuthSpec auth, Capability capability) =>
        Cure(auth, capability) + (capability == Capability.ReadAccount ? "; without it status does not name the account, and all else works" : "");

    /// <summary>What to do about a right that is missing on some repositories.</summary>
    public static string OnRepositories(AuthSpec auth, Capability capability)
    {
        if (auth.Type is AuthType.HTTPAccessToken or AuthType.Basic)
        {
            return OfCredential(auth, capability) + " on them or on their projects";
        }

        var who = auth.Type switch
        {
            AuthType.AccessToken => "use a token of the workspace or of their project",
            AuthType.OAuth2 => "see that the OAuth consumer belongs to the workspace and may administer these repositories",
            _ => "make the account an administrator of these repositories",
        };
        var webhooks = capability is Capability.ReadWebhooks or Capability.ManageWebhooks or Capability.DeleteWebhooks;
        return webhooks ? $"{who}; if it is one already, {OfCredential(auth, capability)}" : OfCredential(auth, capability);
    }

    /// <summary>What to add to Bitbucket's own words on a right that is missing. Those of Cloud tell the cure themselves.</summary>
    public static string AfterDenial(AuthSpec auth) => auth.Type switch
    {
        AuthType.HTTPAccessToken => ": give this right to the token, and to the user that it belongs to",
        AuthType.Basic => ": give the user this right",
        _ => "",
    };

    private static string Cure(AuthSpec auth, Capability capability)
    {
        var right = RequiredRight.Of(auth.Type, capability);
        return auth.Type switch
        {
            AuthType.HTTPAccessToken => $"give the token, and the user that it belongs to, {right}",
            AuthType.Basic => $"give the user {right}",
            AuthType.APIToken => NewToken("API token"),
            AuthType.AccessToken => NewToken("access token"),
            AuthType.OAuth2 => $"tick {right} at the OAuth consumer in the settings of the workspace",
            _ => "app passwords are no more: use an API token and set the type to APIToken",
        };

        string NewToken(string kind) =>
            $"the scopes of an {kind} cannot be changed: create a new one that has {right} besides its scopes, and put it into Secret {auth.SecretRef.Name}";
    }
}
