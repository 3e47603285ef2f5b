using BitbucketOperator.Core.Api.V1Alpha1;

namespace BitbucketOperator.Core.Connection;

/// <summary>What to say of a right that is missing, and how a person gives it, in the words of the flavour and of the kind of credential.</summary>
internal static class RightCure
{
    /// <summary>A right that the credential lacks altogether.</summary>
    public static string OfCredential(AuthSpec auth, string field, Capability capability)
    {
        var right = RequiredRight.Of(auth.Type, capability);
        var name = IsDataCenters(auth) ? right : $"the scope {right}";
        var harmless = capability == Capability.ReadAccount ? "; without it status does not name the account, and all else works" : "";
        return $"{name} is missing: {Cure(auth, field, capability)}{harmless}";
    }

    /// <summary>A right on webhooks that is missing on some repositories.</summary>
    /// <param name="auth">The credential.</param>
    /// <param name="field">The field that names it.</param>
    /// <param name="capability">What cannot be done.</param>
    /// <param name="where">On how many repositories, and on which first.</param>
    /// <param name="scope">What the credential's scopes tell; null when nothing does.</param>
    public static string OnRepositories(AuthSpec auth, string field, Capability capability, string where, PermissionState? scope)
    {
        if (IsDataCenters(auth))
        {
            return $"{RequiredRight.Of(auth.Type, capability)} is missing on {where}: {Cure(auth, field, capability)} on them or on their projects";
        }

        if (scope == PermissionState.Missing)
        {
            return OfCredential(auth, field, capability);
        }

        var rest = scope == PermissionState.Granted ? "" : $"; if that is so already, {Cure(auth, field, capability)}";
        return $"webhooks are out of reach on {where}: {Administrator(auth.Type)}{rest}";
    }

    /// <summary>The right to manage webhooks of projects or the workspace.</summary>
    /// <param name="auth">The credential.</param>
    /// <param name="field">The field that names it.</param>
    /// <param name="where">On how many projects it is missing, and on which first.</param>
    public static string OnPlacesAbove(AuthSpec auth, string field, string where)
    {
        if (IsDataCenters(auth))
        {
            return $"{where}: {Cure(auth, field, Capability.ManageProjectWebhooks)} on them, or set spec.webhooks[].level to Auto or Repository";
        }

        var whose = auth.Type switch
        {
            AuthType.AccessToken => "use an access token of the workspace",
            AuthType.OAuth2 => "let the OAuth consumer be one of the workspace that may administer it",
            _ => "make the account an administrator of the workspace",
        };
        return $"{where}: {whose}, with the scope {RequiredRight.Of(auth.Type, Capability.ManageWebhooks)}, or set spec.webhooks[].level to Auto or Repository";
    }

    /// <summary>What to add to Bitbucket's own words on a right that is missing. Those of Cloud tell the cure themselves.</summary>
    public static string AfterDenial(AuthSpec auth, string field) => auth.Type switch
    {
        AuthType.HTTPAccessToken => $": give this right to the token of {field}, and to the user that it belongs to",
        AuthType.Basic => $": give this right to the user of {field}",
        _ => "",
    };

    private static bool IsDataCenters(AuthSpec auth) => auth.Type is AuthType.HTTPAccessToken or AuthType.Basic;

    private static string Administrator(AuthType type) => type switch
    {
        AuthType.AccessToken => "use an access token of the workspace, or of the project that they are in",
        AuthType.OAuth2 => "let the OAuth consumer be one of the workspace that may administer them",
        _ => "make the account an administrator of them",
    };

    private static string Cure(AuthSpec auth, string field, Capability capability)
    {
        var right = RequiredRight.Of(auth.Type, capability);
        return auth.Type switch
        {
            AuthType.HTTPAccessToken => $"give the token of {field}, and the user that it belongs to, {right}",
            AuthType.Basic => $"give the user of {field} {right}",
            AuthType.APIToken => NewToken("API token"),
            AuthType.AccessToken => NewToken("access token"),
            AuthType.OAuth2 => $"tick {BoxOf(capability)} ({right}) at the OAuth consumer in the settings of the workspace",
            _ => $"app passwords are no more: use an API token and set {field}.type to APIToken",
        };

        string NewToken(string kind) =>
            $"the scopes of an {kind} cannot be changed, so create a new one that has {right} besides its scopes, and put it into Secret {auth.SecretRef.Name}";
    }

    private static string BoxOf(Capability capability) => capability switch
    {
        Capability.ReadAccount => "Account: Read",
        Capability.ReadProjects => "Projects: Read",
        Capability.ReadRepositories => "Repositories: Read",
        Capability.ReadPullRequests => "Pull requests: Read",
        _ => "Webhooks: Read and write",
    };
}
