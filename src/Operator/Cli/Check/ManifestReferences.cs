using System.Text;
using BitbucketOperator.Controllers;
using BitbucketOperator.Core.Api;
using BitbucketOperator.Core.Api.V1Alpha1;
using BitbucketOperator.Core.Credentials;
using BitbucketOperator.Core.Mapping;
using BitbucketOperator.Manifests.Objects;
using BitbucketOperator.Manifests.Reading;

namespace BitbucketOperator.Cli.Check;

/// <summary>Secrets and ConfigMaps of files stand for those of a cluster.</summary>
/// <param name="manifests">What -f read.</param>
/// <param name="secretFiles">What --secret-file read, by the Secret's name: for every namespace.</param>
internal sealed class ManifestReferences(
    ManifestSet<BitbucketConnection> manifests, IReadOnlyDictionary<string, IReadOnlyDictionary<string, byte[]>> secretFiles)
    : IReferenceSource
{
    // Values alone, without a manifest: they stand for a Secret as it ought to be.
    private static readonly Dictionary<string, string> Labelled = new(StringComparer.Ordinal) { [Labels.Credential] = Labels.True };

    private readonly Dictionary<ObjectName, IReadOnlyDictionary<string, byte[]>> _given = [];

    public Task<ReferencedData> SecretAsync(string @namespace, string name, CancellationToken cancellationToken) =>
        Task.FromResult(Secret(new ObjectName(@namespace, name)));

    public Task<ReferencedData> ConfigMapAsync(string @namespace, string name, CancellationToken cancellationToken) =>
        Task.FromResult(new ReferencedData(
            "ConfigMap", @namespace, name, manifests.ConfigMaps.GetValueOrDefault(new ObjectName(@namespace, name))?.Data));

    public Task<ReferencedData> FindOrMakeSecretAsync(GeneratedSecret desired, CancellationToken cancellationToken) =>
        SecretAsync(desired.Namespace, desired.Name, cancellationToken);

    /// <summary>The Secret; without data when no file holds it.</summary>
    public ReferencedData Secret(ObjectName name)
    {
        var read = manifests.Secrets.GetValueOrDefault(name);
        var data = read?.Data ?? secretFiles.GetValueOrDefault(name.Name) ?? _given.GetValueOrDefault(name);
        return new ReferencedData("Secret", name.Namespace, name.Name, data) { Type = read?.Type, Labels = read?.Labels ?? Labelled };
    }

    /// <summary>Takes a credential for the Secret of spec.auth, unless a file holds that: user:secret for kinds of two parts.</summary>
    public void Give(BitbucketConnection connection, string credential)
    {
        var auth = connection.Spec.Auth.ToModel();
        var keys = SecretReader.KeysOf(auth);
        var values = credential.Split(':', keys.Count);
        // Without a colon it is the secret alone, which is the last.
        var first = keys.Count - values.Length;
        _given[new ObjectName(connection.Metadata.NamespaceProperty, auth.SecretName)] = keys
            .Select((key, i) => (Key: key, Value: i < first ? "" : values[i - first]))
            .ToDictionary(p => p.Key, p => Encoding.UTF8.GetBytes(p.Value), StringComparer.Ordinal);
    }
}
