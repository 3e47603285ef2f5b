using System.Text.Json.Serialization;

namespace BitbucketOperator.Core.Api.V1Alpha1;

/// <summary>What is wanted of a Bitbucket server.</summary>
[ValidationRule(
    "!has(self.hosting) || (self.hosting == 'Cloud') == " + IsCloudUrl,
    "hosting does not fit url: bitbucket.org is Cloud, every other host is DataCenter; remove hosting to have it derived",
    FieldPath = ".hosting")]
[ValidationRule(
    IsCloudUrl + " ? self.auth.type in ['OAuth2', 'APIToken', 'AccessToken', 'AppPassword'] : self.auth.type in ['HTTPAccessToken', 'Basic']",
    "auth.type does not exist on this server: Data Center knows HTTPAccessToken and Basic; Bitbucket Cloud knows OAuth2, APIToken, AccessToken and AppPassword",
    FieldPath = ".auth.type")]
[ValidationRule(
    "!has(self.webhookAuth) || (" + IsCloudUrl + " ? self.webhookAuth.type in ['OAuth2', 'APIToken', 'AccessToken', 'AppPassword']"
    + " : self.webhookAuth.type in ['HTTPAccessToken', 'Basic'])",
    "webhookAuth.type does not exist on this server: Data Center knows HTTPAccessToken and Basic; Bitbucket Cloud knows OAuth2, APIToken, AccessToken "
        + "and AppPassword",
    FieldPath = ".webhookAuth.type")]
[ValidationRule(
    "!" + IsCloudUrl + " || has(self.workspace) || self.url.matches('^https?://[^/]+/[^/]+/?$')",
    "workspace is required on Bitbucket Cloud: set workspace, or write it into url as in https://bitbucket.org/acme")]
[ValidationRule(
    "!" + IsCloudUrl
        + " || !has(self.workspace) || !self.url.matches('^https?://[^/]+/[^/]+/?$') || self.url.matches('^https?://[^/]+/' + self.workspace + '/?$')",
    "url and workspace name different workspaces: keep one of them",
    FieldPath = ".workspace")]
[ValidationRule(
    IsCloudUrl + " || !has(self.workspace)",
    "workspace exists on Bitbucket Cloud only: remove it, and select projects with discovery.projects",
    FieldPath = ".workspace")]
[ValidationRule(
    "!has(self.webhooks) || self.webhooks.all(w, !has(w.level) || !(w.level == (" + IsCloudUrl + " ? 'Project' : 'Workspace')))",
    "webhooks[].level does not exist on this server: Project is for Data Center, Workspace is for Bitbucket Cloud",
    FieldPath = ".webhooks")]
public sealed class BitbucketConnectionSpec
{
    private const string IsCloudUrl = "self.url.matches('^https?://(www[.])?bitbucket[.]org([:/]|$)')";

    /// <summary>
    /// The server's address with its context path, as people open it in a browser, such as
    /// https://bitbucket.example.com/bitbucket. https://bitbucket.org, with or without a workspace, means Bitbucket Cloud.
    /// </summary>
    [Required]
    [Length(1, 2048)]
    [ValidationRule(
        "isURL(self) && url(self).getScheme() in ['http', 'https'] && url(self).getHost() != ''",
        "url must be an absolute http or https URL, such as https://bitbucket.example.com or https://bitbucket.example.com/bitbucket")]
    [ValidationRule(
        "!self.contains('@') && !self.contains('?') && !self.contains('#')",
        "url must hold no user name, query or fragment: put credentials into the Secret that auth.secretRef names")]
    [ValidationRule(
        "!self.matches('/rest(/|$)') && !self.matches('/(projects|scm|users)/')",
        "url must be the server's root: remove /rest, /projects, /scm or /users and what follows; a context path such as /bitbucket stays")]
    [ValidationRule(
        "!self.startsWith('git@') && !self.startsWith('ssh://') && !self.endsWith('.git')",
        "url is that of a clone: set the server's address as a browser shows it, such as https://bitbucket.example.com or https://bitbucket.org/acme")]
    public string Url { get; set; } = "";

    /// <summary>The flavour of the server. Derived from url when absent: bitbucket.org is Cloud, every other host DataCenter.</summary>
    public Hosting? Hosting { get; set; }

    /// <summary>Bitbucket Cloud: the workspace's slug. Required there unless url names it.</summary>
    [Length(1, 100)]
    [Pattern("^[A-Za-z0-9_-]+$")]
    public string? Workspace { get; set; }

    /// <summary>How to log in.</summary>
    [Required]
    public AuthSpec Auth { get; set; } = new();

    /// <summary>A second credential, used for managing webhooks only; auth then needs no more than read rights. Absent: auth does everything.</summary>
    public AuthSpec? WebhookAuth { get; set; }

    /// <summary>How the server's certificate is checked. Absent: against the system's certificate authorities.</summary>
    public TlsSpec? Tls { get; set; }

    /// <summary>A proxy to reach the server through. Absent: the one of the operator's environment (HTTPS_PROXY, NO_PROXY), or none.</summary>
    public ProxySpec? Proxy { get; set; }

    /// <summary>Which repositories matter. By default all that the credential can see, without archived and personal ones.</summary>
    public DiscoverySpec Discovery { get; set; } = new();

    /// <summary>The webhooks that every selected repository must have. Empty: none, and those that this connection made are removed.</summary>
    [Items(0, 20)]
    [ListType("name")]
    [ValidationRule("self.all(w, self.exists_one(o, o.url == w.url))", "two entries of spec.webhooks have the same url: remove one of them")]
    public List<WebhookSpec> Webhooks { get; set; } = [];

    /// <summary>Enforce makes the webhooks be as desired; Plan reports in status what would change and writes nothing to Bitbucket.</summary>
    public Mode Mode { get; set; } = Mode.Enforce;

    /// <summary>
    /// What to do with a webhook of the same URL that this operator did not make: IfIdentical takes it over when it is as
    /// desired already, Always takes it over and makes it so, Never leaves it and reports it.
    /// </summary>
    public Adoption Adoption { get; set; } = Adoption.IfIdentical;

    /// <summary>What becomes of the webhooks that this connection made when it is deleted: Delete removes them first, Retain leaves them.</summary>
    public DeletionPolicy DeletionPolicy { get; set; } = DeletionPolicy.Delete;

    /// <summary>How often the credential is proved and the repositories are listed, such as 10m or 1h30m; at least 30s.</summary>
    [Pattern(GoDuration.Pattern)]
    [ValidationRule("duration(self) >= duration('30s') && duration(self) <= duration('24h')", "interval must lie between 30s and 24h")]
    public string Interval { get; set; } = "10m";

    /// <summary>Within which time every webhook is looked at again, spread over that time, such as 1h; at least 1m.</summary>
    [Pattern(GoDuration.Pattern)]
    [ValidationRule("duration(self) >= duration('1m') && duration(self) <= duration('168h')", "webhookInterval must lie between 1m and 168h")]
    public string WebhookInterval { get; set; } = "1h";

    /// <summary>True stops all reading and writing for this connection, the removal of webhooks on deletion included, until it is false again.</summary>
    public bool Suspend { get; set; }
}

/// <summary>The flavours of Bitbucket.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<Hosting>))]
public enum Hosting
{
    /// <summary>Self-hosted: Bitbucket Data Center or Server.</summary>
    DataCenter,

    /// <summary>Hosted by Atlassian: bitbucket.org.</summary>
    Cloud,
}

/// <summary>The kinds of credential.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<AuthType>))]
public enum AuthType
{
    /// <summary>Data Center: an HTTP access token of a user, a project or a repository.</summary>
    HTTPAccessToken,

    /// <summary>Data Center: user name and password.</summary>
    Basic,

    /// <summary>Cloud: an OAuth 2 consumer's client credentials.</summary>
    OAuth2,

    /// <summary>Cloud: a user's API token.</summary>
    APIToken,

    /// <summary>Cloud: an access token of a repository, a project or a workspace.</summary>
    AccessToken,

    /// <summary>Cloud: a user's app password, which Atlassian has switched off.</summary>
    AppPassword,
}

/// <summary>Whether the operator writes.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<Mode>))]
public enum Mode
{
    /// <summary>Make it so.</summary>
    Enforce,

    /// <summary>Say what would change.</summary>
    Plan,
}

/// <summary>What to do with webhooks of the same URL that others made.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<Adoption>))]
public enum Adoption
{
    /// <summary>Take it over when it is as desired already.</summary>
    IfIdentical,

    /// <summary>Leave it and report it.</summary>
    Never,

    /// <summary>Take it over and make it so.</summary>
    Always,
}

/// <summary>What becomes of our webhooks when the resource goes.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<DeletionPolicy>))]
public enum DeletionPolicy
{
    /// <summary>Remove them first.</summary>
    Delete,

    /// <summary>Leave them.</summary>
    Retain,
}

/// <summary>Where a webhook is kept.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<WebhookLevel>))]
public enum WebhookLevel
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
