using BitbucketOperator.Core.Port;

namespace BitbucketOperator.Core.Model;

/// <summary>What a connection asks for, with defaults filled in.</summary>
public sealed record ConnectionSpec
{
    /// <summary>The interval where none can be read.</summary>
    public static readonly TimeSpan DefaultInterval = TimeSpan.FromMinutes(10);

    /// <summary>The webhook interval where none can be read.</summary>
    public static readonly TimeSpan DefaultWebhookInterval = TimeSpan.FromHours(1);

    /// <summary>spec.url as written.</summary>
    public required string Url { get; init; }

    /// <summary>spec.hosting; null when it is derived from the URL.</summary>
    public Flavour? DeclaredFlavour { get; init; }

    /// <summary>spec.workspace; null when the URL names the workspace.</summary>
    public string? DeclaredWorkspace { get; init; }

    /// <summary>The credential for everything.</summary>
    public required CredentialSource Auth { get; init; }

    /// <summary>The credential for webhooks alone; null when <see cref="Auth"/> serves for them too.</summary>
    public CredentialSource? WebhookAuth { get; init; }

    /// <summary>Where certificate authorities come from; null for the system's alone.</summary>
    public CaBundleSource? CaBundle { get; init; }

    /// <summary>Accept every server certificate.</summary>
    public bool InsecureSkipVerify { get; init; }

    /// <summary>The proxy; null for that of the environment.</summary>
    public ProxySource? Proxy { get; init; }

    /// <summary>Which repositories matter.</summary>
    public DiscoveryRules Discovery { get; init; } = new();

    /// <summary>The webhooks that each of them must have.</summary>
    public IReadOnlyList<WebhookEntry> Webhooks { get; init; } = [];

    /// <summary>Whether webhooks are written.</summary>
    public WriteMode Mode { get; init; }

    /// <summary>What to do about an unmanaged webhook of the same URL.</summary>
    public AdoptionRule Adoption { get; init; }

    /// <summary>What becomes of our webhooks when the resource is deleted.</summary>
    public DeletionRule DeletionPolicy { get; init; }

    /// <summary>Time between discoveries.</summary>
    public TimeSpan Interval { get; init; } = DefaultInterval;

    /// <summary>Time within which every webhook is verified.</summary>
    public TimeSpan WebhookInterval { get; init; } = DefaultWebhookInterval;

    /// <summary>Nothing is read or written.</summary>
    public bool Suspend { get; init; }

    /// <summary>The server's root; null when <see cref="Url"/> is not an absolute http or https URL.</summary>
    public Uri? Root => HttpUrl.Parse(Url.TrimEnd('/'));

    /// <summary>The flavour: as declared, else bitbucket.org is Cloud and every other host is Data Center.</summary>
    public Flavour Flavour => DeclaredFlavour ?? (Root is { } url && HttpUrl.IsCloud(url) ? Flavour.Cloud : Flavour.DataCenter);

    /// <summary>Cloud: the workspace's slug, as declared or from the URL; null on Data Center and where neither names one.</summary>
    public string? Workspace => Flavour == Flavour.Cloud && Root is { } url ? DeclaredWorkspace ?? HttpUrl.WorkspaceIn(url) : null;

    /// <summary>The field that names the workspace, for messages.</summary>
    public string WorkspaceField => DeclaredWorkspace is null ? Fields.Url : Fields.Workspace;

    /// <summary>Tells one server from another, whoever authenticates: its root, and on Cloud the workspace.</summary>
    public string ServerKey => Workspace is { } workspace
        ? $"{Flavour.Cloud} {workspace.ToUpperInvariant()}"
        : Root?.GetLeftPart(UriPartial.Path).TrimEnd('/') ?? "";

    /// <summary>The same for people, as an address.</summary>
    public string Address => Root is { } url && Workspace is { } workspace
        ? $"{url.GetLeftPart(UriPartial.Authority)}/{workspace.ToLowerInvariant()}"
        : ServerKey;

    /// <summary>The field that names the credential for webhooks, for messages.</summary>
    public string WebhookAuthField => WebhookAuth is null ? Fields.Auth : Fields.WebhookAuth;
}

/// <summary>Where a credential comes from.</summary>
/// <param name="Kind">What kind it is.</param>
/// <param name="SecretName">The Secret that holds it.</param>
public sealed record CredentialSource(CredentialKind Kind, string SecretName)
{
    /// <summary>The keys that the resource names itself, by their usual name such as <c>token</c>.</summary>
    public IReadOnlyDictionary<string, string> Keys { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>When the credential ends; null when that is not known.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }
}

/// <summary>Where certificate authorities come from.</summary>
/// <param name="InSecret">In a Secret; false: in a ConfigMap.</param>
/// <param name="Name">The object's name.</param>
/// <param name="Key">The key that holds them.</param>
public sealed record CaBundleSource(bool InSecret, string Name, string Key);

/// <summary>A proxy on the way to the server.</summary>
/// <param name="Url">Its address.</param>
/// <param name="SecretName">The Secret that holds its user name and password; null when it asks for none.</param>
public sealed record ProxySource(string Url, string? SecretName);

/// <summary>Which repositories matter. The lists are as written.</summary>
public sealed record DiscoveryRules
{
    /// <summary>Project keys; empty for everything that the credential can see.</summary>
    public IReadOnlyList<string> Projects { get; init; } = [];

    /// <summary>Globs over PROJECT/slug; empty for all.</summary>
    public IReadOnlyList<string> Include { get; init; } = [];

    /// <summary>Globs over PROJECT/slug to leave out.</summary>
    public IReadOnlyList<string> Exclude { get; init; } = [];

    /// <summary>An exact list of PROJECT/slug; empty for none.</summary>
    public IReadOnlyList<string> Repositories { get; init; } = [];

    /// <summary>Archived repositories too.</summary>
    public bool Archived { get; init; }

    /// <summary>Forks too.</summary>
    public bool Forks { get; init; } = true;

    /// <summary>Personal repositories too.</summary>
    public bool Personal { get; init; }

    /// <summary>A listing that lost more than this percentage removes no webhook until it is confirmed.</summary>
    public int MaxShrinkPercent { get; init; } = 50;
}

/// <summary>An entry of spec.webhooks.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Url">Where deliveries go.</param>
public sealed record WebhookEntry(string Name, string Url)
{
    /// <summary>Native event keys; empty for pushes and pull requests.</summary>
    public IReadOnlyList<string> Events { get; init; } = [];

    /// <summary>The key of a Secret that holds the HMAC secret; null for none.</summary>
    public SecretKeySource? Secret { get; init; }

    /// <summary>The operator makes the HMAC secret.</summary>
    public bool GenerateSecret { get; init; }

    /// <summary>Where the webhook is to be.</summary>
    public LevelChoice Level { get; init; }

    /// <summary>Whether Bitbucket checks the receiver's certificate.</summary>
    public bool SslVerification { get; init; } = true;

    /// <summary>False to keep it switched off.</summary>
    public bool Active { get; init; } = true;

    /// <summary>Test it after a change.</summary>
    public bool TestPing { get; init; }
}

/// <summary>A key of a Secret.</summary>
/// <param name="Name">The Secret's name.</param>
/// <param name="Key">The key.</param>
public sealed record SecretKeySource(string Name, string Key);

/// <summary>Where a webhook is to be.</summary>
public enum LevelChoice
{
    /// <summary>As high as the rules allow.</summary>
    Auto,

    /// <summary>On each repository.</summary>
    Repository,

    /// <summary>Data Center: on the project.</summary>
    Project,

    /// <summary>Cloud: on the workspace.</summary>
    Workspace,
}

/// <summary>Whether webhooks are written.</summary>
public enum WriteMode
{
    /// <summary>They are.</summary>
    Enforce,

    /// <summary>Changes are reported only.</summary>
    Plan,
}

/// <summary>What to do about an unmanaged webhook of the same URL.</summary>
public enum AdoptionRule
{
    /// <summary>Adopt it when it is as desired.</summary>
    IfIdentical,

    /// <summary>Leave it and report it.</summary>
    Never,

    /// <summary>Adopt it and make it as desired.</summary>
    Always,
}

/// <summary>What becomes of our webhooks when the resource is deleted.</summary>
public enum DeletionRule
{
    /// <summary>They are removed first.</summary>
    Delete,

    /// <summary>They stay.</summary>
    Retain,
}
