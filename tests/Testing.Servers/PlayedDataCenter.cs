using System.Globalization;
using BitbucketOperator.BitbucketSimulator;
using BitbucketOperator.BitbucketSimulator.Faults;
using BitbucketOperator.BitbucketSimulator.State;
using BitbucketOperator.Core.Api.V1Alpha1;

namespace BitbucketOperator.Testing.Servers;

internal sealed class PlayedDataCenter : PlayedServer
{
    private const string Bot = "ci-bot";
    private const string Prefix = "project:";
    private readonly Simulator _simulator;

    private PlayedDataCenter(Simulator simulator) => _simulator = simulator;

    public override Hosting Hosting => Hosting.DataCenter;

    public override FaultEngine Faults => _simulator.Faults;

    public override RequestLog Requests => _simulator.Requests;

    public Uri Url => _simulator.BaseUrl;

    public override IReadOnlyList<string> EventSets { get; } =
    [
        "repo:refs_changed",
        "pr:merged pr:opened",
        "pr:declined pr:deleted pr:from_ref_updated pr:merged pr:opened repo:refs_changed",
    ];

    public override IReadOnlyList<string> Projects => _simulator.Read(w => w.Projects.Select(p => p.Key).Order(StringComparer.Ordinal).ToList());

    public override IReadOnlyList<Repo> Repositories => _simulator.Read(w => w.Repositories
        .Select(r => new Repo(Text(r.Id), r.Project.Key, r.Slug, r.Archived, r.Origin is not null)).ToList());

    public override IReadOnlyList<Hook> Hooks =>
        _simulator.Read(w => w.Repositories.SelectMany(r => r.Webhooks).Concat(w.Projects.SelectMany(p => p.Webhooks)).Select(Read).ToList());

    public override IReadOnlyList<string> ProjectLevel => [.. Projects.Select(IdOf)];

    public static async Task<PlayedDataCenter> StartAsync(int pageSize, TimeProvider clock)
    {
        var simulator = await Simulator.StartAsync(new SimulatorOptions { TimeProvider = clock });
        simulator.Change(w =>
        {
            w.Quirks.PageCap = pageSize;
            w.Quirks.WebhookPageCap = pageSize;
            w.AddUser(Bot);
        });
        return new PlayedDataCenter(simulator);
    }

    public override void Limit(int? requests) => _simulator.Change(w =>
    {
        var limit = w.RateLimit;
        (limit.Enabled, limit.Capacity, limit.FillRate, limit.RetryAfter) = (requests is not null, requests ?? 0, 0.5, RetryAfter.None);
    });

    public override bool IsFree(string project, string slug) =>
        _simulator.Read(w => w.FindProject(project) is not null && w.FindRepository(project, slug) is null);

    public override void AddProject(string key) => _simulator.Change(w => w.AddProject(key));

    public override void RenameProject(string from, string to)
    {
        _simulator.Change(w => w.RenameProject(w.ProjectAt(from), to));
        if (Managed.Remove(IdOf(from)))
        {
            Managed.Add(IdOf(to));
        }
    }

    public override void AddRepository(string project, string slug, bool archived, bool fork) => _simulator.Change(w =>
    {
        var made = w.AddRepository(project, slug);
        made.Archived = archived;
        made.Origin = fork ? w.Repositories[0] : null;
        w.UserNamed(Bot).RepositoryGrants[made.Id] = Level.Admin;
    });

    public override void RemoveRepository(string id) => _simulator.Change(w => w.RemoveRepository(At(w, id)));

    public override void MoveRepository(string id, string project, string slug) =>
        _simulator.Change(w => w.MoveRepository(At(w, id), name: slug, key: project, slug: slug));

    public override void Archive(string id, bool archived) => _simulator.Change(w => At(w, id).Archived = archived);

    public override string ProjectLevelOf(Repo repository) => IdOf(repository.Project);

    public override void AddHook(string scopeId, string title, string? marker, HookFields fields) => _simulator.Change(w =>
        w.AddWebhook(ProjectLevel.Contains(scopeId) ? w.ProjectAt(scopeId[Prefix.Length..]) : At(w, scopeId), h => Write(h, title, marker, fields)));

    public override void ChangeHook(Hook hook) =>
        _simulator.Change(w => Write(w.FindWebhook(Number(hook.Id))!, hook.Title, hook.Marker, hook.Fields));

    public override void RemoveHook(string id) => _simulator.Change(w => w.RemoveWebhook(w.FindWebhook(Number(id))!));

    public override void AddToken(string token) =>
        _simulator.Change(w => w.AddToken(token, w.UserNamed(Bot), ["PROJECT_ADMIN", "REPO_ADMIN"], token));

    public override void Revoke(string token) => _simulator.Change(w => w.FindToken(token)!.Revoked = true);

    public override void SetManages(string token, bool manages) => _simulator.Change(w =>
        BitbucketSimulator.State.World.SetPermissions(w.FindToken(token)!, manages ? ["PROJECT_ADMIN", "REPO_ADMIN"] : ["PROJECT_READ", "REPO_READ"]));

    public override void SetRight(string repositoryId, RepoRight right) => _simulator.Change(w =>
        w.UserNamed(Bot).RepositoryGrants[Number(repositoryId)] = right switch
        {
            RepoRight.Admin => Level.Admin,
            RepoRight.Read => Level.Read,
            _ => Level.None,
        });

    public override void GrantAll() => _simulator.Change(w =>
    {
        foreach (var project in w.Projects)
        {
            w.UserNamed(Bot).ProjectGrants[project.Id] = Managed.Contains(IdOf(project.Key)) ? Level.Admin : Level.Read;
        }

        foreach (var repository in w.Repositories)
        {
            w.UserNamed(Bot).RepositoryGrants[repository.Id] = Level.Admin;
        }
    });

    public override bool Sees(Repo repository) => _simulator.Read(w => Managed.Contains(ProjectLevelOf(repository))
        || w.UserNamed(Bot).RepositoryGrants.GetValueOrDefault(Number(repository.Id)) > Level.None
        || w.UserNamed(Bot).ProjectGrants.GetValueOrDefault(w.ProjectAt(repository.Project).Id) > Level.None);

    protected override void Grant(string scopeId, bool manages) => _simulator.Change(w =>
        w.UserNamed(Bot).ProjectGrants[w.ProjectAt(scopeId[Prefix.Length..]).Id] = manages ? Level.Admin : Level.None);

    private static string IdOf(string key) => Prefix + key;

    public override ValueTask DisposeAsync() => _simulator.DisposeAsync();

    private static Hook Read(Webhook hook) => new(
        hook.Owner is Project project ? IdOf(project.Key) : Text(hook.Owner.Id),
        Text(hook.Id),
        hook.Name,
        hook.Configuration.GetValueOrDefault("createdBy"),
        new HookFields(hook.Url, HookFields.Join(hook.Events), hook.Active, hook.SslVerificationRequired, hook.Secret));

    private static void Write(Webhook hook, string title, string? marker, HookFields fields)
    {
        (hook.Name, hook.Url, hook.Active, hook.SslVerificationRequired) = (title, fields.Url, fields.Active, fields.Ssl);
        hook.Events = [.. fields.Events.Split(' ')];
        Set("createdBy", marker);
        Set("secret", fields.Secret);

        void Set(string key, string? value)
        {
            if (value is null)
            {
                hook.Configuration.Remove(key);
            }
            else
            {
                hook.Configuration[key] = value;
            }
        }
    }

    private static Repository At(BitbucketSimulator.State.World world, string id) => world.FindRepository(Number(id))!;

    private static int Number(string id) => int.Parse(id, CultureInfo.InvariantCulture);

    private static string Text(int id) => id.ToString(CultureInfo.InvariantCulture);
}
