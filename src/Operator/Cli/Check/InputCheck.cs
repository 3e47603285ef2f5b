using BitbucketOperator.Cli.DryRun;
using BitbucketOperator.Controllers;
using BitbucketOperator.Core.Api.V1Alpha1;
using BitbucketOperator.Core.Mapping;
using BitbucketOperator.Core.Ownership;
using BitbucketOperator.Core.Port;
using BitbucketOperator.Core.Validation;
using BitbucketOperator.Manifests.Documents;
using BitbucketOperator.Manifests.Objects;
using BitbucketOperator.Manifests.Reading;
using BitbucketOperator.Runtime.Model;

namespace BitbucketOperator.Cli.Check;

/// <summary>
/// What can be said of connections before a server is talked to, besides their schema: what the operator's flags refuse,
/// objects that are missing, and values in them that cannot be used.
/// </summary>
internal sealed class InputCheck(
    ManifestSet<BitbucketConnection> manifests, ManifestReferences references, ConnectionPolicy policy, bool offline)
{
    private static readonly WebhookOwner Nobody = new("0000000000000000", "", "");

    /// <summary>The problems of one connection. A missing object is an error only where its value is needed.</summary>
    public async Task<IReadOnlyList<Problem>> FindAsync(ResourceManifest<BitbucketConnection> manifest, CancellationToken cancellationToken)
    {
        var connection = manifest.Resource.ToModel();
        var missing = await MissingAsync(manifest, cancellationToken);
        var preparer = new ConnectionPreparer(new DryReferences(references), policy);
        var prepared = await preparer.PrepareAsync(connection, Nobody, cancellationToken);
        Fault?[] faults =
        [
            prepared.Refusal, AnnotationRules.Refusal(connection), OwnerRules.Refusal(connection, ListedOwners.None),
            prepared.Credential?.Fault, prepared.WebhookCredential?.Fault,
            prepared.Preparation, .. prepared.Desired.Select(d => d.Definition.Fault),
        ];
        var found = faults.OfType<Fault>()
            .Where(f => !missing.Exists(m => m.Path == f.Field))
            .Select(f => ProblemOf(manifest, f));
        return [.. missing, .. found];
    }

    private static Problem ProblemOf(ResourceManifest<BitbucketConnection> manifest, Fault fault)
    {
        var field = fault.Field ?? "";
        return Problem.Error(manifest.PositionOf(field), field, fault.Detail);
    }

    private async Task<List<Problem>> MissingAsync(ResourceManifest<BitbucketConnection> manifest, CancellationToken cancellationToken)
    {
        var missing = new List<Problem>();
        var @namespace = manifest.Resource.Metadata.NamespaceProperty;
        foreach (var (field, kind, name) in ConnectionPreparer.ReferencesOf(manifest.Resource.Spec.ToModel()))
        {
            var found = kind == ReferenceKind.Secret
                ? await references.SecretAsync(@namespace, name, cancellationToken)
                : await references.ConfigMapAsync(@namespace, name, cancellationToken);
            if (found.Data is null)
            {
                missing.Add(new Problem(
                    offline ? Severity.Warning : Severity.Error,
                    manifest.PositionOf($"{field}.name"),
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

        var also = (kind, field) switch
        {
            (not ReferenceKind.Secret, _) => "",
            (_, "spec.auth.secretRef") => $", its values with --secret-file {name.Name}=FILE, or the credential with --token-env",
            _ => $", or its values with --secret-file {name.Name}=FILE",
        };
        return $"give its manifest with -f{also}";
    }
}
