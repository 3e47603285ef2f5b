namespace BitbucketOperator.BitbucketSimulator.State;

/// <summary>Who makes a request: nobody, a user, or a token with or without a user behind it.</summary>
internal sealed record Caller(User? User, Token? Token)
{
    public static readonly Caller Anonymous = new(null, null);

    public bool IsAnonymous => User is null && Token is null;

    public string? Login => User?.Name ?? Token?.Login;

    public int? Id => User?.Id ?? Token?.Id;
}

/// <summary>Effective rights: the smaller of what the user and what the token may do.</summary>
internal static class Access
{
    /// <summary>The right granted on a repository, not counting that it is public.</summary>
    public static Level Granted(Caller caller, Repository repository, bool withToken = true)
    {
        var token = caller.Token;
        if (token is { User: null })
        {
            var covered = token.Repository == repository || token.Project == repository.Project;
            return covered ? token.RepositoryLevel : Level.None;
        }

        if (caller.User is not { } user) return Level.None;
        var level = OfUser(user, repository);
        return token is null || !withToken ? level : Min(level, token.RepositoryLevel);
    }

    /// <summary>The right granted on a project, not counting that it is public.</summary>
    public static Level Granted(Caller caller, Project project, bool withToken = true)
    {
        var token = caller.Token;
        if (token is { User: null }) return token.Project == project ? token.ProjectLevel : Level.None;
        if (caller.User is not { } user) return Level.None;
        var level = OfUser(user, project);
        return token is null || !withToken ? level : Min(level, token.ProjectLevel);
    }

    /// <summary>Whether the caller can read, where public repositories count.</summary>
    public static bool CanRead(World world, Caller caller, Repository repository)
    {
        if (Granted(caller, repository) >= Level.Read) return true;
        return (repository.Public || repository.Project.Public) && (world.PublicAccess || !caller.IsAnonymous);
    }

    /// <summary>A project is seen by whoever may read it or anything in it.</summary>
    public static bool CanView(World world, Caller caller, Project project)
    {
        if (Granted(caller, project) >= Level.Read) return true;
        if (project.Public && (world.PublicAccess || !caller.IsAnonymous)) return true;
        return project.Repositories.Exists(r => CanRead(world, caller, r));
    }

    private static Level OfUser(User user, Repository repository)
    {
        var own = user.RepositoryGrants.GetValueOrDefault(repository.Id);
        return Max(own, OfUser(user, repository.Project));
    }

    private static Level OfUser(User user, Project project)
    {
        if (user.Global >= GlobalRight.Admin || project.Owner == user) return Level.Admin;
        return Max(user.ProjectGrants.GetValueOrDefault(project.Id), project.DefaultLevel);
    }

    private static Level Min(Level a, Level b) => a < b ? a : b;

    private static Level Max(Level a, Level b) => a > b ? a : b;
}
