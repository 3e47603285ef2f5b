using BitbucketOperator.Core.Api.V1Alpha1;

namespace BitbucketOperator.Bitbucket.Cloud;

/// <summary>What scopes include, and how a person adds one.</summary>
internal static class Scopes
{
    // Bitbucket names the highest level only. repository:admin and project:admin include nothing, and neither does any scope of API tokens.
    private static readonly Dictionary<string, string[]> Included = new(StringComparer.Ordinal)
    {
        ["account:write"] = ["account"],
        ["project"] = ["repository"],
        ["repository:write"] = ["repository"],
        ["pullrequest"] = ["repository"],
        ["pullrequest:write"] = ["pullrequest", "repository:write"],
    };

    /// <summary>Reads a list such as <c>repository:write, webhook</c>, and adds what its members include.</summary>
    public static IReadOnlySet<string> Parse(string list)
    {
        var scopes = new HashSet<string>(StringComparer.Ordinal);
        var open = new Queue<string>(list.Split([',', ' '], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
        while (open.TryDequeue(out var scope))
        {
            if (!scopes.Add(scope)) continue;
            foreach (var included in Included.GetValueOrDefault(scope, [])) open.Enqueue(included);
        }

        return scopes;
    }

    /// <summary>Says how to give a credential scopes that it lacks.</summary>
    /// <param name="credential">Which credential.</param>
    /// <param name="credentialType">The header x-credential-type of its answers.</param>
    /// <param name="missing">The scopes.</param>
    public static string Cure(CredentialFacts credential, string? credentialType, IReadOnlyCollection<string> missing)
    {
        var names = missing.Order(StringComparer.Ordinal).ToList();
        var scopes = $"the scope{(names.Count > 1 ? "s" : "")} {string.Join(" and ", names)}";
        return credential.Type switch
        {
            AuthType.OAuth2 => $"Tick {string.Join(" and ", names.Select(Label))} on the OAuth consumer.",
            AuthType.APIToken =>
                $"Create a new API token with {scopes} besides those it has (the scopes of a token cannot be changed), and put it into {credential.Place}.",
            AuthType.AccessToken =>
                $"Create a new {OwnerOf(credentialType)}access token with {scopes} besides those it has, and put it into {credential.Place}.",
            _ => $"Create an API token in place of the app password, with all scopes that it needs, put it into {credential.Place} and set {credential.Field}.type to APIToken.",
        };
    }

    private static string OwnerOf(string? credentialType) => credentialType switch
    {
        "repo_access_token" => "repository ",
        "project_access_token" => "project ",
        "workspace_access_token" => "workspace ",
        _ => "",
    };

    // As the consumer's form has it.
    private static string Label(string scope) => scope switch
    {
        "account" => "Account: Read (scope account)",
        "project" => "Projects: Read (scope project)",
        "repository" => "Repositories: Read (scope repository)",
        "pullrequest" => "Pull requests: Read (scope pullrequest)",
        "webhook" => "Webhooks: Read and write (scope webhook)",
        _ => $"the permission of scope {scope}",
    };
}
