using System.Text.Json.Nodes;
using BitbucketOperator.Core.Api.V1Alpha1;
using BitbucketOperator.Testing.Servers;

namespace BitbucketOperator.Chaos.World;

/// <summary>A connection as people want it at the moment, told without the operator's own code.</summary>
internal sealed class PlayedConnection
{
    /// <summary>The slug that <see cref="Excludes"/> leaves out.</summary>
    public const string ExcludedSlug = "cli";

    /// <summary>The slugs of repositories that stay as they are: rules that select nothing take no webhook away.</summary>
    public static readonly string[] KeptSlugs = [ExcludedSlug, "lib"];

    private readonly List<string> _secrets = [];
    private int _rotations;

    public PlayedConnection(PlayedServer server, string name, bool isAuto)
    {
        (Server, Name, IsAuto) = (server, name, isAuto);
        (Token, HookSecret) = (NewSecret("token"), NewSecret("hmac"));
        server.AddToken(Token);
    }

    public PlayedServer Server { get; }

    public string Name { get; }

    public string HookSecretName => $"hook-{Name}";

    public string CredentialSecretName => $"credential-{Name}";

    /// <summary>Whether <c>level</c> is Auto; else Repository.</summary>
    public bool IsAuto { get; set; }

    /// <summary>Which URL the entry has.</summary>
    public int Url { get; set; }

    /// <summary>Which of the server's sets of events the entry has.</summary>
    public int Events { get; set; }

    public bool Active { get; set; } = true;

    public bool Ssl { get; set; } = true;

    /// <summary>Whether discovery leaves <see cref="ExcludedSlug"/> out.</summary>
    public bool Excludes { get; set; }

    public bool Suspended { get; set; }

    /// <summary>Somebody deleted it, and it is to be there again in the end.</summary>
    public bool Deleted { get; set; }

    public string Token { get; private set; }

    public string HookSecret { get; private set; }

    /// <summary>What nobody may ever print, all former values too.</summary>
    public IReadOnlyList<string> Secrets => _secrets;

    private IEnumerable<Repo> Selected => Server.Repositories.Where(r => !r.Archived && !(Excludes && r.Slug == ExcludedSlug));

    /// <summary>How each webhook has to be.</summary>
    public HookFields Fields => new(
        $"https://{Name}-{Url}.example.com/hook", HookFields.Join(Server.EventSets[Events].Split(' ')), Active, Ssl, HookSecret);

    /// <summary>Where a webhook has to be.</summary>
    public IReadOnlyList<string> Places => [.. Selected.Select(PlaceFor).Distinct(StringComparer.Ordinal)];

    public void RotateHookSecret() => HookSecret = NewSecret("hmac");

    /// <summary>Another token in place of the present one, which is revoked.</summary>
    public void RotateToken()
    {
        var former = Token;
        Token = NewSecret("token");
        Server.AddToken(Token);
        Server.Revoke(former);
    }

    public JsonObject Spec() => new()
    {
        ["url"] = Server is PlayedDataCenter dataCenter ? dataCenter.Url.AbsoluteUri : $"https://bitbucket.org/{PlayedCloud.Workspace}",
        ["auth"] = new JsonObject
        {
            ["type"] = Server.Hosting == Hosting.Cloud ? "APIToken" : "HTTPAccessToken",
            ["secretRef"] = new JsonObject { ["name"] = CredentialSecretName },
        },
        ["discovery"] = new JsonObject
        {
            ["exclude"] = Excludes ? new JsonArray($"*/{ExcludedSlug}") : new JsonArray(),
            ["maxShrinkPercent"] = 100,
        },
        ["webhooks"] = new JsonArray(Entry()),
        ["suspend"] = Suspended,
        // On Cloud an hour's requests would soon be used up.
        ["interval"] = Server.Hosting == Hosting.Cloud ? "10m" : "30s",
        ["webhookInterval"] = Server.Hosting == Hosting.Cloud ? "1h" : "1m",
    };

    public JsonObject CredentialData() => Server.Hosting == Hosting.Cloud
        ? new JsonObject { ["email"] = PlayedCloud.Email, ["token"] = Token }
        : new JsonObject { ["token"] = Token };

    // Auto goes above the repositories where discovery takes all of them and the account may.
    private string PlaceFor(Repo repository) =>
        IsAuto && !Excludes && Server.ProjectLevelOf(repository) is var above && Server.Managed.Contains(above) ? above : repository.Id;

    private JsonObject Entry() => new()
    {
        ["name"] = "ci",
        ["url"] = Fields.Url,
        ["events"] = new JsonArray([.. Server.EventSets[Events].Split(' ').Select(e => (JsonNode)e)]),
        ["secretRef"] = new JsonObject { ["name"] = HookSecretName },
        ["level"] = IsAuto ? "Auto" : "Repository",
        ["active"] = Active,
        ["sslVerification"] = Ssl,
    };

    private string NewSecret(string kind)
    {
        var secret = $"{kind}-{Name}-{++_rotations}-that-nobody-may-read";
        _secrets.Add(secret);
        return secret;
    }
}
