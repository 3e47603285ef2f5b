using System.Text;
using BitbucketOperator.Controllers;
using BitbucketOperator.Core.Credentials;
using YamlDotNet.RepresentationModel;

namespace BitbucketOperator.Operator.Tests.Credentials;

/// <summary>The Secrets and ConfigMaps of a case's file stand for those of a cluster.</summary>
internal sealed class FileReferences(IEnumerable<YamlMappingNode> documents) : IReferenceSource
{
    private readonly List<YamlMappingNode> _documents = [.. documents];

    public Task<ReferencedData> SecretAsync(string @namespace, string name, CancellationToken cancellationToken) =>
        Task.FromResult(Find("Secret", @namespace, name));

    public Task<ReferencedData> ConfigMapAsync(string @namespace, string name, CancellationToken cancellationToken) =>
        Task.FromResult(Find("ConfigMap", @namespace, name));

    public Task<ReferencedData> FindOrMakeSecretAsync(GeneratedSecret wanted, CancellationToken cancellationToken) =>
        Task.FromResult(Find("Secret", wanted.Namespace, wanted.Name));

    /// <summary>What nobody may ever print; names and addresses in a Secret are not of that kind.</summary>
    public IEnumerable<string> SecretValues => _documents
        .Where(d => Text(d, "kind") == "Secret")
        .SelectMany(d => Map(d, "stringData")!.Children)
        .Where(d => d.Key.ToString() is "token" or "password" or "clientSecret")
        .Select(d => d.Value.ToString());

    public static string? Text(YamlMappingNode node, string key) => node.Children.TryGetValue(key, out var value) ? value.ToString() : null;

    public static YamlMappingNode? Map(YamlMappingNode node, string key) => node.Children.TryGetValue(key, out var value) ? value as YamlMappingNode : null;

    private ReferencedData Find(string kind, string @namespace, string name)
    {
        var found = _documents.Find(d => Text(d, "kind") == kind && Text(Map(d, "metadata")!, "name") == name);
        var data = found is null ? null : Map(found, kind == "Secret" ? "stringData" : "data")!.Children.ToDictionary(
            c => c.Key.ToString(), c => Encoding.UTF8.GetBytes(c.Value.ToString()), StringComparer.Ordinal);
        return new ReferencedData(kind, @namespace, name, data);
    }
}
