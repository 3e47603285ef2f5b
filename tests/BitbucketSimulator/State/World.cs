using System.Globalization;
using System.Text;

namespace BitbucketOperator.BitbucketSimulator.State;

/// <summary>
/// Everything the server knows. Not safe for concurrent use: reach it through <see cref="Simulator.Read"/> and
/// <see cref="Simulator.Change"/>, which hold the lock.
/// </summary>
public sealed class World(TimeProvider clock)
{
    private readonly Dictionary<string, User> _users = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<string, Project> _projects = new(StringComparer.OrdinalIgnoreCase);
    private readonly SortedList<int, Repository> _repositories = [];
    private readonly Dictionary<string, Repository> _byPath = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<string, Repository> _formerPaths = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<string, Project> _formerKeys = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<int, Webhook> _webhooks = [];
    private readonly Dictionary<string, Token> _tokens = new(StringComparer.Ordinal);
    private int _lastId;

    internal Lock Gate { get; } = new();

    public ServerVersion Version { get; set; } = new(9, 4, 2);

    public ServerStatus Status { get; set; }

    /// <summary>Public access: requests with an invalid token count as anonymous instead of being refused.</summary>
    public bool PublicAccess { get; set; }

    public Quirks Quirks { get; set; } = new();

    public RateLimit RateLimit { get; set; } = new();

    public IEnumerable<User> Users => _users.Values;

    public IEnumerable<Project> Projects => _projects.Values;

    /// <summary>In the order of their ids.</summary>
    public IList<Repository> Repositories => _repositories.Values;

    public IEnumerable<Webhook> Webhooks => _webhooks.Values;

    public IEnumerable<Token> Tokens => _tokens.Values;

    public User? FindUser(string name) => _users.GetValueOrDefault(name);

    public Project? FindProject(string key) => _projects.GetValueOrDefault(key);

    public Repository? FindRepository(string key, string slug) => _byPath.GetValueOrDefault($"{key}/{slug}");

    public Repository? FindRepository(int id) => _repositories.GetValueOrDefault(id);

    public Webhook? FindWebhook(int id) => _webhooks.GetValueOrDefault(id);

    /// <summary>Finds by what is sent, not by name.</summary>
    public Token? FindToken(string secret) => _tokens.GetValueOrDefault(secret);

    internal Project? FormerProject(string key) => _formerKeys.GetValueOrDefault(key);

    internal Repository? FormerRepository(string key, string slug) => _formerPaths.GetValueOrDefault($"{key}/{slug}");

    /// <summary>The token of this name; throws when there is none.</summary>
    public Token TokenNamed(string name) =>
        _tokens.Values.FirstOrDefault(t => t.Name == name) ?? throw new StateException($"there is no token \"{name}\"");

    /// <summary>The user of this name; throws when there is none.</summary>
    public User UserNamed(string name) => FindUser(name) ?? throw new StateException($"there is no user \"{name}\"");

    /// <summary>The project of this key; throws when there is none.</summary>
    public Project ProjectAt(string key) => FindProject(key) ?? throw new StateException($"there is no project \"{key}\"");

    /// <summary>The repository at KEY/slug; throws when there is none.</summary>
    public Repository RepositoryAt(string path)
    {
        return _byPath.GetValueOrDefault(path) ?? throw new StateException($"there is no repository \"{path}\"");
    }

    public User AddUser(string name, string? password = null, GlobalRight global = GlobalRight.LicensedUser)
    {
        if (_users.ContainsKey(name)) throw new StateException($"there is a user \"{name}\" already");
        var user = new User { Id = NextId(), Name = name, Slug = SlugOf(name), DisplayName = name, Password = password, Global = global };
        _users.Add(name, user);
        return user;
    }

    /// <summary>A key that starts with a tilde makes the personal project of that user, who must exist.</summary>
    public Project AddProject(string key, string? name = null)
    {
        if (_projects.ContainsKey(key)) throw new StateException($"there is a project \"{key}\" already");
        var owner = key.StartsWith('~') ? UserNamed(key[1..]) : null;
        var project = new Project { Id = NextId(), Key = key, Name = name ?? owner?.DisplayName ?? key, Owner = owner };
        _projects.Add(key, project);
        return project;
    }

    /// <summary>The slug is derived from the name unless given.</summary>
    public Repository AddRepository(string key, string name, string? slug = null)
    {
        var project = ProjectAt(key);
        slug ??= SlugOf(name);
        var repository = new Repository { Id = NextId(), Project = project, Name = name, Slug = slug };
        if (!_byPath.TryAdd(repository.Path, repository)) throw new StateException($"there is a repository \"{repository.Path}\" already");
        _formerPaths.Remove(repository.Path);
        _repositories.Add(repository.Id, repository);
        project.Repositories.Add(repository);
        return repository;
    }

    /// <summary>Gives a repository another name, slug or project; its id stays and its old address is remembered.</summary>
    public void MoveRepository(Repository repository, string? name = null, string? key = null, string? slug = null)
    {
        var project = key is null ? repository.Project : ProjectAt(key);
        var target = slug ?? (name is null ? repository.Slug : SlugOf(name));
        var path = $"{project.Key}/{target}";
        if (_byPath.TryGetValue(path, out var other) && other != repository) throw new StateException($"there is a repository \"{path}\" already");
        var former = repository.Path;
        _byPath.Remove(former);
        repository.Project.Repositories.Remove(repository);
        (repository.Project, repository.Slug, repository.Name) = (project, target, name ?? repository.Name);
        project.Repositories.Add(repository);
        _byPath[path] = repository;
        _formerPaths[former] = repository;
        _formerPaths.Remove(path);
    }

    /// <summary>Gives a project another key; its old key is remembered.</summary>
    public void RenameProject(Project project, string key)
    {
        if (_projects.TryGetValue(key, out var other) && other != project) throw new StateException($"there is a project \"{key}\" already");
        foreach (var repository in project.Repositories) _byPath.Remove(repository.Path);
        _projects.Remove(project.Key);
        _formerKeys[project.Key] = project;
        project.Key = key;
        _formerKeys.Remove(key);
        _projects[key] = project;
        foreach (var repository in project.Repositories) _byPath[repository.Path] = repository;
    }

    public void RemoveRepository(Repository repository)
    {
        foreach (var hook in repository.Webhooks.ToArray()) RemoveWebhook(hook);
        _repositories.Remove(repository.Id);
        _byPath.Remove(repository.Path);
        repository.Project.Repositories.Remove(repository);
        foreach (var path in _formerPaths.Where(p => p.Value == repository).Select(p => p.Key).ToArray()) _formerPaths.Remove(path);
        foreach (var token in _tokens.Values.Where(t => t.Repository == repository).ToArray()) _tokens.Remove(token.Secret);
    }

    /// <summary>Adds a webhook and lets <paramref name="fill"/> set it up. Nothing is unique but the id.</summary>
    public Webhook AddWebhook(WebhookOwner owner, Action<Webhook> fill)
    {
        var now = clock.GetUtcNow();
        var hook = new Webhook { Id = NextId(), Owner = owner, CreatedDate = now, UpdatedDate = now };
        fill(hook);
        owner.Webhooks.Add(hook);
        _webhooks.Add(hook.Id, hook);
        return hook;
    }

    public void RemoveWebhook(Webhook webhook)
    {
        webhook.Owner.Webhooks.Remove(webhook);
        _webhooks.Remove(webhook.Id);
    }

    /// <summary>Adds a token of a user, a project or a repository. A secret is made up unless given.</summary>
    public Token AddToken(string name, object owner, IEnumerable<string> permissions, string? secret = null)
    {
        var id = NextId();
        var token = new Token
        {
            Id = id,
            Name = name,
            Secret = secret ?? $"BBDC-{id:D6}-{SlugOf(name)}",
            User = owner as User,
            Project = owner as Project,
            Repository = owner as Repository,
        };
        SetPermissions(token, permissions);
        if (!_tokens.TryAdd(token.Secret, token)) throw new StateException($"token \"{name}\" has the same value as another one");
        return token;
    }

    /// <summary>Replaces a token's permissions, with the server's own rules on which ones go together.</summary>
    public static void SetPermissions(Token token, IEnumerable<string> permissions)
    {
        var parsed = permissions.Select(Right.Parse).ToHashSet();
        if (token.Repository is not null && parsed.Any(p => p.OnProject))
            throw new StateException($"token \"{token.Name}\" belongs to a repository and takes only REPO_ permissions");
        token.Permissions.Clear();
        token.Permissions.UnionWith(parsed);
    }

    /// <summary>Forgets all entities; ids go on, so that nothing new looks like something old.</summary>
    public void Clear()
    {
        _users.Clear();
        _projects.Clear();
        _repositories.Clear();
        _byPath.Clear();
        _formerPaths.Clear();
        _formerKeys.Clear();
        _webhooks.Clear();
        _tokens.Clear();
    }

    internal int NextId() => ++_lastId;

    internal static string SlugOf(string name)
    {
        var text = new StringBuilder(name.Length);
        foreach (var c in name.ToLower(CultureInfo.InvariantCulture)) text.Append(char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-' ? c : '-');
        return text.ToString();
    }
}

/// <summary>The state does not allow what was asked; the message says why.</summary>
public sealed class StateException : Exception
{
    public StateException()
    {
    }

    public StateException(string message)
        : base(message)
    {
    }

    public StateException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
