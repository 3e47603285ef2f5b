using BitbucketOperator.Manifests.Documents;

namespace BitbucketOperator.Manifests.Objects;

/// <summary>What a document says it is.</summary>
internal enum DocumentKind
{
    /// <summary>A kind that does not matter here.</summary>
    Other,

    /// <summary>The custom resource.</summary>
    Resource,
    Secret,
    ConfigMap,

    /// <summary>A list of objects.</summary>
    List,

    /// <summary>It does not say, or says it wrongly; that is reported.</summary>
    Unknown,
}

/// <summary>Tells by apiVersion and kind what a document is, and what is wrong with them.</summary>
internal static class DocumentIdentity
{
    private static readonly string[] CoreKinds = ["Secret", "ConfigMap"];

    /// <summary>
    /// False for what has no field of a manifest, as values of Helm, patches in JSON and a kustomization.yaml that does not say
    /// what it is: folders of a GitOps repository hold such files beside manifests.
    /// </summary>
    public static bool IsManifest(Node node) => node is MapNode document && (document["kind"] is not null
        || (document["spec"] ?? document["data"] ?? document["stringData"]) is not null
        || (document["apiVersion"] is ScalarNode { Value: string version } && version.Contains('/', StringComparison.Ordinal)));

    /// <summary>The kind of a document. A mistake is reported to <paramref name="problems"/>.</summary>
    public static DocumentKind Of(MapNode document, ResourceKind resource, List<Problem> problems)
    {
        if (Text(document, "kind", $"write {resource.Kind}, Secret, ConfigMap or another kind of Kubernetes", problems) is not { } kind)
        {
            return DocumentKind.Unknown;
        }

        var near = Suggestion.Nearest(kind, [resource.Kind, .. CoreKinds]);
        var right = near == resource.Kind ? resource.ApiVersion : near is null ? "the kind's version" : "v1";
        if (Text(document, "apiVersion", $"write {right}", problems) is not { } version)
        {
            return DocumentKind.Unknown;
        }

        var group = version.Contains('/', StringComparison.Ordinal) ? version[..version.IndexOf('/', StringComparison.Ordinal)] : "";
        if (kind.EndsWith("List", StringComparison.Ordinal) && document["items"] is ListNode)
        {
            return DocumentKind.List;
        }

        if (kind == resource.Kind || group == resource.Group)
        {
            return OfResource(document, kind, version, resource, problems);
        }

        // Secrets of other groups are other kinds; v2 and core/v1 are mistakes.
        if (CoreKinds.Contains(kind) && version != "v1" && !group.Contains('.', StringComparison.Ordinal))
        {
            return Wrong(document, "apiVersion", version, $"{kind} is of apiVersion v1", problems);
        }

        if (version == "v1" && kind != near && near is not null && !IsBuiltIn(kind))
        {
            return Wrong(document, "kind", kind, $"did you mean {near}?", problems);
        }

        return version != "v1" ? DocumentKind.Other : kind switch
        {
            "Secret" => DocumentKind.Secret,
            "ConfigMap" => DocumentKind.ConfigMap,
            _ => DocumentKind.Other,
        };
    }

    private static DocumentKind OfResource(MapNode document, string kind, string version, ResourceKind resource, List<Problem> problems)
    {
        var kindFits = kind == resource.Kind;
        if (!kindFits)
        {
            Wrong(document, "kind", kind, $"{resource.Group} knows the kind {resource.Kind}", problems);
        }

        if (version != resource.ApiVersion)
        {
            Wrong(document, "apiVersion", version, $"{resource.Kind} is of apiVersion {resource.ApiVersion}", problems);
        }

        return kindFits && version == resource.ApiVersion ? DocumentKind.Resource : DocumentKind.Unknown;
    }

    private static string? Text(MapNode document, string field, string cure, List<Problem> problems)
    {
        switch (document[field])
        {
            case ScalarNode { Value: string { Length: > 0 } text }:
                return text;
            case null or ScalarNode { Value: null or "" }:
                problems.Add(Problem.Error(document.PositionOf(field), field, $"Required value: {cure}"));
                return null;
            default:
                problems.Add(Problem.Error(document[field]!.At, field, $"Invalid value: must be text: {cure}"));
                return null;
        }
    }

    private static DocumentKind Wrong(MapNode document, string field, string value, string cure, List<Problem> problems)
    {
        problems.Add(Problem.Error(document[field]!.At, field, $"Invalid value: {ApiText.Quote(value)}: {cure}"));
        return DocumentKind.Unknown;
    }

    // The kinds of v1 whose names are near to those that matter: none but those that differ by case alone is a mistake.
    private static bool IsBuiltIn(string kind) =>
        kind is "Event" or "Pod" or "Node" or "Service" or "Endpoints" or "Namespace" or "Binding" or "ComponentStatus" or "LimitRange"
            or "PersistentVolume" or "PersistentVolumeClaim" or "PodTemplate" or "ReplicationController" or "ResourceQuota"
            or "ServiceAccount";
}
