using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using BitbucketOperator.BitbucketSimulator.State;

namespace BitbucketOperator.BitbucketSimulator.Cloud;

/// <summary>
/// Everything the played Cloud knows. Not safe for concurrent use: reach it through <see cref="CloudSimulator.Read"/>
/// and <see cref="CloudSimulator.Change"/>, which hold the lock.
/// </summary>
public sealed partial class CloudWorld(TimeProvider clock)
{
    private readonly Dictionary<string, CloudWorkspace> _workspaces = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<string, CloudRepository> _byPath = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<string, CloudRepository> _formerPaths = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<Guid, CloudEntity> _byUuid = [];
    private readonly Dictionary<Guid, CloudWebhook> _webhooks = [];
    private int _lastNumber;

    internal Lock Gate { get; } = new();

    public CloudQuirks Quirks { get; set; } = new();

    public CloudRateLimit RateLimit { get; set; } = new();

    public IEnumerable<CloudWorkspace> Workspaces => _workspaces.Values;

    /// <summary>Of all workspaces.</summary>
    public IEnumerable<CloudRepository> Repositories => _workspaces.Values.SelectMany(w => w.Repositories);

    public IReadOnlyCollection<CloudWebhook> Webhooks => _webhooks.Values;

    /// <summary>By slug.</summary>
    public CloudWorkspace? FindWorkspace(string slug) => _workspaces.GetValueOrDefault(slug);

    /// <summary>By slug and key.</summary>
    public CloudProject? FindProject(string workspaceSlug, string key) =>
        FindWorkspace(workspaceSlug)?.Projects.Find(p => string.Equals(p.Key, key, StringComparison.OrdinalIgnoreCase));

    /// <summary>By <c>workspace/slug</c>.</summary>
    public CloudRepository? FindRepository(string path) => _byPath.GetValueOrDefault(path);

    public CloudRepository? FindRepository(string workspaceSlug, string slug) => FindRepository($"{workspaceSlug}/{slug}");

    public CloudRepository? FindRepository(Guid uuid) => _byUuid.GetValueOrDefault(uuid) as CloudRepository;

    public CloudWebhook? FindWebhook(Guid uuid) => _webhooks.GetValueOrDefault(uuid);

    internal CloudWorkspace? FindWorkspace(Guid uuid) => _byUuid.GetValueOrDefault(uuid) as CloudWorkspace;

    internal CloudRepository? FormerRepository(string path) => _formerPaths.GetValueOrDefault(path);

    /// <summary>The workspace of this slug; throws when there is none.</summary>
    public CloudWorkspace WorkspaceAt(string slug) => FindWorkspace(slug) ?? throw new StateException($"there is no workspace \"{slug}\"");

    /// <summary>The project at <c>workspace/KEY</c>; throws when there is none.</summary>
    public CloudProject ProjectAt(string path)
    {
        var parts = path.Split('/');
        return (parts.Length == 2 ? FindProject(parts[0], parts[1]) : null) ?? throw new StateException($"there is no project \"{path}\"");
    }

    /// <summary>The repository at <c>workspace/slug</c>; throws when there is none.</summary>
    public CloudRepository RepositoryAt(string path) => FindRepository(path) ?? throw new StateException($"there is no repository \"{path}\"");

    public CloudWorkspace AddWorkspace(string slug, string? name = null)
    {
        if (_workspaces.ContainsKey(slug)) throw new StateException($"there is a workspace \"{slug}\" already");
        var workspace = new CloudWorkspace { Uuid = NextUuid(), Slug = slug, Name = name ?? slug };
        _workspaces.Add(slug, workspace);
        _byUuid.Add(workspace.Uuid, workspace);
        return workspace;
    }

    public CloudProject AddProject(string workspaceSlug, string key, string? name = null)
    {
        var workspace = WorkspaceAt(workspaceSlug);
        if (FindProject(workspaceSlug, key) is not null) throw new StateException($"there is a project \"{workspaceSlug}/{key}\" already");
        var project = new CloudProject { Uuid = NextUuid(), Workspace = workspace, Key = key, Name = name ?? key, CreatedOn = clock.GetUtcNow() };
        workspace.Projects.Add(project);
        _byUuid.Add(project.Uuid, project);
        return project;
    }

    /// <summary>The slug is derived from the name unless given.</summary>
    public CloudRepository AddRepository(string workspaceSlug, string projectKey, string name, string? slug = null)
    {
        var project = ProjectAt($"{workspaceSlug}/{projectKey}");
        var now = clock.GetUtcNow();
        var repository = new CloudRepository
        {
            Uuid = NextUuid(),
            Workspace = project.Workspace,
            Project = project,
            Name = name,
            Slug = slug ?? World.SlugOf(name),
            CreatedOn = now,
            UpdatedOn = now,
        };
        if (!_byPath.TryAdd(repository.Path, repository)) throw new StateException($"there is a repository \"{repository.Path}\" already");
        _formerPaths.Remove(repository.Path);
        project.Workspace.Repositories.Add(repository);
        _byUuid.Add(repository.Uuid, repository);
        return repository;
    }

    /// <summary>
    /// Gives a repository another name, slug or project (<c>workspace/KEY</c>). Its uuid and webhooks stay; its access tokens
    /// are revoked when it goes to another workspace.
    /// </summary>
    public void MoveRepository(CloudRepository repository, string? name = null, string? project = null, string? slug = null)
    {
        var target = project is null ? repository.Project : ProjectAt(project);
        var newSlug = slug ?? (name is null ? repository.Slug : World.SlugOf(name));
        var path = $"{target.Workspace.Slug}/{newSlug}";
        if (_byPath.TryGetValue(path, out var other) && other != repository) throw new StateException($"there is a repository \"{path}\" already");
        if (target.Workspace != repository.Workspace) RevokeTokensOf(repository);
        var former = repository.Path;
        _byPath.Remove(former);
        repository.Workspace.Repositories.Remove(repository);
        (repository.Workspace, repository.Project) = (target.Workspace, target);
        (repository.Name, repository.Slug, repository.UpdatedOn) = (name ?? repository.Name, newSlug, clock.GetUtcNow());
        target.Workspace.Repositories.Add(repository);
        _byPath[path] = repository;
        _formerPaths[former] = repository;
        _formerPaths.Remove(path);
    }

    /// <summary>Removes a repository with its webhooks and access tokens.</summary>
    public void RemoveRepository(CloudRepository repository)
    {
        foreach (var hook in repository.Webhooks.ToArray()) RemoveWebhook(hook);
        RevokeTokensOf(repository);
        repository.Workspace.Repositories.Remove(repository);
        _byPath.Remove(repository.Path);
        _byUuid.Remove(repository.Uuid);
        foreach (var path in _formerPaths.Where(p => p.Value == repository).Select(p => p.Key).ToArray()) _formerPaths.Remove(path);
    }

    /// <summary>Adds a webhook and lets <paramref name="fill"/> set it up. Nothing is unique but the uuid.</summary>
    public CloudWebhook AddWebhook(CloudWebhookOwner owner, Action<CloudWebhook> fill)
    {
        var uuid = NextUuid();
        var hook = new CloudWebhook { Uuid = uuid, Owner = owner, CreatedAt = clock.GetUtcNow(), Number = _lastNumber };
        fill(hook);
        owner.Webhooks.Add(hook);
        _webhooks.Add(uuid, hook);
        return hook;
    }

    public void RemoveWebhook(CloudWebhook webhook)
    {
        webhook.Owner.Webhooks.Remove(webhook);
        _webhooks.Remove(webhook.Uuid);
    }

    /// <summary>Forgets all entities; uuids go on, so that nothing new looks like something old.</summary>
    public void Clear()
    {
        _workspaces.Clear();
        _byPath.Clear();
        _formerPaths.Clear();
        _byUuid.Clear();
        _webhooks.Clear();
        _users.Clear();
        _tokens.Clear();
        _consumers.Clear();
    }

    /// <summary>The same from run to run, and without visible order.</summary>
    private Guid NextUuid()
    {
        Span<byte> number = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(number, ++_lastNumber);
        var hash = SHA256.HashData(number);
        hash[7] = (byte)((hash[7] & 0x0F) | 0x40);
        hash[8] = (byte)((hash[8] & 0x3F) | 0x80);
        return new Guid(hash.AsSpan(0, 16));
    }

    private string MadeUp(string prefix, int length)
    {
        var text = new StringBuilder(prefix);
        for (var part = 0; text.Length < length; part++)
        {
            var seed = Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{prefix} {++_lastNumber} {part}"));
            text.Append(Convert.ToBase64String(SHA256.HashData(seed)).Replace('+', '-').Replace('/', '_').TrimEnd('='));
        }

        return text.ToString(0, length);
    }
}
