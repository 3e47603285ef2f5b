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

    /// <summary>Null when a fault above keeps the server from being talked to.</summary>
    public ConnectionTarget? Target { get; init; }

    public IReadOnlyList<DesiredWebhook> Desired { get; init; } = [];

    /// <summary>The observation that a pass begins with.</summary>
    public ConnectionObserved ToObserved(DateTimeOffset now) => new()
    {
        Now = now,
        Refusal = Refusal,
        Preparation = Preparation,
        Credential = Credential,
        Desired = Desired,
    };
}

/// <summary>Resolves what a spec refers to.</summary>
internal sealed class ConnectionPreparer(ReferenceReader reader, ConnectionPolicy policy)
{
    /// <summary>The Secrets and ConfigMaps that a spec refers to: a change of one wakes the connection.</summary>
    public static IEnumerable<ObjectReference> References(BitbucketConnection connection)
    {
        var @namespace = connection.Metadata.NamespaceProperty;
        var spec = connection.Spec;
        yield return new ObjectReference(ReferenceKind.Secret, @namespace, spec.Auth.SecretRef.Name);
        if (spec.Tls?.CaBundleRef is { } bundle)
        {
            yield return new ObjectReference(
                bundle.Kind == CaBundleKind.Secret ? ReferenceKind.Secret : ReferenceKind.ConfigMap, @namespace, bundle.Name);
        }

        foreach (var secret in spec.Webhooks.Select(w => w.SecretRef).OfType<SecretKeyReference>())
        {
            yield return new ObjectReference(ReferenceKind.Secret, @namespace, secret.Name);
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
        var credential = SecretReader.ReadCredential(
            spec.Auth, await reader.SecretAsync(@namespace, spec.Auth.SecretRef.Name, cancellationToken));
        var bundle = await CaBundleAsync(@namespace, spec.Tls?.CaBundleRef, cancellationToken);
        return new PreparedConnection
        {
            Credential = credential,
            Preparation = bundle.Fault,
            Target = credential.Fault is null && bundle.Fault is null
                ? new ConnectionTarget(
                    ConnectionGate.UrlOf(spec)!, ConnectionGate.HostingOf(spec), credential.Value!, bundle.Value, spec.Tls?.InsecureSkipVerify ?? false)
                : null,
            Desired = await DesiredAsync(connection, owner, cancellationToken),
        };
    }

    private async Task<Outcome<string?>> CaBundleAsync(string @namespace, CaBundleReference? reference, CancellationToken cancellationToken)
    {
        if (reference is null)
        {
            return (string?)null;
        }

        var data = reference.Kind == CaBundleKind.Secret
            ? await reader.SecretAsync(@namespace, reference.Name, cancellationToken)
            : await reader.ConfigMapAsync(@namespace, reference.Name, cancellationToken);
        var bundle = SecretReader.ReadCaBundle(reference, data);
        return bundle.Fault is { } fault ? fault : bundle.Value;
    }

    private async Task<IReadOnlyList<DesiredWebhook>> DesiredAsync(
        BitbucketConnection connection, WebhookOwner owner, CancellationToken cancellationToken)
    {
        var desired = new List<DesiredWebhook>();
        foreach (var webhook in connection.Spec.Webhooks)
        {
            Outcome<SecretText?> secret = (SecretText?)null;
            if (webhook.SecretRef is { } reference)
            {
                var data = await reader.SecretAsync(connection.Metadata.NamespaceProperty, reference.Name, cancellationToken);
                secret = SecretReader.ReadWebhookSecret(webhook.Name, reference, data);
            }

            desired.Add(DesiredWebhook.Of(webhook, secret, owner, policy.AllowHttp));
        }

        return desired;
    }
}
