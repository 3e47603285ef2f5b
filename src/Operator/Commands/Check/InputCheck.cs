using BitbucketOperator.Controllers;
using BitbucketOperator.Core;
using BitbucketOperator.Core.Connection;
using BitbucketOperator.Manifests;
using BitbucketOperator.Runtime;

namespace BitbucketOperator.Commands.Check;

/// <summary>
/// What can be said of connections before a server is talked to, besides their schema: what the operator's flags refuse,
/// objects that are missing, and values in them that cannot be used.
/// </summary>
internal sealed class InputCheck(ManifestSet manifests, ManifestReferences references, ConnectionPolicy policy, bool offline)
{
    private static readonly WebhookOwner Nobody = new("0000000000000000", "", "");

    /// <summary>The problems of one connection. A missing object is an error only where its value is needed.</summary>
    public async Task<IReadOnlyList<Problem>> FindAsync(ConnectionManifest manifest, CancellationToken cancellationToken)
    {
        var connection = manifest.Connection;
        var missing = await MissingAsync(manifest, cancellationToken);
        var preparer = new ConnectionPreparer(new DryReferences(references), policy);
        var prepared = await preparer.PrepareAsync(connection, Nobody, cancellationToken);
        Fault?[] faults =
        [
            prepared.Refusal, ConnectionGate.OwnerRefusal(connection, []), prepared.Credential?.Fault, prepared.WebhookCredential?.Fault,
            prepared.Preparation, .. prepared.Desired.Select(d => d.Definition.Fault),
        ];
        var found = faults.OfType<Fault>()
            .Where(f => !missing.Exists(m => f.Message.StartsWith(m.Path, StringComparison.Ordinal)))
            .Select(f => ProblemOf(manifest, f));
        return [.. missing, .. found];
    }

    private static Problem ProblemOf(ConnectionManifest manifest, Fault fault)
    {
        var field = FieldPlaces.FieldOf(fault.Message);
        var message = fault.Message[field.Length..].TrimStart(':', ' ');
        return Problem.Error(FieldPlaces.Find(manifest.Document, field), field, message);
    }

    private async Task<List<Problem>> MissingAsync(ConnectionManifest manifest, CancellationToken cancellationToken)
    {
        var missing = new List<Problem>();
        var @namespace = manifest.Connection.Metadata.NamespaceProperty;
        foreach (var (field, kind, name) in ConnectionPreparer.ReferencesOf(manifest.Connection.Spec))
        {
            var found = kind == ReferenceKind.Secret
                ? await references.SecretAsync(@namespace, name, cancellationToken)
                : await references.ConfigMapAsync(@namespace, name, cancellationToken);
            if (found.Data is null)
            {
                missing.Add(new Problem(
                    offline ? Severity.Warning : Severity.Error,
                    FieldPlaces.Find(manifest.Document, $"{field}.name"),
                    field,
                    $"{kind} {@namespace}/{name} is not among the files",
                    Cure(field, kind, new ObjectName(@namespace, name))));
            }
        }

        return missing;
    }

    private string Cure(string field, ReferenceKind kind, ObjectName name)
    {
        var others = (kind == ReferenceKind.Secret ? manifests.Secrets : manifests.ConfigMaps).Keys
            .Where(o => o.Name == name.Name).Select(o => o.ToString()).Order(StringComparer.Ordinal).ToList();
        if (others.Count > 0)
        {
            return $"{string.Join(", ", others)} is, but a connection reads objects of its own namespace only";
        }

        if (kind == ReferenceKind.ConfigMap && manifests.Secrets.ContainsKey(name))
        {
            return $"Secret {name} is: set {field}.kind to Secret";
        }

        var also = kind != ReferenceKind.Secret ? "" : field == "spec.auth.secretRef" ? $", its values with --secret-file {name.Name}=FILE, or the credential with --token-env" : $", or its values with --secret-file {name.Name}=FILE";
        return $"give its manifest with -f{also}";
    }
}
