using System.Collections.Concurrent;
using System.Text;
using BitbucketOperator.Controllers;
using BitbucketOperator.Core.Credentials;

namespace BitbucketOperator.Operator.Tests.Webhooks;

/// <summary>Secrets and ConfigMaps that a test holds in its hands.</summary>
internal sealed class MemoryReferences : IReferenceSource
{
    /// <summary>Of Secrets, by name and key.</summary>
    public Dictionary<string, Dictionary<string, string>> Secrets { get; } = new(StringComparer.Ordinal);

    /// <summary>Of ConfigMaps, by name and key.</summary>
    public Dictionary<string, Dictionary<string, string>> ConfigMaps { get; } = new(StringComparer.Ordinal);

    /// <summary>What was read, in order.</summary>
    public ConcurrentQueue<string> Reads { get; } = new();

    public Task<ReferencedData> SecretAsync(string @namespace, string name, CancellationToken cancellationToken) =>
        Task.FromResult(Find(Secrets, "Secret", @namespace, name));

    public Task<ReferencedData> ConfigMapAsync(string @namespace, string name, CancellationToken cancellationToken) =>
        Task.FromResult(Find(ConfigMaps, "ConfigMap", @namespace, name));

    public Task<ReferencedData> FindOrMakeSecretAsync(GeneratedSecret wanted, CancellationToken cancellationToken)
    {
        Secrets.TryAdd(wanted.Name, new(StringComparer.Ordinal) { [GeneratedSecret.Key] = SecretMaker.NewValue() });
        return SecretAsync(wanted.Namespace, wanted.Name, cancellationToken);
    }

    private ReferencedData Find(Dictionary<string, Dictionary<string, string>> objects, string kind, string @namespace, string name)
    {
        Reads.Enqueue($"{kind} {name}");
        var data = objects.GetValueOrDefault(name)?.ToDictionary(d => d.Key, d => Encoding.UTF8.GetBytes(d.Value), StringComparer.Ordinal);
        return new ReferencedData(kind, @namespace, name, data);
    }
}
