using System.Globalization;
using static BitbucketOperator.BitbucketSimulator.State.SeedPlace;

namespace BitbucketOperator.BitbucketSimulator.State;

/// <summary>Adds a seed to a world. What is there already under the same name is used and gets the seed's additions.</summary>
internal static class SeedApplier
{
    private static readonly string[] States = ["AVAILABLE", "INITIALISING", "INITIALISATION_FAILED", "OFFLINE"];

    public static void Apply(World world, Seed seed)
    {
        if (seed.Version is not null) world.Version = Within("version", () => ServerVersion.Parse(seed.Version));
        world.Status = seed.Status ?? world.Status;
        world.PublicAccess = seed.PublicAccess ?? world.PublicAccess;
        world.Quirks = seed.Quirks ?? world.Quirks;
        world.RateLimit = seed.RateLimit ?? world.RateLimit;
        // Personal projects need their users, users' grants need the projects, so users come in two steps.
        Each(seed.Users, "users", u => AddUser(world, u));
        Each(seed.Projects, "projects", p => AddProject(world, p));
        if (seed.Generate is not null) Within("generate", () => Generate(world, seed.Generate));
        Each(seed.Users, "users", u => Grant(world, u));
        Each(seed.Tokens, "tokens", t => AddToken(world, t));
    }

    private static void AddUser(World world, SeedUser seed)
    {
        Require(seed.Name, "name");
        var user = world.FindUser(seed.Name) ?? world.AddUser(seed.Name);
        (user.Password, user.Active, user.Global) = (seed.Password ?? user.Password, seed.Active, seed.Global);
        (user.DisplayName, user.Email) = (seed.DisplayName ?? user.DisplayName, seed.Email ?? user.Email);
    }

    private static void Grant(World world, SeedUser seed)
    {
        var user = world.UserNamed(seed.Name);
        foreach (var (key, permission) in seed.Projects)
            user.ProjectGrants[world.ProjectAt(key).Id] = Read(permission, onProject: true);
        foreach (var (path, permission) in seed.Repositories)
            user.RepositoryGrants[world.RepositoryAt(path).Id] = Read(permission, onProject: false);
    }

    private static void AddProject(World world, SeedProject seed)
    {
        Require(seed.Key, "key");
        var project = world.FindProject(seed.Key) ?? world.AddProject(seed.Key, seed.Name);
        (project.Name, project.Description) = (seed.Name ?? project.Name, seed.Description ?? project.Description);
        (project.Public, project.RestrictsRepositoryAdmins) = (seed.Public, seed.RestrictsRepositoryAdmins);
        if (seed.DefaultPermission is not null) project.DefaultLevel = Read(seed.DefaultPermission, onProject: true);
        Each(seed.Repositories, "repositories", r => AddRepository(world, project, r));
        foreach (var hook in seed.Webhooks) world.AddWebhook(project, hook.FillIn);
    }

    internal static Repository AddRepository(World world, Project project, SeedRepository seed)
    {
        Require(seed.Name, "name");
        if (!States.Contains(seed.State, StringComparer.Ordinal)) throw new StateException($"state \"{seed.State}\" is none of {string.Join(", ", States)}");
        var origin = seed.ForkOf is null ? null : world.RepositoryAt(seed.ForkOf);
        var slug = seed.Slug ?? World.SlugOf(seed.Name);
        var repository = world.FindRepository(project.Key, slug) ?? world.AddRepository(project.Key, seed.Name, slug);
        (repository.Archived, repository.Public, repository.State) = (seed.Archived, seed.Public, seed.State);
        (repository.Origin, repository.Description) = (origin, seed.Description);
        foreach (var hook in seed.Webhooks) world.AddWebhook(repository, hook.FillIn);
        return repository;
    }

    internal static Token AddToken(World world, SeedToken seed)
    {
        Require(seed.Name, "name");
        if (new[] { seed.User, seed.Project, seed.Repository }.Count(o => o is not null) != 1)
            throw new StateException($"token \"{seed.Name}\" needs exactly one of user, project and repository");
        object owner = seed.User is not null ? world.UserNamed(seed.User)
            : seed.Project is not null ? world.ProjectAt(seed.Project)
            : world.RepositoryAt(seed.Repository!);
        var token = world.AddToken(seed.Name, owner, seed.Permissions, seed.Token);
        (token.ExpiresAt, token.Revoked) = (seed.Expires, seed.Revoked);
        return token;
    }

    internal static void Generate(World world, Generation generation)
    {
        for (var p = 1; p <= generation.Projects; p++)
        {
            var key = generation.KeyPrefix + p.ToString("D2", CultureInfo.InvariantCulture);
            var project = world.FindProject(key) ?? world.AddProject(key, $"Generated {p}");
            foreach (var (name, rights) in generation.Grants)
            {
                var right = rights.Count == 0 ? "NONE" : rights[(p - 1) % rights.Count];
                if (right != "NONE") (world.FindUser(name) ?? world.AddUser(name)).ProjectGrants[project.Id] = Read(right, onProject: true);
            }

            for (var r = 1; r <= generation.Repositories; r++) GenerateRepository(world, project, generation, r);
        }

        foreach (var name in generation.PersonalFor)
        {
            var key = $"~{world.UserNamed(name).Name}";
            if (world.FindProject(key) is null) world.AddProject(key);
            world.AddRepository(key, "scratch");
        }
    }

    private static void GenerateRepository(World world, Project project, Generation generation, int number)
    {
        var repository = world.AddRepository(project.Key, $"repo-{number.ToString("D4", CultureInfo.InvariantCulture)}");
        repository.Archived = generation.ArchivedEvery > 0 && number % generation.ArchivedEvery == 0;
        if (generation.ForkEvery > 0 && number % generation.ForkEvery == 0) repository.Origin = project.Repositories[0];
    }

    internal static Level Read(string permission, bool onProject)
    {
        var parsed = Right.Parse(permission);
        return parsed.OnProject == onProject
            ? parsed.Level
            : throw new StateException($"{permission} cannot be given on a {(onProject ? "project" : "repository")}");
    }
}
