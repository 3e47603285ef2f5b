namespace BitbucketOperator.Bitbucket.Cloud;

/// <summary>What scopes include, and how one is added.</summary>
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
    public static string Cure(CredentialFacts credential, string? credentialType, IReadOnlyCollection<string> missing) =>
        credential.Descriptor.ScopeCure(
            credential.Field, credential.Place, OwnerOf(credentialType), [.. missing.Order(StringComparer.Ordinal)]);

    /// <summary>What an access token belongs to, for people; null where the header x-credential-type does not tell.</summary>
    public static string? OwnerOf(string? credentialType) => credentialType switch
    {
        "repo_access_token" => "repository",
        "project_access_token" => "project",
        "workspace_access_token" => "workspace",
        _ => null,
    };
}
