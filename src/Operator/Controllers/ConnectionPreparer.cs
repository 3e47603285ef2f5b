using BitbucketOperator.Core;
using BitbucketOperator.Core.Api.V1Alpha1;
using BitbucketOperator.Core.Connection;
using BitbucketOperator.Runtime;

namespace BitbucketOperator.Controllers;

/// <summary>All that is read in the cluster before a server is talked to.</summary>
internal sealed record PreparedConnection
{
    public Fault? Refusal { get; init; }

    public Fault? Preparation { get; init; }

    public Outcome<Credential>? Credential { get; init; }

    public Outcome<Credential>? WebhookCredential { get; init; }

    public IReadOnlyList<CredentialEnd> CredentialEnds { get; init; } = [];

    /// <summary>Null when a fault above keeps the server from being talked to. A fault of spec.webhookAuth alone does not.</summary>
    public Targets? Targets { get; init; }

    public IReadOnlyList<DesiredWebhook> Desired { get; init; } = [];

    /// <summary>The observation that a pass begins with.</summary>
    public ConnectionObserved ToObserved(DateTimeOffset now) => new()
    {
        Now = now,
        Refusal = Refusal,
        Preparation = Preparation,
        Credential = Credential,
        WebhookCredential = WebhookCredential,
        CredentialEnds = CredentialEnds,
        Desired = Desired,
    };
}

/// <summary>Resolves what a spec refers to.</summary>
internal sealed class ConnectionPreparer(IReferenceSource references, ConnectionPolicy policy)
{
    private const string AuthField = "spec.auth";
    private const string WebhookAuthField = "spec.webhookAuth";

    /// <summary>The Secrets and ConfigMaps that a spec refers to: a change of one wakes the connection.</summary>
    public static IEnumerable<ObjectReference> References(BitbucketConnection connection)
    {
        var @namespace = connection.Metadata.NamespaceProperty;
        var named = ReferencesOf(connection.Spec).Select(r => (r.Kind, r.Name));
        var generated = connection.Spec.Webhooks.Select(w => GeneratedSecret.Of(connection, w)).OfType<GeneratedSecret>().Select(g => (ReferenceKind.Secret, g.Name));
        return named.Concat(generated).Select(r => new ObjectReference(r.Item1, @namespace, r.Name));
    }

    /// <summary>The objects that a spec names, in the order of its fields, each with the field that does. A new reference is listed here.</summary>
    public static IEnumerable<(string Field, ReferenceKind Kind, string Name)> ReferencesOf(BitbucketConnectionSpec spec)
    {
        yield return ($"{AuthField}.secretRef", ReferenceKind.Secret, spec.Auth.SecretRef.Name);
        if (spec.WebhookAuth is { } second)
        {
            yield return ($"{WebhookAuthField}.secretRef", ReferenceKind.Secret, second.SecretRef.Name);
        }

        if (spec.Tls?.CaBundleRef is { } bundle)
        {
            yield return ("spec.tls.caBundleRef", bundle.Kind == CaBundleKind.Secret ? ReferenceKind.Secret : ReferenceKind.ConfigMap, bundle.Name);
        }

        if (spec.Proxy?.SecretRef is { } proxy)
        {
            yield return ("spec.proxy.secretRef", ReferenceKind.Secret, proxy.Name);
        }

        foreach (var webhook in spec.Webhooks.Where(w => w.SecretRef is not null))
        {
            yield return ($"spec.webhooks[{webhook.Name}].secretRef", ReferenceKind.Secret, webhook.SecretRef!.Name);
        }
    }

    public async Task<PreparedConnection> PrepareAsync(BitbucketConnection connection, WebhookOwner owner, CancellationToken cancellationToken)
    {
        var spec = connection.Spec;
        if (ConnectionGate.Refusal(spec, policy) is { } refusal)
        {
            return new PreparedConnection { Refusal = refusal };
        }

        var @namespace = connection.Metadata.NamespaceProperty;
        var (credential, end) = await CredentialAsync(@namespace, spec.Auth, AuthField, cancellationToken);
        var (webhookCredential, webhookEnd) = spec.WebhookAuth is null
            ? default
            : await CredentialAsync(@namespace, spec.WebhookAuth, WebhookAuthField, cancellationToken);
        var bundle = await CaBundleAsync(@namespace, spec.Tls?.CaBundleRef, cancellationToken);
        var proxy = await ProxyAsync(@namespace, spec.Proxy, cancellationToken);
        return new PreparedConnection
        {
            Credential = credential,
            WebhookCredential = webhookCredential,
            CredentialEnds = [.. new[] { end, webhookEnd }.OfType<CredentialEnd>()],
            Preparation = bundle.Fault ?? proxy.Fault,
            Targets = (credential!.Value.Fault ?? bundle.Fault ?? proxy.Fault) is null
                ? new Targets(Target(AuthField, credential.Value.Value!), webhookCredential?.Value is { } second ? Target(WebhookAuthField, second) : null)
                : null,

            // A connection that goes wants none, and must not make a Secret again that went first.
            Desired = connection.Metadata.DeletionTimestamp is null ? await DesiredAsync(connection, owner, cancellationToken) : [],
        };

        ConnectionTarget Target(string field, Credential value) =>
            new(ConnectionGate.UrlOf(spec)!, ConnectionGate.HostingOf(spec), value, bundle.Value, spec.Tls?.InsecureSkipVerify ?? false)
            {
                Workspace = ConnectionGate.WorkspaceOf(spec),
                Proxy = proxy.Value,
                CredentialField = field,
            };
    }

    private async Task<(Outcome<Credential>? Credential, CredentialEnd? End)> CredentialAsync(
        string @namespace, AuthSpec auth, string field, CancellationToken cancellationToken)
    {
        var secret = await references.SecretAsync(@namespace, auth.SecretRef.Name, cancellationToken);
        return (SecretReader.ReadCredential(auth, secret, field), CredentialEnd.Read(auth, secret, field));
    }

    private async Task<Outcome<string?>> CaBundleAsync(string @namespace, CaBundleReference? reference, CancellationToken cancellationToken)
    {
        if (reference is null)
        {
            return (string?)null;
        }

        var data = reference.Kind == CaBundleKind.Secret
            ? await references.SecretAsync(@namespace, reference.Name, cancellationToken)
            : await references.ConfigMapAsync(@namespace, reference.Name, cancellationToken);
        var bundle = SecretReader.ReadCaBundle(reference, data);
        return bundle.Fault is { } fault ? fault : bundle.Value;
    }

    private async Task<Outcome<ProxyTarget?>> ProxyAsync(string @namespace, ProxySpec? proxy, CancellationToken cancellationToken)
    {
        if (proxy is null)
        {
            return (ProxyTarget?)null;
        }

        var url = new Uri(proxy.Url);
        if (proxy.SecretRef is null)
        {
            return new ProxyTarget(url);
        }

        var login = SecretReader.ReadProxyLogin(await references.SecretAsync(@namespace, proxy.SecretRef.Name, cancellationToken));
        return login.Value is { } read ? new ProxyTarget(url, read.Username, read.Password) : login.Fault!;
    }

    private async Task<IReadOnlyList<DesiredWebhook>> DesiredAsync(
        BitbucketConnection connection, WebhookOwner owner, CancellationToken cancellationToken)
    {
        var desired = new List<DesiredWebhook>();
        var hosting = ConnectionGate.HostingOf(connection.Spec);
        foreach (var webhook in connection.Spec.Webhooks)
        {
            if (GeneratedSecret.Of(connection, webhook) is { } generated)
            {
                var made = await Reading.TryAsync(() => references.FindOrMakeSecretAsync(generated, cancellationToken));
                desired.Add(DesiredWebhook.Of(webhook, made, owner, policy.AllowHttp, hosting));
                continue;
            }

            Outcome<SecretText?> secret = (SecretText?)null;
            if (webhook.SecretRef is { } reference)
            {
                var data = await references.SecretAsync(connection.Metadata.NamespaceProperty, reference.Name, cancellationToken);
                secret = SecretReader.ReadWebhookSecret(webhook.Name, reference, data);
            }

            desired.Add(DesiredWebhook.Of(webhook, secret, owner, policy.AllowHttp, hosting));
        }

        return desired;
    }
}
