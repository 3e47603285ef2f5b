using BitbucketOperator.Core.Api.V1Alpha1;

namespace BitbucketOperator.Manifests;

/// <summary>What manifests hold. When <see cref="HasErrors"/>, what could be read in spite of them.</summary>
/// <param name="Connections">In the order of the files; only those that a cluster would take.</param>
/// <param name="Secrets">By namespace and name.</param>
/// <param name="ConfigMaps">By namespace and name.</param>
/// <param name="Skipped">Documents of other kinds.</param>
/// <param name="Problems">Sorted by place.</param>
internal sealed record ManifestSet(
    IReadOnlyList<ConnectionManifest> Connections,
    IReadOnlyDictionary<ObjectName, DataManifest> Secrets,
    IReadOnlyDictionary<ObjectName, DataManifest> ConfigMaps,
    IReadOnlyList<SkippedDocument> Skipped,
    IReadOnlyList<Problem> Problems)
{
    /// <summary>Whether a problem is an error.</summary>
    public bool HasErrors => Problems.Any(p => p.Severity == Severity.Error);
}

/// <summary>Namespace and name of an object. A manifest without a namespace stands in <see cref="DefaultNamespace"/>.</summary>
internal readonly record struct ObjectName(string Namespace, string Name)
{
    public const string DefaultNamespace = "default";

    public override string ToString() => $"{Namespace}/{Name}";
}

/// <summary>A connection with the defaults of its schema filled in.</summary>
/// <param name="At">Where it begins.</param>
/// <param name="Connection">The connection.</param>
/// <param name="Document">What it was read from, for the places of its fields.</param>
internal sealed record ConnectionManifest(Position At, BitbucketConnection Connection, MapNode Document);

/// <summary>A Secret or ConfigMap.</summary>
/// <param name="At">Where it begins.</param>
/// <param name="Type">A Secret's type; null where none is written, and for a ConfigMap.</param>
/// <param name="Data">A Secret's decoded values, stringData over data; a ConfigMap's in UTF-8.</param>
internal sealed record DataManifest(Position At, string? Type, IReadOnlyDictionary<string, byte[]> Data);

/// <summary>A document of a kind that does not matter here; without apiVersion and kind one that is no manifest.</summary>
internal sealed record SkippedDocument(Position At, string ApiVersion, string Kind)
{
    public override string ToString() => $"skipped: {(Kind.Length > 0 ? $"kind {Kind}" : "not a manifest")}, {At.File}:{At.Line}";
}
