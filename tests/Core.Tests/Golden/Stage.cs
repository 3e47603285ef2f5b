using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using BitbucketOperator.Core.Api;
using BitbucketOperator.Core.Api.V1Alpha1;
using BitbucketOperator.Core.Connection;

namespace BitbucketOperator.Core.Tests.Golden;

/// <summary>A world set up: answers what a pass asks of the cluster and of Bitbucket, and takes its changes.</summary>
internal sealed class Stage
{
    private readonly World _world;
    private readonly BitbucketConnection _connection;
    private readonly BitbucketConnectionSpec _spec;
    private readonly Dictionary<string, WorldPlace> _entries;
    private readonly Dictionary<string, List<Webhook>> _webhooks;
    private int _created = 1000;

    public Stage(World world, BitbucketConnection connection)
    {
        _world = world;
        _spec = connection.Spec;
        _connection = connection;
        Namespace = connection.Metadata.NamespaceProperty;
        Owner = WebhookOwner.Of("cluster", connection);
        IsOwnerDerived = Owner == WebhookOwner.Of("cluster", Namespace, connection.Metadata.Name);
        Repositories = [.. world.Repositories.SelectMany(r => Expand(r.Key, r.Value ?? new WorldRepository()))];
        _entries = Repositories.Select(r => (r.Repository.Id, (WorldPlace)r.Entry)).Concat(world.Above.Select(a => (a.Key, a.Value))).ToDictionary(StringComparer.Ordinal);
        _webhooks = _entries.ToDictionary(e => e.Key, e => e.Value.Webhooks.ConvertAll(ToWebhook), StringComparer.Ordinal);
    }

    public string Namespace { get; }

    public WebhookOwner Owner { get; }

    public bool IsOwnerDerived { get; }

    public IReadOnlyList<(Repository Repository, WorldRepository Entry)> Repositories { get; }

    public string ListedBy => ListingTrust.RulesOf(_spec);

    public Hosting Hosting => ConnectionGate.HostingOf(_spec);

    /// <summary>The other connections, as far as they are rivals.</summary>
    public IReadOnlyList<Rival> Rivals(BitbucketConnection connection) =>
        [.. _world.Rivals.Select(r => r.ToConnection(connection)).Where(r => Rival.AreRivals(connection, r)).Select(r => new Rival(OwnerOf($"{r.Metadata.NamespaceProperty}/{r.Metadata.Name}").Id, r))];

    public Outcome<Credential> Credential() => SecretReader.ReadCredential(_spec.Auth, Secret(_spec.Auth.SecretRef.Name), "spec.auth");

    public Outcome<Credential>? WebhookCredential() => _spec.WebhookAuth is not { } auth
        ? (Outcome<Credential>?)null
        : SecretReader.ReadCredential(auth, Secret(auth.SecretRef.Name), "spec.webhookAuth");

    public IReadOnlyList<CredentialEnd> CredentialEnds() =>
    [
        .. new[]
        {
            CredentialEnd.Read(_spec.Auth, Secret(_spec.Auth.SecretRef.Name), "spec.auth"),
            _spec.WebhookAuth is { } auth ? CredentialEnd.Read(auth, Secret(auth.SecretRef.Name), "spec.webhookAuth") : null,
        }.OfType<CredentialEnd>(),
    ];

    public Fault? ProxyFault() => _spec.Proxy?.SecretRef is { } reference ? SecretReader.ReadProxyLogin(Secret(reference.Name)).Fault : null;

    /// <summary>Status as the world says that earlier passes left it.</summary>
    public VerifiedStatus? Verified(DateTimeOffset now)
    {
        if (_world.Verified is not { } verified)
        {
            return null;
        }

        var hashes = verified.Repositories.Select(id => Convert.ToHexString(HashOf(id))).Order(StringComparer.Ordinal);
        return new VerifiedStatus
        {
            At = now.AddDays(-1),
            Repositories = verified.Repositories.Count,
            Set = Convert.ToBase64String(Convert.FromHexString(string.Concat(hashes))),
            Desired = verified.OtherWanted ? "other" : VisitSchedule.DesiredFingerprint(Desired()),
        };
    }

    /// <summary>Puts into status what the world says that the last believed listing held.</summary>
    public void Believe(RepositoriesStatus repositories)
    {
        if (_world.Believed is { } believed)
        {
            (repositories.Believed, repositories.ListedBy) = (believed.Repositories, believed.OtherRules ? "other" : ListedBy);
        }
    }

    /// <summary>Names of the repositories that status remembers to be verified.</summary>
    public IEnumerable<string> NamesIn(VerifiedStatus verified)
    {
        var hashes = Convert.FromBase64String(verified.Set).Chunk(4).Select(Convert.ToHexString).ToList();
        return hashes.Select(h => Repositories.FirstOrDefault(r => Convert.ToHexString(HashOf(r.Repository.Id)) == h).Repository?.Name.ToString() ?? _entries.Keys.FirstOrDefault(id => Convert.ToHexString(HashOf(id)) == h) ?? "gone").Order(StringComparer.Ordinal);
    }

    public Fault? CaBundleFault() => _spec.Tls?.CaBundleRef is not { } reference
        ? null
        : SecretReader.ReadCaBundle(reference, reference.Kind == CaBundleKind.Secret
            ? Secret(reference.Name)
            : new ReferencedData("ConfigMap", Namespace, reference.Name, Bytes(_world.ConfigMaps.GetValueOrDefault(reference.Name)))).Fault;

    public IReadOnlyList<DesiredWebhook> Desired() => _spec.Webhooks.ConvertAll(w =>
    {
        if (GeneratedSecret.Of(_connection, w) is { } generated)
        {
            return DesiredWebhook.Of(w, _world.GeneratedSecretsFault is { } fault ? fault.ToFault() : Secret(generated.Name), Owner, _world.AllowHttp, Hosting);
        }

        Outcome<SecretText?> secret = w.SecretRef is { } reference
            ? SecretReader.ReadWebhookSecret(w.Name, reference, Secret(reference.Name))
            : (SecretText?)null;
        return DesiredWebhook.Of(w, secret, Owner, _world.AllowHttp, Hosting);
    });

    public Outcome<IReadOnlyList<Webhook>> Webhooks(WebhookPlace place)
    {
        if (!_entries.TryGetValue(place.Id, out var entry))
        {
            return Fault.Waiting(Reasons.LevelNotSupported, "This server keeps no webhooks on projects.");
        }

        return entry.WebhooksFault is { } fault ? fault.ToFault() : Read<IReadOnlyList<Webhook>>([.. _webhooks[place.Id]]);
    }

    /// <summary>What a repository tells of the webhooks of its project.</summary>
    public Outcome<IReadOnlyList<Webhook>?> Inherited(WebhookPlace place) =>
        _entries[place.Id].Inherited ? Read<IReadOnlyList<Webhook>?>([.. _webhooks[place.Id]]) : Read<IReadOnlyList<Webhook>?>(null);

    /// <summary>What earlier passes found.</summary>
    public Dictionary<string, PlaceCheck> Checks(VisitWish wish, DateTimeOffset now) => _entries.Where(e => e.Value.Remembered is not null).ToDictionary(
        e => e.Key,
        e =>
        {
            var place = WebhookPlace.ParseAbove(e.Key) ?? WebhookPlace.Of(Repositories.First(r => r.Repository.Id == e.Key).Repository);
            return e.Value.Remembered!.ToCheck(place, wish.For(place), now, _spec.Webhooks.Select(w => w.Name));
        },
        StringComparer.Ordinal);

    public AppliedChange Apply(WebhookChange change)
    {
        if (_world.Refused.Find(r => r.Concerns(change)) is { } refusal)
        {
            return new AppliedChange(change, refusal.Fault.ToFault());
        }

        var there = _webhooks[change.Place.Id];
        there.RemoveAll(w => w.Id == change.Current?.Id);
        if (change.Desired is { } d)
        {
            var id = change.Current?.Id ?? (++_created).ToString(CultureInfo.InvariantCulture);
            there.Add(new Webhook(id, d.Title, d.Marker, d.Url, d.Events, d.Active, d.SslVerification, new WebhookSecret(d.Secret is not null, Hosting == Hosting.Cloud ? null : d.Secret)));
        }

        return new AppliedChange(change, Fault: null) { WebhookId = change.Desired is null ? null : there[^1].Id };
    }

    /// <summary>The answer to a question about deliveries; null when there is none.</summary>
    public TrackedWebhook? Ask(TrackedWebhook tracked, DateTimeOffset now)
    {
        var deliveries = _entries[tracked.Place.Id].Webhooks.Find(w => w.Id == tracked.Check.Id)?.Deliveries;
        return deliveries?.Fault is not null
            ? null
            : tracked with { Check = tracked.Check.Answered(deliveries is null ? DeliveryHealth.NeverInvoked : deliveries.ToHealth(), now) };
    }

    // No conversion starts from an interface, unless the compiler does not see that it is one.
    private static Outcome<T> Read<T>(T value) => value;

    private static WebhookOwner OwnerOf(string name) => WebhookOwner.Of("cluster", name.Split('/')[0], name.Split('/')[1]);

    private static IEnumerable<(Repository Repository, WorldRepository Entry)> Expand(string name, WorldRepository entry)
    {
        for (var i = 1; i <= entry.Times; i++)
        {
            var numbered = name.Replace("#", i.ToString("00", CultureInfo.InvariantCulture), StringComparison.Ordinal);
            yield return (
                new Repository(entry.Id ?? numbered, RepositoryName.Parse(numbered)!, entry.Archived, entry.Fork, entry.Personal, entry.SelfLink), entry);
        }
    }

    private Webhook ToWebhook(WorldWebhook webhook)
    {
        var name = webhook.Ours ?? webhook.Like;
        var entry = _spec.Webhooks.Find(w => w.Name == name) ?? new WebhookSpec { Name = name ?? "", Url = "https://elsewhere.example.com/" };
        var kept = entry.SecretRef is { } reference
            ? _world.Secrets.GetValueOrDefault(reference.Name)?.GetValueOrDefault(reference.Key)
            : GeneratedSecret.Of(_connection, entry) is { } generated && Secret(generated.Name).Data?.GetValueOrDefault(GeneratedSecret.Key) is { } made ? Encoding.UTF8.GetString(made) : null;
        var secret = webhook.Secret ?? kept;
        var known = string.IsNullOrEmpty(secret) ? null : new SecretText(secret);
        var owner = webhook.Of is null ? Owner : OwnerOf(webhook.Of);
        var marker = webhook.Ours is null || webhook.MarkerLost ? null : new WebhookMarker(owner.Id, webhook.Ours, known?.Fingerprint($"{owner.Id}/{webhook.Ours}"));
        var description = Hosting == Hosting.Cloud ? webhook.Title ?? marker?.Description(owner) ?? "made by hand" : null;
        return new Webhook(
            webhook.Id,
            description ?? webhook.Title ?? (webhook.Ours is null ? "made by hand" : WebhookMarker.Title(webhook.Ours, owner)),
            description ?? marker?.ToString(),
            webhook.Url ?? entry.Url,
            webhook.Events?.ToHashSet(StringComparer.Ordinal) ?? (entry.Events.Count == 0 ? WebhookEvents.DefaultsOf(Hosting) : entry.Events.ToHashSet(StringComparer.Ordinal)),
            webhook.Active ?? entry.Active,
            webhook.SslVerification is null ? entry.SslVerification : webhook.SslVerification == "unknown" ? null : webhook.SslVerification == "true",
            new WebhookSecret(known is not null, webhook.SecretHidden || Hosting == Hosting.Cloud ? null : known));
    }

    private ReferencedData Secret(string name)
    {
        var data = _world.Secrets.TryGetValue(name, out var written)
            ? written
            : name == "bitbucket-token" ? new(StringComparer.Ordinal) { ["token"] = "s3cr3t-t0ken" }
            : IsGenerated(name) ? new(StringComparer.Ordinal) { [GeneratedSecret.Key] = "s3cr3t-made" } : null;
        return new ReferencedData("Secret", Namespace, name, Bytes(data)) { Type = _world.SecretTypes.GetValueOrDefault(name, "Opaque") };
    }

    private bool IsGenerated(string name) => _spec.Webhooks.Exists(w => GeneratedSecret.Of(_connection, w)?.Name == name);

    private static byte[] HashOf(string repositoryId) => SHA256.HashData(Encoding.UTF8.GetBytes(repositoryId))[..4];

    private static Dictionary<string, byte[]>? Bytes(Dictionary<string, string>? data) =>
        data?.ToDictionary(d => d.Key, d => Encoding.UTF8.GetBytes(d.Value), StringComparer.Ordinal);
}
