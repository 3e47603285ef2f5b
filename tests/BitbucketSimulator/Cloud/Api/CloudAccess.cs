using BitbucketOperator.BitbucketSimulator.State;

namespace BitbucketOperator.BitbucketSimulator.Cloud.Api;

/// <summary>Who makes a request: nobody, or whoever a token stands for.</summary>
internal sealed record CloudCaller(CloudToken? Token)
{
    public static readonly CloudCaller Anonymous = new((CloudToken?)null);

    private readonly HashSet<string> _scopes = Token is null ? [] : Scopes.Expand(Token);

    public CredentialKind? Kind => Token?.Kind;

    public CloudUser? User => Token?.User;

    /// <summary>What the log calls it.</summary>
    public string? Login => Token is null ? null : Token.User?.Name ?? Token.Consumer?.ClientId ?? Token.Name;

    /// <summary>The name in clone links.</summary>
    public string? GitUser => Token is null ? null : Token.User?.Name ?? "x-token-auth";

    /// <summary>What shares a budget of calls.</summary>
    public string? BudgetKey => Token is null ? null
        : Token.User is { } user ? $"user {user.Uuid}"
        : Token.Consumer is { } consumer ? $"consumer {consumer.ClientId}"
        : $"token {Token.Secret}";

    public bool Has(IEnumerable<string> scopes) => scopes.All(_scopes.Contains);
}

/// <summary>What a caller may do, apart from scopes.</summary>
internal static class CloudAccess
{
    /// <summary>The right on a repository, that it is public included.</summary>
    public static Level On(CloudWorld world, CloudCaller caller, CloudRepository repository)
    {
        var granted = Granted(world, caller, repository);
        return granted == Level.None && !repository.Private ? Level.Read : granted;
    }

    /// <summary>The right on a repository, not counting that it is public.</summary>
    public static Level Granted(CloudWorld world, CloudCaller caller, CloudRepository repository)
    {
        if (caller.Token is not { } token) return Level.None;
        if (token.IsAccessToken) return Covers(token, repository) ? OfAccessToken(world, caller) : Level.None;
        if (token.Consumer is { } consumer) return consumer.Workspace == repository.Workspace ? consumer.Permission : Level.None;
        if (token.Owner is { } limit && limit != repository.Workspace) return Level.None;
        return OfUser(token.User!, repository);
    }

    /// <summary>The role in a workspace; access tokens of the workspace itself count as its owner.</summary>
    public static WorkspaceRole RoleIn(CloudCaller caller, CloudWorkspace workspace)
    {
        if (caller.Token is not { } token) return WorkspaceRole.None;
        if (token.Consumer is { } consumer) return consumer.Workspace == workspace ? consumer.Role : WorkspaceRole.None;
        if (token.User is { } user) return token.Owner is { } limit && limit != workspace ? WorkspaceRole.None : user.RoleIn(workspace);
        if (token.Owner == workspace) return WorkspaceRole.Owner;
        return WorkspaceOf(token.Owner!) == workspace ? WorkspaceRole.Collaborator : WorkspaceRole.None;
    }

    /// <summary>Whether a caller sees that there is such a workspace.</summary>
    public static bool CanSee(CloudCaller caller, CloudWorkspace workspace) =>
        !workspace.Private || RoleIn(caller, workspace) > WorkspaceRole.None || HasGrantIn(caller, workspace);

    /// <summary>Whether a caller may manage the webhooks of a workspace.</summary>
    public static bool ManagesWebhooks(CloudWorld world, CloudCaller caller, CloudWorkspace workspace)
    {
        if (caller.Token is { IsAccessToken: true } token) return token.Owner == workspace && world.Quirks.WorkspaceTokensManageWorkspaceWebhooks;
        return RoleIn(caller, workspace) == WorkspaceRole.Owner;
    }

    public static Level OfUser(CloudUser user, CloudRepository repository)
    {
        if (user.RoleIn(repository.Workspace) == WorkspaceRole.Owner) return Level.Admin;
        var all = user.WorkspaceGrants.GetValueOrDefault(repository.Workspace);
        var own = user.RepositoryGrants.GetValueOrDefault(repository);
        return all > own ? all : own;
    }

    private static bool HasGrantIn(CloudCaller caller, CloudWorkspace workspace) =>
        caller.User is { } user && user.RepositoryGrants.Any(g => g.Key.Workspace == workspace && g.Value > Level.None);

    private static bool Covers(CloudToken token, CloudRepository repository) =>
        token.Owner == repository || token.Owner == repository.Project || token.Owner == repository.Workspace;

    private static Level OfAccessToken(CloudWorld world, CloudCaller caller)
    {
        if (!world.Quirks.AccessTokensNeedAdminForWebhooks || caller.Has(["repository:admin"])) return Level.Admin;
        return caller.Has(["repository:write"]) ? Level.Write : Level.Read;
    }

    private static CloudWorkspace WorkspaceOf(CloudEntity entity) => entity switch
    {
        CloudRepository repository => repository.Workspace,
        CloudProject project => project.Workspace,
        _ => (CloudWorkspace)entity,
    };
}
