using BitbucketOperator.Core.Api;
using BitbucketOperator.Core.Credentials;
using BitbucketOperator.Core.Messages;
using BitbucketOperator.Core.Model;
using BitbucketOperator.Core.Observation;
using BitbucketOperator.Core.Ownership;
using BitbucketOperator.Core.Port;
using BitbucketOperator.Core.Validation;
using BitbucketOperator.Runtime.Model;

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

    /// <summary>The observation that a reconcile begins with.</summary>
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
    public static IEnumerable<ObjectReference> References(Connection connection)
    {
        var @namespace = connection.Namespace;
        var named = ReferencesOf(connection.Spec).Select(r => (r.Kind, r.Name));
        var generated = connection.Spec.Webhooks.Select(w => GeneratedSecret.Of(connection, w))
            .OfType<GeneratedSecret>().Select(g => (ReferenceKind.Secret, g.Name));
        return named.Concat(generated).Select(r => new ObjectReference(r.Item1, @namespace, r.Name));
    }

    /// <summary>The objects that a spec names, in the order of its fields, each with the field that does. A new reference is listed here.</summary>
    public static IEnumerable<(string Field, ReferenceKind Kind, string Name)> ReferencesOf(ConnectionSpec spec)
    {
        yield return ($"{AuthField}.secretRef", ReferenceKind.Secret, spec.Auth.SecretName);
        if (spec.WebhookAuth is { } second)
        {
            yield return ($"{WebhookAuthField}.secretRef", ReferenceKind.Secret, second.SecretName);
        }

        if (spec.CaBundle is { } bundle)
        {
            yield return ("spec.tls.caBundleRef", bundle.InSecret ? ReferenceKind.Secret : ReferenceKind.ConfigMap, bundle.Name);
        }

        if (spec.Proxy?.SecretName is { } proxy)
        {
            yield return ("spec.proxy.secretRef", ReferenceKind.Secret, proxy);
        }

        foreach (var webhook in spec.Webhooks.Where(w => w.Secret is not null))
        {
            yield return ($"spec.webhooks[{webhook.Name}].secretRef", ReferenceKind.Secret, webhook.Secret!.Name);
        }
    }

    public async Task<PreparedConnection> PrepareAsync(Connection connection, WebhookOwner owner, CancellationToken cancellationToken)
    {
        var spec = connection.Spec;
        if (SpecRules.Refusal(spec, policy) is { } refusal)
        {
            return new PreparedConnection { Refusal = refusal };
        }

        var read = await ReadAsync(connection, cancellationToken);
        var (credential, end) = CredentialIn(read, spec.Auth, AuthField);
        var (webhookCredential, webhookEnd) = spec.WebhookAuth is null ? default : CredentialIn(read, spec.WebhookAuth, WebhookAuthField);
        var bundle = CaBundleIn(read, spec.CaBundle);
        var proxy = ProxyIn(read, spec.Proxy);
        return new PreparedConnection
        {
            Credential = credential,
            WebhookCredential = webhookCredential,
            CredentialEnds = [.. new[] { end, webhookEnd }.OfType<CredentialEnd>()],
            Preparation = bundle.Fault ?? proxy.Fault,
            Targets = (credential!.Value.Fault ?? bundle.Fault ?? proxy.Fault) is null
                ? new Targets(Target(AuthField, credential.Value.Value!), webhookCredential?.Value is { } second ? Target(WebhookAuthField, second) : null)
                : null,

            // A connection that goes desires none, and must not make a Secret again that went first.
            Desired = !connection.IsDeleting ? await DesiredAsync(connection, owner, read, cancellationToken) : [],
        };

        ConnectionTarget Target(string field, Credential value) =>
            new(spec.Root!, spec.Flavour, value, bundle.Value, spec.InsecureSkipVerify)
            {
                Workspace = spec.Workspace,
                WorkspaceField = spec.WorkspaceField,
                Proxy = proxy.Value,
                CredentialField = field,
                CredentialPlace = Sentences.Quoted("Secret", (field == AuthField ? spec.Auth : spec.WebhookAuth!).SecretName),
            };
    }

    // All at once, and each once, however many fields name it.
    private async Task<Dictionary<(ReferenceKind Kind, string Name), ReferencedData>> ReadAsync(
        Connection connection, CancellationToken cancellationToken)
    {
        var named = ReferencesOf(connection.Spec).Select(r => (r.Kind, r.Name)).Distinct().ToList();
        var read = await Task.WhenAll(named.Select(r => r.Kind == ReferenceKind.Secret
            ? references.SecretAsync(connection.Namespace, r.Name, cancellationToken)
            : references.ConfigMapAsync(connection.Namespace, r.Name, cancellationToken)));
        return named.Zip(read).ToDictionary(r => r.First, r => r.Second with { IsForDeletion = connection.IsDeleting });
    }

    private (Outcome<Credential>? Credential, CredentialEnd? End) CredentialIn(
        Dictionary<(ReferenceKind Kind, string Name), ReferencedData> read, CredentialSource auth, string field)
    {
        var secret = read[(ReferenceKind.Secret, auth.SecretName)];
        var credential = SecretReader.ReadCredential(auth, secret, field, policy.Secrets);

        // Of a Secret that may not be used, nothing is read.
        return (credential, credential.Fault?.Reason == Reasons.SecretNotAllowed ? null : CredentialEnd.Read(auth, secret, field));
    }

    private static Outcome<string?> CaBundleIn(
        Dictionary<(ReferenceKind Kind, string Name), ReferencedData> read, CaBundleSource? source)
    {
        if (source is null)
        {
            return (string?)null;
        }

        var kind = source.InSecret ? ReferenceKind.Secret : ReferenceKind.ConfigMap;
        var bundle = SecretReader.ReadCaBundle(source, read[(kind, source.Name)]);
        return bundle.Fault is { } fault ? fault : bundle.Value;
    }

    private Outcome<ProxyTarget?> ProxyIn(
        Dictionary<(ReferenceKind Kind, string Name), ReferencedData> read, ProxySource? proxy)
    {
        if (proxy is null)
        {
            return (ProxyTarget?)null;
        }

        var url = new Uri(proxy.Url);
        if (proxy.SecretName is null)
        {
            return new ProxyTarget(url);
        }

        var login = SecretReader.ReadProxyLogin(read[(ReferenceKind.Secret, proxy.SecretName)], policy.Secrets);
        return login.Value is { } found ? new ProxyTarget(url, found.Username, found.Password) : login.Fault!;
    }

    private async Task<IReadOnlyList<DesiredWebhook>> DesiredAsync(
        Connection connection,
        WebhookOwner owner,
        Dictionary<(ReferenceKind Kind, string Name), ReferencedData> read,
        CancellationToken cancellationToken)
    {
        var desired = new List<DesiredWebhook>();
        var flavour = connection.Spec.Flavour;
        foreach (var webhook in connection.Spec.Webhooks)
        {
            if (GeneratedSecret.Of(connection, webhook) is { } generated)
            {
                var made = await Reading.TryAsync(() => references.FindOrMakeSecretAsync(generated, cancellationToken));
                desired.Add(DesiredWebhook.Of(webhook, made, owner, policy.AllowHttp, flavour, policy.Secrets));
                continue;
            }

            Outcome<SecretText?> secret = (SecretText?)null;
            if (webhook.Secret is { } reference)
            {
                var data = read[(ReferenceKind.Secret, reference.Name)];
                secret = SecretReader.ReadWebhookSecret(webhook.Name, reference, data, policy.Secrets);
            }

            desired.Add(DesiredWebhook.Of(webhook, secret, owner, policy.AllowHttp, flavour));
        }

        return DesiredWebhook.WithoutDuplicates(desired);
    }
}
