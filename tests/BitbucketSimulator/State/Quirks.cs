namespace BitbucketOperator.BitbucketSimulator.State;

/// <summary>What /status says.</summary>
public enum ServerStatus
{
    Running,
    Starting,
    FirstRun,
    Maintenance,
    Error,
}

/// <summary>What the old address of a moved or renamed repository or project answers.</summary>
public enum MovedAnswer
{
    Redirect,
    Serve,
    NotFound,
}

/// <summary>What /rest answers while the server is not running.</summary>
public enum UnavailableAnswer
{
    Html,
    Json,
    Redirect,
}

/// <summary>What a resource that this version does not have answers.</summary>
public enum UnknownResource
{
    Json,
    Xml,
    Empty,
}

/// <summary>Who is logged in, as the header says to a request without login.</summary>
public enum AnonymousHeader
{
    Absent,
    Word,
}

/// <summary>Behaviour that differs between real servers or is not known for sure. All of it can be changed while running.</summary>
public sealed class Quirks
{
    /// <summary>Status of a successful webhook creation: 201 as real servers answer, 200 as documented.</summary>
    public int CreateStatus { get; set; } = 201;

    public MovedAnswer Moved { get; set; }

    /// <summary>Largest page; a larger limit is silently lowered.</summary>
    public int PageCap { get; set; } = 1000;

    /// <summary>Largest page of webhooks.</summary>
    public int WebhookPageCap { get; set; } = 1000;

    /// <summary>How much a page cursor grows for each row: above 1, start + limit is a wrong guess.</summary>
    public int CursorStride { get; set; } = 1;

    /// <summary>The last page carries nextPageStart: null instead of leaving it out.</summary>
    public bool NullNextPageStart { get; set; }

    /// <summary>Failed Basic logins before a CAPTCHA is asked for; 0 never asks.</summary>
    public int CaptchaAfter { get; set; } = 5;

    /// <summary>401 or 403.</summary>
    public int CaptchaStatus { get; set; } = 401;

    /// <summary>Send X-Authentication-Denied-Reason with the CAPTCHA answer.</summary>
    public bool CaptchaHeader { get; set; }

    /// <summary>An invalid token gets 200 without login on endpoints that need none, even without public access.</summary>
    public bool InvalidTokenPassesOpenEndpoints { get; set; }

    /// <summary>Percent-encode the name in X-AUSERNAME.</summary>
    public bool EncodeUserHeader { get; set; }

    /// <summary>Leave X-AUSERNAME and X-AUSERID out, as a proxy in front may do.</summary>
    public bool StripUserHeader { get; set; }

    public AnonymousHeader AnonymousHeader { get; set; }

    /// <summary>The permission filter of listings looks at the token's own permissions too.</summary>
    public bool PermissionFilterUsesToken { get; set; } = true;

    /// <summary>Project and repository tokens may list recent repositories.</summary>
    public bool RecentForServiceTokens { get; set; } = true;

    /// <summary>Show secrets as stars on reads, which no known version does.</summary>
    public bool MaskSecrets { get; set; }

    /// <summary>Leave an empty configuration out of webhook answers.</summary>
    public bool OmitEmptyConfiguration { get; set; }

    /// <summary>From version 10 on, each so many-th webhook is answered with its configuration; the others as if they had none. 1: each.</summary>
    public int AnswersWithConfigurationEvery { get; set; } = 25;

    /// <summary>Each so many-th webhook is stored and answered with 400, for its answer could not be written; 0: none.</summary>
    public int StoresWithoutAnswerEvery { get; set; }

    /// <summary>What addresses of webhooks that do not exist in this version answer: JSON, or 404 in XML, or 200 without a body.</summary>
    public UnknownResource UnknownResource { get; set; }

    /// <summary>Event keys that are accepted and not stored.</summary>
    public List<string> DroppedEvents { get; set; } = [];

    /// <summary>A webhook's URL is stored with its host in lower case and without the scheme's own port.</summary>
    public bool NormalizesUrls { get; set; }

    /// <summary>User name and password in a webhook's URL are stored as stars.</summary>
    public bool MasksUserInfo { get; set; }

    /// <summary>Webhooks of archived repositories cannot be written.</summary>
    public bool ArchivedIsReadOnly { get; set; }

    /// <summary>Basic logins are accepted.</summary>
    public bool BasicAuthentication { get; set; } = true;

    public UnavailableAnswer Unavailable { get; set; }

    /// <summary>Base of every link in answers; null means the address of the simulator.</summary>
    public string? LinksBase { get; set; }
}

/// <summary>How a refused request says when to come back.</summary>
public enum RetryAfter
{
    None,
    Seconds,
    Date,
}

/// <summary>A token bucket per logged-in user.</summary>
public sealed class RateLimit
{
    public bool Enabled { get; set; }

    public int Capacity { get; set; } = 60;

    /// <summary>Requests a second that come back.</summary>
    public double FillRate { get; set; } = 5;

    public RetryAfter RetryAfter { get; set; } = RetryAfter.Seconds;

    /// <summary>Answer with an HTML body instead of an empty one.</summary>
    public bool HtmlBody { get; set; }

    public HashSet<string> ExemptUsers { get; set; } = new(StringComparer.OrdinalIgnoreCase);
}
