namespace BitbucketOperator.BitbucketSimulator.State;

/// <summary>State as people write it: in YAML to start with, in JSON through the control side.</summary>
public sealed class Seed
{
    public string? Version { get; set; }

    public ServerStatus? Status { get; set; }

    public bool? PublicAccess { get; set; }

    public Quirks? Quirks { get; set; }

    public RateLimit? RateLimit { get; set; }

    public List<SeedUser> Users { get; set; } = [];

    public List<SeedProject> Projects { get; set; } = [];

    public List<SeedToken> Tokens { get; set; } = [];

    public Generation? Generate { get; set; }
}

public sealed class SeedUser
{
    public string Name { get; set; } = "";

    public string? Password { get; set; }

    public string? DisplayName { get; set; }

    public string? Email { get; set; }

    public bool Active { get; set; } = true;

    public GlobalRight Global { get; set; } = GlobalRight.LicensedUser;

    /// <summary>Project key to PROJECT_READ, PROJECT_WRITE or PROJECT_ADMIN.</summary>
    public Dictionary<string, string> Projects { get; set; } = [];

    /// <summary>KEY/slug to REPO_READ, REPO_WRITE or REPO_ADMIN.</summary>
    public Dictionary<string, string> Repositories { get; set; } = [];
}

public sealed class SeedProject
{
    public string Key { get; set; } = "";

    public string? Name { get; set; }

    public string? Description { get; set; }

    public bool Public { get; set; }

    public string? DefaultPermission { get; set; }

    public bool RestrictsRepositoryAdmins { get; set; }

    public List<SeedRepository> Repositories { get; set; } = [];

    public List<SeedWebhook> Webhooks { get; set; } = [];
}

public sealed class SeedRepository
{
    public string Name { get; set; } = "";

    public string? Slug { get; set; }

    public string? Description { get; set; }

    public bool Archived { get; set; }

    public bool Public { get; set; }

    public string State { get; set; } = "AVAILABLE";

    /// <summary>KEY/slug of the repository this one was forked from, which must come before it.</summary>
    public string? ForkOf { get; set; }

    public List<SeedWebhook> Webhooks { get; set; } = [];
}

public sealed class SeedWebhook
{
    public string Name { get; set; } = "";

    public string Url { get; set; } = "";

    public bool Active { get; set; } = true;

    public List<string> Events { get; set; } = [];

    public string? Secret { get; set; }

    public Dictionary<string, string> Configuration { get; set; } = [];

    public bool SslVerificationRequired { get; set; } = true;

    public string? Username { get; set; }

    public string? Password { get; set; }

    internal void FillIn(Webhook hook)
    {
        (hook.Name, hook.Url, hook.Active) = (Name, Url, Active);
        hook.Events = new(Events, StringComparer.Ordinal);
        hook.Configuration = new(Configuration, StringComparer.Ordinal);
        if (Secret is not null) hook.Configuration["secret"] = Secret;
        (hook.SslVerificationRequired, hook.Username, hook.Password) = (SslVerificationRequired, Username, Password);
    }
}

/// <summary>A token of exactly one of user, project and repository.</summary>
public sealed class SeedToken
{
    public string Name { get; set; } = "";

    /// <summary>What is sent; made up when absent.</summary>
    public string? Token { get; set; }

    public string? User { get; set; }

    public string? Project { get; set; }

    /// <summary>KEY/slug.</summary>
    public string? Repository { get; set; }

    public List<string> Permissions { get; set; } = [];

    public DateTimeOffset? Expires { get; set; }

    public bool Revoked { get; set; }
}

/// <summary>Projects and repositories to make up.</summary>
public sealed class Generation
{
    public int Projects { get; set; } = 1;

    /// <summary>Repositories in each project.</summary>
    public int Repositories { get; set; } = 1;

    /// <summary>Project keys are this and a number.</summary>
    public string KeyPrefix { get; set; } = "GEN";

    /// <summary>Every n-th repository of a project is archived; 0 means none.</summary>
    public int ArchivedEvery { get; set; } = 10;

    /// <summary>Every n-th repository of a project is a fork of its first; 0 means none.</summary>
    public int ForkEvery { get; set; } = 15;

    /// <summary>One personal repository for each of these users.</summary>
    public List<string> PersonalFor { get; set; } = [];

    /// <summary>User to the right on each project in turn; NONE leaves one out; a short list starts again.</summary>
    public Dictionary<string, List<string>> Grants { get; set; } = [];

    /// <summary>Reads <c>6x34</c>: six projects with 34 repositories each.</summary>
    public static Generation Parse(string text)
    {
        var parts = text.Split('x');
        if (parts.Length == 2 && int.TryParse(parts[0], out var projects) && int.TryParse(parts[1], out var repositories) && projects > 0 && repositories >= 0)
            return new Generation { Projects = projects, Repositories = repositories };
        throw new FormatException($"\"{text}\" is not PROJECTSxREPOSITORIES, as in 6x34");
    }
}
