using BitbucketOperator.BitbucketSimulator.Cloud.Api;
using BitbucketOperator.BitbucketSimulator.State;

namespace BitbucketOperator.BitbucketSimulator.Cloud;

/// <summary>State as people write it: in YAML to start with, in JSON through the control side.</summary>
public sealed class CloudSeed
{
    public CloudQuirks? Quirks { get; set; }

    public CloudRateLimit? RateLimit { get; set; }

    public List<SeedWorkspace> Workspaces { get; set; } = [];

    public List<SeedCloudUser> Users { get; set; } = [];

    public List<SeedCloudToken> Tokens { get; set; } = [];

    public List<SeedConsumer> Consumers { get; set; } = [];

    public CloudGeneration? Generate { get; set; }

    /// <summary>Throws <see cref="StateException"/> that begins with <paramref name="source"/> and a position.</summary>
    public static CloudSeed Read(string yaml, string source = "seed") => SeedReader.Read<CloudSeed>(yaml, source);

    public static CloudSeed ReadFile(string path) => Read(File.ReadAllText(path), path);
}

/// <summary>A workspace in a seed.</summary>
public sealed class SeedWorkspace
{
    public string Slug { get; set; } = "";

    public string? Name { get; set; }

    public bool Private { get; set; } = true;

    public bool ReadOnly { get; set; }

    public bool Spam { get; set; }

    public WorkspaceGate Gate { get; set; }

    public List<SeedCloudProject> Projects { get; set; } = [];

    public List<SeedCloudWebhook> Webhooks { get; set; } = [];
}

/// <summary>A project in a seed.</summary>
public sealed class SeedCloudProject
{
    public string Key { get; set; } = "";

    public string? Name { get; set; }

    public bool Private { get; set; } = true;

    public List<SeedCloudRepository> Repositories { get; set; } = [];
}

/// <summary>A repository in a seed.</summary>
public sealed class SeedCloudRepository
{
    public string Name { get; set; } = "";

    public string? Slug { get; set; }

    public string Description { get; set; } = "";

    public string Language { get; set; } = "";

    public bool Private { get; set; } = true;

    /// <summary>Without commits, so without a main branch.</summary>
    public bool Empty { get; set; }

    public string MainBranch { get; set; } = "main";

    /// <summary>workspace/slug of the repository this one was forked from, which must come before it.</summary>
    public string? ForkOf { get; set; }

    /// <summary>Titles of open pull requests.</summary>
    public List<string> PullRequests { get; set; } = [];

    public List<SeedCloudWebhook> Webhooks { get; set; } = [];
}

/// <summary>A webhook in a seed.</summary>
public sealed class SeedCloudWebhook
{
    public string? Description { get; set; }

    public string Url { get; set; } = "";

    public bool Active { get; set; } = true;

    public bool SkipCertVerification { get; set; }

    public List<string> Events { get; set; } = ["repo:push"];

    public string? Secret { get; set; }

    public bool ReadOnly { get; set; }

    internal void FillIn(CloudWebhook hook)
    {
        (hook.Description, hook.Url, hook.Active) = (Description, Url, Active);
        (hook.SkipCertVerification, hook.Secret, hook.ReadOnly) = (SkipCertVerification, Secret, ReadOnly);
        hook.Events = new(Events, StringComparer.Ordinal);
    }
}

/// <summary>A user in a seed.</summary>
public sealed class SeedCloudUser
{
    public string Name { get; set; } = "";

    public string Email { get; set; } = "";

    public string? DisplayName { get; set; }

    public bool Active { get; set; } = true;

    /// <summary>Workspace to role.</summary>
    public Dictionary<string, WorkspaceRole> Roles { get; set; } = [];

    /// <summary>Workspace to the right on all its repositories.</summary>
    public Dictionary<string, Level> Workspaces { get; set; } = [];

    /// <summary>workspace/slug to the right on that repository.</summary>
    public Dictionary<string, Level> Repositories { get; set; } = [];

    /// <summary>Which nobody takes any more, unless a quirk says so.</summary>
    public List<string> AppPasswords { get; set; } = [];
}

/// <summary>An API token of a user, or an access token of exactly one of workspace, project and repository.</summary>
public sealed class SeedCloudToken
{
    public string Name { get; set; } = "";

    /// <summary>What is sent; made up when absent.</summary>
    public string? Token { get; set; }

    public string? User { get; set; }

    /// <summary>workspace/slug.</summary>
    public string? Repository { get; set; }

    /// <summary>workspace/KEY.</summary>
    public string? Project { get; set; }

    /// <summary>Slug; with <see cref="User"/>, the one workspace the API token is limited to.</summary>
    public string? Workspace { get; set; }

    public List<string> Scopes { get; set; } = [];

    public DateTimeOffset? Expires { get; set; }

    public bool Revoked { get; set; }
}

/// <summary>An OAuth consumer in a seed.</summary>
public sealed class SeedConsumer
{
    public string Workspace { get; set; } = "";

    public string ClientId { get; set; } = "";

    public string Secret { get; set; } = "";

    public List<string> Scopes { get; set; } = [];

    public bool Private { get; set; } = true;

    public WorkspaceRole Role { get; set; } = WorkspaceRole.Owner;

    public Level Permission { get; set; } = Level.Admin;
}

/// <summary>Projects and repositories to make up in one workspace.</summary>
public sealed class CloudGeneration
{
    /// <summary>Its slug; null takes the first one there is, or makes one called <c>generated</c>.</summary>
    public string? Workspace { get; set; }

    public int Projects { get; set; } = 1;

    /// <summary>Repositories in each project.</summary>
    public int Repositories { get; set; } = 1;

    /// <summary>Project keys are this and a number.</summary>
    public string KeyPrefix { get; set; } = "GEN";

    /// <summary>Every n-th repository of a project is empty; 0 means none.</summary>
    public int EmptyEvery { get; set; } = 10;

    /// <summary>Every n-th repository of a project is a fork of its first; 0 means none.</summary>
    public int ForkEvery { get; set; } = 15;

    /// <summary>Reads <c>5x40</c>: five projects with 40 repositories each.</summary>
    public static CloudGeneration Parse(string text)
    {
        var size = Generation.Parse(text);
        return new CloudGeneration { Projects = size.Projects, Repositories = size.Repositories };
    }
}
