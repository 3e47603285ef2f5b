using System.Globalization;
using BitbucketOperator.Core.Api;
using BitbucketOperator.Core.Api.V1Alpha1;
using BitbucketOperator.Core.Mapping;
using BitbucketOperator.Core.Ownership;
using BitbucketOperator.Core.Port;
using BitbucketOperator.Core.Validation;
using BitbucketOperator.Golden.Tests.Given;

namespace BitbucketOperator.Golden.Tests.Simulation;

/// <summary>A place as the server keeps it.</summary>
internal sealed class Scope(string pattern)
{
    /// <summary>The name in the case's file, where one entry may stand for many.</summary>
    public string Pattern { get; } = pattern;

    public WorldScope World { get; set; } = new();

    /// <summary>Null above the repositories.</summary>
    public Repository? Repository { get; set; }

    public List<Webhook> Webhooks { get; } = [];
}

/// <summary>A Bitbucket in memory: answers as the world says, and keeps what is written to it.</summary>
internal sealed class SimulatedServer(SimulatedCluster cluster) : IBitbucketConnector
{
    private readonly Dictionary<string, Scope> _places = new(StringComparer.Ordinal);
    private readonly HashSet<string> _made = new(StringComparer.Ordinal);
    private readonly HashSet<SecretText> _refusedPasswords = [];
    private int _ids = 1000;

    public World World { get; private set; } = new();

    public Flavour Flavour => cluster.Connection.Spec.ToModel().Flavour;

    public bool HasWebhookAuth => cluster.Connection.Spec.WebhookAuth is not null;

    /// <summary>By id, which is the name where the world says none.</summary>
    public IReadOnlyDictionary<string, Scope> Scopes => _places;

    /// <summary>What was written, in order; and what was refused, each once.</summary>
    public List<string> Writes { get; } = [];

    public List<string> Refusals { get; } = [];

    /// <summary>The webhooks whose receivers were sent a test. One that failed may be repeated.</summary>
    public SortedSet<string> Tests { get; } = new(StringComparer.Ordinal);

    /// <summary>What was changed, in order.</summary>
    public List<(string Verb, string Scope)> Changes { get; } = [];

    /// <summary>Called before the first write of a step is accepted.</summary>
    public Action BeforeWrite { get; set; } = () => { };

    public IBitbucket Connect(ConnectionTarget target, Credential? other = null) =>
        World.Preparation is { } fault ? throw fault.ToException() : new SimulatedBitbucket(this, target);

    /// <summary>Makes the world so. Webhooks that it does not speak of stay as they are.</summary>
    public void Become(World world)
    {
        World = world;
        Writes.Clear();
        Changes.Clear();
        Refusals.Clear();
        Tests.Clear();
        var there = world.Repositories.SelectMany(r => Expand(r.Key, r.Value)).ToDictionary(p => p.Repository!.Id, StringComparer.Ordinal);
        foreach (var (id, projectLevel) in world.ProjectLevel)
        {
            there[id] = new Scope(id) { World = projectLevel };
        }

        foreach (var gone in _places.Keys.Except(there.Keys, StringComparer.Ordinal).ToList())
        {
            _places.Remove(gone);
        }

        foreach (var (id, scope) in there)
        {
            IEnumerable<Webhook> webhooks = scope.World.Webhooks?.ConvertAll(ToWebhook) ?? _places.GetValueOrDefault(id)?.Webhooks ?? [];
            scope.Webhooks.AddRange(webhooks);
            _places[id] = scope;
        }
    }

    /// <summary>The id as people know it; one that the operator made has none.</summary>
    public string NameOf(Webhook webhook) => _made.Contains(webhook.Id) ? "new" : webhook.Id;

    public Scope Find(WebhookScope scope) =>
        _places.TryGetValue(scope.Id, out var found) ? found
        : scope.Repository is not null ? throw NotFound(scope.Name)
        : throw new FaultException(Fault.Waiting(Core.Api.Reasons.LevelNotSupported, (
            "Server does not support project webhooks", "Set spec.webhooks[].level to Auto or Repository, or upgrade Bitbucket")));

    /// <summary>Why the webhooks of a place can be neither seen nor managed; null when they can.</summary>
    public WorldFault? FaultOf(WebhookScope scope)
    {
        var world = Find(scope).World;
        return world.WebhooksFault ?? (world.Denied ? new WorldFault { Reason = "WebhookPermissionDenied", Message = Denial(scope) } : null);
    }

    public Webhook Create(WebhookScope scope, WebhookDefinition definition)
    {
        var hook = WebhookMarker.Parse(definition.Marker)!.Hook;
        var line = $"create {hook} on {Find(scope).Pattern}";
        Accept(scope, ChangeKind.Create, line);
        if (!cluster.IsOnRecord(scope))
        {
            throw new InvalidOperationException($"{line}: {scope.Id} is not in status.webhooks.managedIn, so that clean-up would not find it after a crash");
        }

        var webhook = Stored(ToWebhook((++_ids).ToString(CultureInfo.InvariantCulture), definition));
        _made.Add(webhook.Id);
        Find(scope).Webhooks.Add(webhook);
        return webhook;
    }

    public Webhook Update(WebhookScope scope, string id, WebhookDefinition definition)
    {
        var there = Find(scope);
        var before = there.Webhooks.Find(w => w.Id == id) ?? throw NotFound(scope.Name);
        var after = Stored(ToWebhook(id, definition));
        Accept(scope, ChangeKind.Update,
            $"update {NameOf(before)} on {there.Pattern} for {WebhookMarker.Parse(definition.Marker)!.Hook}: {Difference(before, after)}");
        there.Webhooks[there.Webhooks.IndexOf(before)] = after;
        return after;
    }

    public void Delete(WebhookScope scope, string id)
    {
        var there = Find(scope);
        if (there.Webhooks.Find(w => w.Id == id) is { } webhook)
        {
            Accept(scope, ChangeKind.Remove, $"delete {NameOf(webhook)} from {there.Pattern}");
            there.Webhooks.Remove(webhook);
        }
    }

    public string? Test(WebhookScope scope, string id)
    {
        var there = Find(scope);
        Tests.Add($"{NameOf(there.Webhooks.Find(w => w.Id == id)!)} on {there.Pattern}");
        return there.World.Deliveries?.TestError;
    }

    /// <summary>A password that was refused and comes again locks the account of its user.</summary>
    public void LogIn(Credential credential, WorldAccount account)
    {
        if (account.Fault is not { } fault)
        {
            return;
        }

        if (credential is Credential.Basic { Password: var password } && fault.Reason == "CredentialRejected" && !_refusedPasswords.Add(password))
        {
            throw new InvalidOperationException("a password was sent again that had been refused: the account would be locked");
        }

        throw fault.ToException();
    }

    public static FaultException NotFound(string repository) => new(Fault.Waiting(
        Core.Api.Reasons.RepositoryNotFound,
        ($"Repository not found: {repository}", "Correct spec.discovery.repositories")));

    private string Denial(WebhookScope scope) => (Flavour, scope.Kind) switch
    {
        (Flavour.DataCenter, ScopeKind.Project) => "token lacks PROJECT_ADMIN",
        (Flavour.DataCenter, _) => "token lacks REPO_ADMIN",
        (_, ScopeKind.Workspace) => "API token lacks permission to administer the workspace",
        _ => "API token lacks permission to administer the repository",
    };

    private void Accept(WebhookScope scope, ChangeKind change, string line)
    {
        var fault = FaultOf(scope) ?? World.Refused.Find(r => r.Concerns(scope, change))?.Fault;
        if (fault is null)
        {
            BeforeWrite();
            Writes.Add(line);
            Changes.Add((line.Split(' ')[0], scope.Name));
            return;
        }

        var refusal = $"{line} ({fault.Reason})";
        if (!Refusals.Contains(refusal, StringComparer.Ordinal))
        {
            Refusals.Add(refusal);
        }

        throw fault.ToException();
    }

    private static string Difference(Webhook before, Webhook after)
    {
        var differs = new List<string>();
        Add("title", before.Title != after.Title);
        Add("marker", before.Marker != after.Marker);
        Add("url", before.Url != after.Url);
        Add("events", !before.Events.SetEquals(after.Events));
        Add("active", before.Active != after.Active);
        Add("certificate check", before.SslVerification != after.SslVerification);
        Add("secret", before.Secret.IsSet != after.Secret.IsSet || !Equals(before.Secret.Value, after.Secret.Value));
        return string.Join(", ", differs);

        void Add(string name, bool isOther)
        {
            if (isOther)
            {
                differs.Add(name);
            }
        }
    }

    private Webhook Stored(Webhook webhook) => webhook with
    {
        Events = webhook.Events.Except(World.Server.Drops, StringComparer.Ordinal).ToHashSet(StringComparer.Ordinal),
        Url = World.Server.MasksUserInfo && webhook.Url.Split('@') is [_, var rest] ? $"https://{rest}" : webhook.Url,
    };

    private Webhook ToWebhook(string id, WebhookDefinition d) => new(
        id, d.Title, d.Marker, d.Url, d.Events, d.Active, d.SslVerification,
        new WebhookSecret(d.Secret is not null, Flavour == Flavour.Cloud ? null : d.Secret));

    private Webhook ToWebhook(WorldWebhook webhook)
    {
        var connection = cluster.Connection;
        var name = webhook.Ours ?? webhook.Like;
        var entry = connection.Spec.Webhooks.Find(w => w.Name == name) ?? new WebhookSpec { Name = name ?? "", Url = "https://elsewhere.example.com/" };
        var secret = webhook.Secret ?? cluster.SecretOf(entry);
        var known = string.IsNullOrEmpty(secret) ? null : new SecretText(secret);
        var owner = webhook.Of is null
            ? cluster.Owner
            : SimulatedCluster.OwnerOf(webhook.Of, webhook.Cluster is null or "here" ? SimulatedCluster.Name : webhook.Cluster);
        var marker = webhook.Ours is null || webhook.MarkerLost
            ? null
            : new WebhookMarker(owner.Id, webhook.Ours, known?.Fingerprint($"{owner.Id}/{webhook.Ours}"))
        {
            Cluster = webhook.Cluster is null ? null : owner.Cluster,
        };
        var description = Flavour == Flavour.Cloud ? webhook.Title ?? marker?.Description(owner) ?? "made by hand" : null;
        return new Webhook(
            webhook.Id,
            description ?? webhook.Title ?? (webhook.Ours is null ? "made by hand" : WebhookMarker.Title(webhook.Ours, owner)),
            description ?? marker?.ToString(),
            webhook.Url ?? entry.Url,
            webhook.Events?.ToHashSet(StringComparer.Ordinal)
                ?? (entry.Events.Count == 0 ? WebhookEvents.DefaultsOf(Flavour) : entry.Events.ToHashSet(StringComparer.Ordinal)),
            webhook.Active ?? entry.Active,
            webhook.SslVerification is null ? entry.SslVerification : webhook.SslVerification == "unknown" ? null : webhook.SslVerification == "true",
            new WebhookSecret(known is not null, webhook.SecretHidden || Flavour == Flavour.Cloud ? null : known))
        {
            CreatedAt = webhook.Created,
        };
    }

    private static IEnumerable<Scope> Expand(string name, WorldRepository entry)
    {
        for (var i = 1; i <= entry.Times; i++)
        {
            var numbered = name.Replace("#", i.ToString("00", CultureInfo.InvariantCulture), StringComparison.Ordinal);
            yield return new Scope(name)
            {
                World = entry,
                Repository = new Repository(entry.Id ?? numbered, RepositoryName.Parse(numbered)!, entry.Archived, entry.Fork, entry.Personal, entry.SelfLink),
            };
        }
    }
}
