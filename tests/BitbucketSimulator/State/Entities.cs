namespace BitbucketOperator.BitbucketSimulator.State;

/// <summary>A person or bot that can log in.</summary>
public sealed class User
{
    public required int Id { get; init; }

    public required string Name { get; init; }

    /// <summary>Differs from the name where the name has characters a URL does not take.</summary>
    public required string Slug { get; init; }

    public string DisplayName { get; set; } = "";

    public string? Email { get; set; }

    public string? Password { get; set; }

    public bool Active { get; set; } = true;

    public GlobalRight Global { get; set; } = GlobalRight.LicensedUser;

    /// <summary>Project id to right.</summary>
    public Dictionary<int, Level> ProjectGrants { get; } = [];

    /// <summary>Repository id to right.</summary>
    public Dictionary<int, Level> RepositoryGrants { get; } = [];

    /// <summary>Failed Basic logins in a row; at the configured number a CAPTCHA is asked for.</summary>
    public int FailedLogins { get; set; }
}

/// <summary>What can own webhooks.</summary>
public abstract class WebhookOwner
{
    public required int Id { get; init; }

    public List<Webhook> Webhooks { get; } = [];

    /// <summary>KEY for a project, KEY/slug for a repository.</summary>
    public abstract string Path { get; }
}

/// <summary>A project; personal when its key starts with a tilde.</summary>
public sealed class Project : WebhookOwner
{
    public required string Key { get; set; }

    public required string Name { get; set; }

    public string? Description { get; set; }

    public bool Public { get; set; }

    /// <summary>The owner of a personal project.</summary>
    public User? Owner { get; init; }

    /// <summary>What every logged-in user may do here.</summary>
    public Level DefaultLevel { get; set; }

    /// <summary>Repository admins may not manage webhooks here, only project admins.</summary>
    public bool RestrictsRepositoryAdmins { get; set; }

    public List<Repository> Repositories { get; } = [];

    public bool Personal => Owner is not null;

    public override string Path => Key;
}

/// <summary>A repository. The id never changes; project, name and slug can.</summary>
public sealed class Repository : WebhookOwner
{
    public required Project Project { get; set; }

    public required string Name { get; set; }

    public required string Slug { get; set; }

    public string? Description { get; set; }

    public bool Archived { get; set; }

    public bool Public { get; set; }

    /// <summary>AVAILABLE, INITIALISING, INITIALISATION_FAILED or OFFLINE.</summary>
    public string State { get; set; } = "AVAILABLE";

    public Repository? Origin { get; set; }

    public override string Path => $"{Project.Key}/{Slug}";
}

/// <summary>An HTTP access token of a user, a project or a repository.</summary>
public sealed class Token
{
    public required int Id { get; init; }

    public required string Name { get; init; }

    /// <summary>What is sent as Bearer.</summary>
    public required string Secret { get; init; }

    public User? User { get; init; }

    public Project? Project { get; init; }

    public Repository? Repository { get; init; }

    public HashSet<Right> Permissions { get; } = [];

    public DateTimeOffset? ExpiresAt { get; set; }

    public bool Revoked { get; set; }

    /// <summary>The login the server reports: the user's, or a made-up one that no directory knows.</summary>
    public string Login => User?.Name ?? $"access-token-user_{Id}";

    internal Level ProjectLevel => Permissions.Where(p => p.OnProject).Select(p => p.Level).DefaultIfEmpty().Max();

    internal Level RepositoryLevel => Permissions.Select(p => p.Level).DefaultIfEmpty().Max();
}
