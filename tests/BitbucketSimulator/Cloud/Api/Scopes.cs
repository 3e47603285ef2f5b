using BitbucketOperator.BitbucketSimulator.State;

namespace BitbucketOperator.BitbucketSimulator.Cloud.Api;

/// <summary>What a call needs: in the words of OAuth and access tokens, and in those of API tokens.</summary>
internal sealed record Need(IReadOnlyList<string> Legacy, IReadOnlyList<string> ApiToken)
{
    public static readonly Need Nothing = new([], []);

    public static Need Of(string legacy, params string[] apiToken) => new(legacy.Length == 0 ? [] : legacy.Split(' '), apiToken);

    public IReadOnlyList<string> For(CredentialKind kind) => kind == CredentialKind.ApiToken ? ApiToken : Legacy;
}

/// <summary>The two vocabularies of scopes.</summary>
internal static class Scopes
{
    private static readonly string[] AccountScopes = ["account", "account:write", "email", "team", "team:write"];

    private static readonly string[] ProjectScopes = ["project", "project:admin"];

    private static readonly string[] RepositoryScopes =
    [
        "repository", "repository:write", "repository:admin", "repository:delete", "pullrequest", "pullrequest:write", "issue",
        "issue:write", "wiki", "webhook", "snippet", "snippet:write", "pipeline", "pipeline:write", "pipeline:variable", "runner", "runner:write",
    ];

    // Scopes of the Atlassian account, which the same dialogue offers and which open nothing here.
    private static readonly string[] AccountOfAtlassian = ["read:me", "read:account", "email", "profile", "offline_access"];

    private static readonly Dictionary<string, string[]> Implied = new(StringComparer.Ordinal)
    {
        ["repository:write"] = ["repository"],
        ["pullrequest"] = ["repository"],
        ["pullrequest:write"] = ["pullrequest", "repository:write"],
        ["project"] = ["repository"],
        ["account:write"] = ["account"],
        ["team:write"] = ["team"],
        ["issue:write"] = ["issue"],
        ["snippet:write"] = ["snippet"],
        ["pipeline:write"] = ["pipeline"],
        ["pipeline:variable"] = ["pipeline:write"],
        ["runner:write"] = ["runner"],
    };

    public static IReadOnlyList<string> AllLegacy { get; } = [.. AccountScopes, .. ProjectScopes, .. RepositoryScopes];

    /// <summary>Throws when a kind of credential cannot hold one of the scopes.</summary>
    public static void Check(CredentialKind kind, IEnumerable<string> scopes)
    {
        foreach (var scope in scopes)
        {
            if (!Holds(kind, scope)) throw new StateException($"{kind} cannot have the scope \"{scope}\"");
        }
    }

    /// <summary>The granted scopes and all that follow from them. API token scopes imply nothing.</summary>
    public static HashSet<string> Expand(CloudToken token)
    {
        var all = new HashSet<string>(StringComparer.Ordinal);
        foreach (var scope in token.Scopes) Add(token.Kind, scope, all);
        return all;
    }

    /// <summary>The granted scopes without those that another one implies, as the header has them.</summary>
    public static IReadOnlyList<string> Highest(CloudToken token) =>
        [.. token.Scopes.Where(scope => !token.Scopes.Any(other => other != scope && Implies(token.Kind, other, scope)))];

    private static bool Holds(CredentialKind kind, string scope) => kind switch
    {
        CredentialKind.ApiToken => IsApiTokenScope(scope) || AccountOfAtlassian.Contains(scope, StringComparer.Ordinal),
        CredentialKind.RepositoryAccessToken => RepositoryScopes.Contains(scope, StringComparer.Ordinal),
        CredentialKind.ProjectAccessToken => scope == "project" || RepositoryScopes.Contains(scope, StringComparer.Ordinal),
        CredentialKind.WorkspaceAccessToken => scope == "account" || ProjectScopes.Contains(scope, StringComparer.Ordinal)
            || RepositoryScopes.Contains(scope, StringComparer.Ordinal),
        _ => AllLegacy.Contains(scope, StringComparer.Ordinal),
    };

    private static bool IsApiTokenScope(string scope)
    {
        var parts = scope.Split(':');
        return parts.Length == 3 && parts[0] is "read" or "write" or "delete" or "admin" or "manage" && parts[1].Length > 0 && parts[2] == "bitbucket";
    }

    private static bool Implies(CredentialKind kind, string scope, string other)
    {
        var all = new HashSet<string>(StringComparer.Ordinal);
        Add(kind, scope, all);
        return all.Contains(other);
    }

    private static void Add(CredentialKind kind, string scope, HashSet<string> all)
    {
        if (!all.Add(scope) || kind == CredentialKind.ApiToken) return;
        foreach (var implied in Implied.GetValueOrDefault(scope) ?? []) Add(kind, implied, all);
    }
}
