using BitbucketOperator.Core.Api;
using BitbucketOperator.Core.Api.V1Alpha1;
using BitbucketOperator.Core.Model;
using BitbucketOperator.Core.Port;

namespace BitbucketOperator.Core.Mapping;

/// <summary>From v1alpha1 to the operator's own words. The one place that a further version of the API adds to.</summary>
public static class ConnectionMapping
{
    private static readonly string[] Bounded =
        [Annotations.OwnerId, Annotations.ConfirmInventory, Annotations.RequestedAt, Annotations.FluxRequestedAt, Annotations.AbandonWebhooks];

    /// <summary>The resource in the operator's own words.</summary>
    public static Connection ToModel(this BitbucketConnection resource)
    {
        var metadata = resource.Metadata;
        return new Connection
        {
            Namespace = metadata.NamespaceProperty ?? "",
            Name = metadata.Name ?? "",
            Uid = metadata.Uid ?? "",
            Generation = metadata.Generation,
            CreatedAt = metadata.CreationTimestamp ?? DateTime.MaxValue,
            IsDeleting = metadata.DeletionTimestamp is not null,
            Spec = resource.Spec.ToModel(),
            Known = resource.Status.ToModel(),
            OwnerId = Annotation(resource, Annotations.OwnerId),
            ConfirmedListing = Kept(Raw(resource, Annotations.ConfirmInventory)),
            RequestedAt = Kept(Raw(resource, Annotations.RequestedAt)) ?? Kept(Raw(resource, Annotations.FluxRequestedAt)),
            OverlongAnnotation = Array.Find(Bounded, name => Raw(resource, name)?.Length > Annotations.MaxLength),
            AbandonsWebhooks = Raw(resource, Annotations.AbandonWebhooks) == "true",
        };
    }

    /// <summary>The spec in the operator's own words.</summary>
    public static ConnectionSpec ToModel(this BitbucketConnectionSpec spec) => new()
    {
        Url = spec.Url,
        DeclaredFlavour = spec.Hosting?.ToModel(),
        DeclaredWorkspace = spec.Workspace,
        Auth = spec.Auth.ToModel(),
        WebhookAuth = spec.WebhookAuth?.ToModel(),
        CaBundle = spec.Tls?.CaBundleRef is { } bundle ? new CaBundleSource(bundle.Kind.IsSecret(), bundle.Name, bundle.Key) : null,
        InsecureSkipVerify = spec.Tls?.InsecureSkipVerify ?? false,
        Proxy = spec.Proxy is { } proxy ? new ProxySource(proxy.Url, proxy.SecretRef?.Name) : null,
        Discovery = spec.Discovery.ToModel(),
        Webhooks = [.. spec.Webhooks.Select(ToModel)],
        Mode = spec.Mode.ToModel(),
        Adoption = spec.Adoption.ToModel(),
        DeletionPolicy = spec.DeletionPolicy.ToModel(),
        Interval = GoDuration.ParseOr(spec.Interval, ConnectionSpec.DefaultInterval),
        WebhookInterval = GoDuration.ParseOr(spec.WebhookInterval, ConnectionSpec.DefaultWebhookInterval),
        Suspend = spec.Suspend,
    };

    /// <summary>The rules of discovery in the operator's own words.</summary>
    public static DiscoveryRules ToModel(this DiscoverySpec discovery) => new()
    {
        Projects = discovery.Projects,
        Include = discovery.Include,
        Exclude = discovery.Exclude,
        Repositories = discovery.Repositories,
        Archived = discovery.Archived,
        Forks = discovery.Forks,
        Personal = discovery.Personal,
        MaxShrinkPercent = discovery.MaxShrinkPercent,
    };

    /// <summary>An entry of spec.webhooks in the operator's own words.</summary>
    public static WebhookEntry ToModel(this WebhookSpec webhook) => new(webhook.Name, webhook.Url)
    {
        Events = webhook.Events,
        Secret = webhook.SecretRef is { } reference ? new SecretKeySource(reference.Name, reference.Key) : null,
        GenerateSecret = webhook.GenerateSecret,
        Level = webhook.Level.ToModel(),
        SslVerification = webhook.SslVerification,
        Active = webhook.Active,
        TestPing = webhook.TestPing,
    };

    /// <summary>A credential's source in the operator's own words.</summary>
    public static CredentialSource ToModel(this AuthSpec auth) => new(auth.Type.ToModel(), auth.SecretRef.Name)
    {
        Keys = Named(auth.SecretRef.Keys),
        ExpiresAt = auth.ExpiresAt,
    };

    private static Dictionary<string, string> Named(CredentialKeys? keys)
    {
        (string Usual, string? Named)[] all =
        [
            ("token", keys?.Token),
            ("username", keys?.Username),
            ("password", keys?.Password),
            ("email", keys?.Email),
            ("clientId", keys?.ClientId),
            ("clientSecret", keys?.ClientSecret),
            ("expiresAt", keys?.ExpiresAt),
        ];
        return all.Where(k => k.Named is not null).ToDictionary(k => k.Usual, k => k.Named!, StringComparer.Ordinal);
    }

    private static KnownState ToModel(this BitbucketConnectionStatus? status) => status is null
        ? new KnownState()
        : new KnownState
        {
            ObservedGeneration = status.ObservedGeneration,
            ServerAddress = status.Server?.Url,
            ManagedIn = (status.Bookkeeping is { } kept ? kept.ManagedIn : status.Webhooks?.ManagedIn) ?? [],
            OwnerId = status.OwnerId ?? status.Webhooks?.Owner,
            Baseline = BaselineOf(status),
            VerifiedHidden = status.Bookkeeping?.Hidden ?? 0,
            Verified = VerifiedScopes.Of(status.Webhooks?.Verified is { } verified ? EarlierVerified.Read(verified.Set, verified.Desired) : null),
            FailingDeliveries =
            [
                .. (status.Failures ?? []).Where(f => f.Reason == Reasons.DeliveriesFailing.Name).SelectMany(ToFailingDeliveries),
            ],
            Hidden = status.Permissions?.Find(p => p.Capability == nameof(Capability.ReadWebhooks))?.MissingOn ?? 0,
            HandledRequest = Kept(status.LastHandledReconcileAt),
        };

    // What an earlier version of the operator wrote is taken over.
    private static ListingBaseline BaselineOf(BitbucketConnectionStatus status) => status.Bookkeeping is { } kept
        ? new ListingBaseline(kept.Baseline?.Repositories, kept.Baseline?.ListedBy, Kept(kept.Baseline?.Confirmed))
        : new ListingBaseline(status.Repositories?.Believed, status.Repositories?.ListedBy, Kept(status.Repositories?.Confirmed));

    private static IEnumerable<FailingDelivery> ToFailingDeliveries(FailureStatus failure) =>
        failure.Examples.Select(FailureExamples.Parse).Select(e => new FailingDelivery(e.Place, e.Webhook, failure.Message));

    /// <summary>The value of an annotation; empty where it is too long, null when there is none.</summary>
    public static string? Annotation(BitbucketConnection resource, string name) => Raw(resource, name) is { } value ? Kept(value) ?? "" : null;

    // Nor does status keep what an earlier version copied from one.
    private static string? Kept(string? value) => value?.Length <= Annotations.MaxLength ? value : null;

    private static string? Raw(BitbucketConnection resource, string name) =>
        resource.Metadata.Annotations is { } annotations && annotations.TryGetValue(name, out var value) ? value : null;
}
