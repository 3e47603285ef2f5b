using BitbucketOperator.BitbucketSimulator.State;

namespace BitbucketOperator.BitbucketSimulator.Cloud;

/// <summary>What a 401 carries.</summary>
public enum UnauthorizedBody
{
    Json,
    Empty,
    PlainText,
}

/// <summary>What a repository access token sees of the workspace's repository list.</summary>
public enum RepositoryTokenListing
{
    /// <summary>Its own repository.</summary>
    Filtered,

    /// <summary>403, unless the query names a project.</summary>
    NeedsProjectFilter,

    /// <summary>403.</summary>
    Refused,
}

/// <summary>Behaviour that is not known for sure, or changes from day to day. All of it can be changed while running.</summary>
public sealed class CloudQuirks
{
    /// <summary>Accept API tokens as Bearer. Sources disagree.</summary>
    public bool BearerForApiTokens { get; set; }

    /// <summary>App passwords work until then; null means they are gone.</summary>
    public DateTimeOffset? AppPasswordsUntil { get; set; }

    public UnauthorizedBody UnauthorizedBody { get; set; }

    /// <summary>Send x-credential-type, x-oauth-scopes and x-accepted-oauth-scopes.</summary>
    public bool ScopeHeaders { get; set; } = true;

    /// <summary>x-credential-type of OAuth tokens; null leaves it out.</summary>
    public string? OAuthCredentialType { get; set; } = "oauth2";

    /// <summary>Status of /user for access tokens: 403, or 401 as one public test suite has it.</summary>
    public int UserForAccessTokensStatus { get; set; } = 403;

    /// <summary>Status for a private repository that the caller may not see: 404 or 403.</summary>
    public int HiddenStatus { get; set; } = 404;

    /// <summary>What the old slug of a renamed or moved repository answers.</summary>
    public MovedAnswer Moved { get; set; } = MovedAnswer.NotFound;

    public RepositoryTokenListing RepositoryTokenListing { get; set; }

    /// <summary>Access tokens need repository:admin to see or set webhooks; otherwise webhook is enough.</summary>
    public bool AccessTokensNeedAdminForWebhooks { get; set; }

    /// <summary>Workspace access tokens may manage the workspace's webhooks.</summary>
    public bool WorkspaceTokensManageWorkspaceWebhooks { get; set; } = true;

    /// <summary>Subscribing to events needs their read scopes from API tokens too, not only from others.</summary>
    public bool EventScopesForApiTokens { get; set; }

    /// <summary>Take issue:* events, which went with the issue tracker.</summary>
    public bool IssueEvents { get; set; }

    /// <summary>Webhooks that one repository or workspace can have.</summary>
    public int WebhookLimit { get; set; } = 50;

    /// <summary>The type of a workspace webhook's subject: workspace, or team or user as the reference has it.</summary>
    public string WorkspaceSubjectType { get; set; } = "workspace";

    /// <summary>Longest description of a webhook.</summary>
    public int DescriptionLimit { get; set; } = 255;

    /// <summary>Refuse URLs of this machine and of private networks with 400. Off, for receivers in tests are local.</summary>
    public bool RefuseInternalUrls { get; set; }

    public int DefaultPagelen { get; set; } = 10;

    /// <summary>A smaller pagelen is raised to it.</summary>
    public int MinPagelen { get; set; } = 10;

    /// <summary>A larger pagelen is lowered to it; below the minimum it wins.</summary>
    public int MaxPagelen { get; set; } = 100;

    /// <summary>Largest page of pull requests.</summary>
    public int PullRequestMaxPagelen { get; set; } = 50;

    /// <summary>A pagelen above the maximum is 400.</summary>
    public bool RefuseLargePagelen { get; set; }

    /// <summary>next carries a cursor that cannot be computed; otherwise a page number.</summary>
    public bool OpaqueNext { get; set; } = true;

    /// <summary>Leave size out of listings.</summary>
    public bool OmitSize { get; set; }

    /// <summary>The last page has an empty next instead of none.</summary>
    public bool EmptyNextAtEnd { get; set; }

    /// <summary>Repositories have project: null.</summary>
    public bool NullProject { get; set; }

    /// <summary>Repositories have workspace: null.</summary>
    public bool NullWorkspace { get; set; }

    /// <summary>Path globs, for example <c>/2.0/workspaces/*</c>, that answer 410 from time to time.</summary>
    public List<string> Brownouts { get; set; } = [];

    /// <summary>Every n-th request to those paths does so, beginning with the first.</summary>
    public int BrownoutEvery { get; set; } = 2;

    /// <summary>What the token endpoint grants, in seconds.</summary>
    public int TokenLifetimeSeconds { get; set; } = 7200;

    /// <summary>Minted tokens are JWTs of more than 1,000 characters; otherwise 92 opaque ones.</summary>
    public bool JwtTokens { get; set; } = true;

    /// <summary>Base of API links in answers; null means the address of the simulator.</summary>
    public string? LinksBase { get; set; }
}

/// <summary>How X-RateLimit-NearLimit is written.</summary>
public enum NearLimitStyle
{
    /// <summary><c>true</c> or <c>false</c>.</summary>
    Word,

    /// <summary>The number of calls from which the limit counts as near.</summary>
    Number,
}

/// <summary>Calls in any rolling hour, per credential and group. Off until enabled.</summary>
public sealed class CloudRateLimit
{
    public bool Enabled { get; set; }

    /// <summary>Calls to /2.0/repositories but for webhooks.</summary>
    public int RepositoriesPerHour { get; set; } = 1000;

    /// <summary>Calls that read or write webhooks.</summary>
    public int WebhooksPerHour { get; set; } = 1000;

    /// <summary>Calls without credential, per address, of any group.</summary>
    public int AnonymousPerHour { get; set; } = 60;

    /// <summary>Refused calls use up the budget as well.</summary>
    public bool RefusedCallsCount { get; set; } = true;

    /// <summary>Send Retry-After with the seconds until a call would pass.</summary>
    public bool RetryAfter { get; set; }

    /// <summary>429 without a body.</summary>
    public bool EmptyBody { get; set; }

    public NearLimitStyle NearLimit { get; set; }
}
