using BitbucketOperator.BitbucketSimulator;
using BitbucketOperator.BitbucketSimulator.Cloud;
using BitbucketOperator.BitbucketSimulator.Faults;
using BitbucketOperator.BitbucketSimulator.State;
using BitbucketOperator.Core.Api.V1Alpha1;

namespace BitbucketOperator.Testing.Servers;

internal sealed class PlayedCloud : PlayedServer
{
    public const string Workspace = "acme";
    private const string Id = "workspace:" + Workspace;
    public const string Email = "bot@example.com";
    private const string Bot = "bot";

    private static readonly string[] ReadScopes =
        ["read:user:bitbucket", "read:workspace:bitbucket", "read:project:bitbucket", "read:repository:bitbucket", "read:pullrequest:bitbucket"];

    private static readonly string[] AllScopes = [.. ReadScopes, "read:webhook:bitbucket", "write:webhook:bitbucket", "delete:webhook:bitbucket"];

    private readonly CloudSimulator _simulator;

    private PlayedCloud(CloudSimulator simulator) => _simulator = simulator;

    public override Hosting Hosting => Hosting.Cloud;

    public override FaultEngine Faults => _simulator.Faults;

    public override RequestLog Requests => _simulator.Requests;

    public Uri ApiUrl => _simulator.ApiUrl;

    public Uri TokenUrl => _simulator.TokenUrl;

    public override IReadOnlyList<string> EventSets { get; } =
    [
        "repo:push",
        "pullrequest:created pullrequest:fulfilled",
        "pullrequest:created pullrequest:fulfilled pullrequest:rejected pullrequest:updated repo:push",
    ];

    public override IReadOnlyList<string> Projects =>
        _simulator.Read(w => w.WorkspaceAt(Workspace).Projects.Select(p => p.Key).Order(StringComparer.Ordinal).ToList());

    public override IReadOnlyList<Repo> Repositories => _simulator.Read(w => w.WorkspaceAt(Workspace).Repositories
        .OrderBy(r => r.CreatedOn).Select(r => new Repo(r.Id, r.Project.Key, r.Slug, Archived: false, r.Parent is not null)).ToList());

    public override IReadOnlyList<Hook> Hooks => _simulator.Read(w => w.WorkspaceAt(Workspace).Repositories
        .OrderBy(r => r.CreatedOn).SelectMany(r => r.Webhooks).Concat(w.WorkspaceAt(Workspace).Webhooks).Select(Read).ToList());

    public override IReadOnlyList<string> ProjectLevel { get; } = [Id];

    public static async Task<PlayedCloud> StartAsync(int pageSize, TimeProvider clock)
    {
        var simulator = await CloudSimulator.StartAsync(new CloudOptions { TimeProvider = clock });
        simulator.Change(w =>
        {
            w.Quirks.MaxPagelen = pageSize;
            w.AddWorkspace(Workspace);
            w.AddUser(Bot, Email, Workspace, WorkspaceRole.Member);
        });
        return new PlayedCloud(simulator);
    }

    public override void Limit(int? requests) => _simulator.Change(w =>
    {
        var limit = w.RateLimit;
        (limit.Enabled, limit.RepositoriesPerHour, limit.WebhooksPerHour) = (requests is not null, requests ?? 0, requests ?? 0);
    });

    public override bool IsFree(string project, string slug) =>
        _simulator.Read(w => w.FindProject(Workspace, project) is not null && w.FindRepository(Workspace, slug) is null);

    public override void AddProject(string key) => _simulator.Change(w => w.AddProject(Workspace, key));

    public override void RenameProject(string from, string to) => _simulator.Change(w => w.ProjectAt($"{Workspace}/{from}").Key = to);

    public override void AddRepository(string project, string slug, bool archived, bool fork) => _simulator.Change(w =>
    {
        var made = w.AddRepository(Workspace, project, slug);
        made.Parent = fork ? w.Repositories.First() : null;
        w.UserNamed(Bot).Grant(made, Level.Admin);
    });

    public override void RemoveRepository(string id) => _simulator.Change(w => w.RemoveRepository(At(w, id)));

    public override void MoveRepository(string id, string project, string slug) =>
        _simulator.Change(w => w.MoveRepository(At(w, id), name: slug, project: $"{Workspace}/{project}", slug: slug));

    // Cloud archives nothing.
    public override void Archive(string id, bool archived)
    {
    }

    public override string ProjectLevelOf(Repo repository) => Id;

    public override void AddHook(string scopeId, string title, string? marker, HookFields fields) =>
        _simulator.Change(w => w.AddWebhook(scopeId == Id ? w.WorkspaceAt(Workspace) : At(w, scopeId), h => Write(h, title, fields)));

    public override void ChangeHook(Hook hook) => _simulator.Change(w => Write(w.FindWebhook(Guid.Parse(hook.Id))!, hook.Title, hook.Fields));

    public override void RemoveHook(string id) => _simulator.Change(w => w.RemoveWebhook(w.FindWebhook(Guid.Parse(id))!));

    public override void AddToken(string token) => _simulator.Change(w => w.AddApiToken(w.UserNamed(Bot), token, AllScopes));

    public override void Revoke(string token) => _simulator.Change(w => w.Revoke(token));

    public override void SetManages(string token, bool manages) =>
        _simulator.Change(w => CloudWorld.SetScopes(w.FindToken(token)!, manages ? AllScopes : ReadScopes));

    public override void SetRight(string repositoryId, RepoRight right) => _simulator.Change(w => w.UserNamed(Bot).Grant(At(w, repositoryId), right switch
    {
        RepoRight.Admin => Level.Admin,
        RepoRight.Read => Level.Read,
        _ => Level.None,
    }));

    public override void GrantAll() => Join(Level.Admin);

    public override bool Sees(Repo repository) => _simulator.Read(w => Managed.Count > 0
        || w.UserNamed(Bot).RepositoryGrants.GetValueOrDefault(At(w, repository.Id)) > Level.None
        || w.UserNamed(Bot).WorkspaceGrants.GetValueOrDefault(w.WorkspaceAt(Workspace)) > Level.None);

    protected override void Grant(string scopeId, bool manages) =>
        Join(_simulator.Read(w => w.UserNamed(Bot).WorkspaceGrants.GetValueOrDefault(w.WorkspaceAt(Workspace))));

    private void Join(Level onAll) => _simulator.Change(w =>
        w.UserNamed(Bot).Join(w.WorkspaceAt(Workspace), Managed.Count > 0 ? WorkspaceRole.Owner : WorkspaceRole.Member, onAll));

    public override ValueTask DisposeAsync() => _simulator.DisposeAsync();

    private static Hook Read(CloudWebhook hook) => new(
        hook.Owner is CloudWorkspace ? Id : hook.Owner.Id,
        hook.Id,
        hook.Description ?? "",
        Marker: null,
        new HookFields(hook.Url, HookFields.Join(hook.Events), hook.Active, !hook.SkipCertVerification, hook.Secret));

    private static void Write(CloudWebhook hook, string title, HookFields fields)
    {
        (hook.Description, hook.Url, hook.Active, hook.SkipCertVerification, hook.Secret) = (title, fields.Url, fields.Active, !fields.Ssl, fields.Secret);
        hook.Events = [.. fields.Events.Split(' ')];
    }

    private static CloudRepository At(CloudWorld world, string id) => world.FindRepository(Guid.Parse(id))!;
}
