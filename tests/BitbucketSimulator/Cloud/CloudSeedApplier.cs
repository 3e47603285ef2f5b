using System.Globalization;
using BitbucketOperator.BitbucketSimulator.State;
using static BitbucketOperator.BitbucketSimulator.State.SeedPlace;

namespace BitbucketOperator.BitbucketSimulator.Cloud;

/// <summary>Adds a seed to a world. What is there already under the same name is used and gets the seed's additions.</summary>
internal static class CloudSeedApplier
{
    public static void Apply(CloudWorld world, CloudSeed seed)
    {
        world.Quirks = seed.Quirks ?? world.Quirks;
        world.RateLimit = seed.RateLimit ?? world.RateLimit;
        Each(seed.Workspaces, "workspaces", w => AddWorkspace(world, w));
        if (seed.Generate is not null) Within("generate", () => Generate(world, seed.Generate));
        Each(seed.Users, "users", u => AddUser(world, u));
        Each(seed.Tokens, "tokens", t => AddToken(world, t));
        Each(seed.Consumers, "consumers", c => AddConsumer(world, c));
    }

    internal static void AddWorkspace(CloudWorld world, SeedWorkspace seed)
    {
        Require(seed.Slug, "slug");
        var workspace = world.FindWorkspace(seed.Slug) ?? world.AddWorkspace(seed.Slug);
        workspace.Name = seed.Name ?? workspace.Name;
        (workspace.Private, workspace.ReadOnly, workspace.Spam, workspace.Gate) = (seed.Private, seed.ReadOnly, seed.Spam, seed.Gate);
        Each(seed.Projects, "projects", p => AddProject(world, workspace, p));
        foreach (var hook in seed.Webhooks) world.AddWebhook(workspace, hook.FillIn);
    }

    internal static CloudRepository AddRepository(CloudWorld world, CloudProject project, SeedCloudRepository seed)
    {
        Require(seed.Name, "name");
        var parent = seed.ForkOf is null ? null : world.RepositoryAt(seed.ForkOf);
        var slug = seed.Slug ?? World.SlugOf(seed.Name);
        var repository = world.FindRepository(project.Workspace.Slug, slug) ?? world.AddRepository(project.Workspace.Slug, project.Key, seed.Name, slug);
        (repository.Private, repository.Parent, repository.MainBranch) = (seed.Private, parent, seed.Empty ? null : seed.MainBranch);
        (repository.Description, repository.Language) = (seed.Description, seed.Language);
        foreach (var title in seed.PullRequests) repository.PullRequests.Add(new(repository.PullRequests.Count + 1, title));
        foreach (var hook in seed.Webhooks) world.AddWebhook(repository, hook.FillIn);
        return repository;
    }

    internal static CloudToken AddToken(CloudWorld world, SeedCloudToken seed)
    {
        Require(seed.Name, "name");
        var secret = seed.Token ?? $"ATCTT3-{seed.Name}";
        var token = seed.User is null
            ? world.AddAccessToken(OwnerOf(world, seed), secret, seed.Scopes, seed.Expires, seed.Name)
            : world.AddApiToken(world.UserNamed(seed.User), secret, seed.Scopes, seed.Expires, seed.Name);
        token.Revoked = seed.Revoked;
        if (seed.User is not null && seed.Workspace is not null) token.Owner = world.WorkspaceAt(seed.Workspace);
        return token;
    }

    internal static void Generate(CloudWorld world, CloudGeneration generation)
    {
        var slug = generation.Workspace ?? world.Workspaces.FirstOrDefault()?.Slug ?? "generated";
        var workspace = world.FindWorkspace(slug) ?? world.AddWorkspace(slug);
        for (var p = 1; p <= generation.Projects; p++)
        {
            var key = generation.KeyPrefix + p.ToString("D2", CultureInfo.InvariantCulture);
            var project = world.FindProject(slug, key) ?? world.AddProject(slug, key, $"Generated {p}");
            CloudRepository? first = null;
            for (var r = 1; r <= generation.Repositories; r++)
            {
                var name = string.Create(CultureInfo.InvariantCulture, $"{project.Key.ToLowerInvariant()}-repo-{r:D4}");
                var repository = world.AddRepository(workspace.Slug, key, name);
                first ??= repository;
                if (generation.EmptyEvery > 0 && r % generation.EmptyEvery == 0) repository.MainBranch = null;
                if (generation.ForkEvery > 0 && r % generation.ForkEvery == 0) repository.Parent = first;
            }
        }
    }

    private static void AddProject(CloudWorld world, CloudWorkspace workspace, SeedCloudProject seed)
    {
        Require(seed.Key, "key");
        var project = world.FindProject(workspace.Slug, seed.Key) ?? world.AddProject(workspace.Slug, seed.Key);
        (project.Name, project.Private) = (seed.Name ?? project.Name, seed.Private);
        Each(seed.Repositories, "repositories", r => AddRepository(world, project, r));
    }

    private static void AddUser(CloudWorld world, SeedCloudUser seed)
    {
        Require(seed.Name, "name");
        Require(seed.Email, "email");
        var user = world.FindUser(seed.Name) ?? world.AddUser(seed.Name, seed.Email);
        (user.Email, user.Active, user.DisplayName) = (seed.Email, seed.Active, seed.DisplayName ?? user.DisplayName);
        foreach (var (slug, role) in seed.Roles) user.Roles[world.WorkspaceAt(slug)] = role;
        foreach (var (slug, level) in seed.Workspaces) user.WorkspaceGrants[world.WorkspaceAt(slug)] = level;
        foreach (var (path, level) in seed.Repositories) user.Grant(world.RepositoryAt(path), level);
        foreach (var password in seed.AppPasswords) world.AddAppPassword(user, password);
    }

    private static CloudEntity OwnerOf(CloudWorld world, SeedCloudToken seed)
    {
        if (new[] { seed.Repository, seed.Project, seed.Workspace }.Count(o => o is not null) != 1)
            throw new StateException($"token \"{seed.Name}\" needs exactly one of user, repository, project and workspace");
        if (seed.Repository is not null) return world.RepositoryAt(seed.Repository);
        return seed.Project is not null ? world.ProjectAt(seed.Project) : world.WorkspaceAt(seed.Workspace!);
    }

    private static void AddConsumer(CloudWorld world, SeedConsumer seed)
    {
        Require(seed.Workspace, "workspace");
        Require(seed.ClientId, "clientId");
        var consumer = world.AddConsumer(seed.Workspace, seed.ClientId, seed.Secret, seed.Scopes, seed.Private);
        (consumer.Role, consumer.Permission) = (seed.Role, seed.Permission);
    }
}
