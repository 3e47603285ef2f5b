using System.Text.Json.Nodes;

namespace BitbucketOperator.Packaging.Tests.Charts;

/// <summary>What tests look at in a Kubernetes object.</summary>
internal static class Manifest
{
    public static string Kind(this JsonObject manifest) => manifest["kind"]!.GetValue<string>();

    public static string Name(this JsonObject manifest) => manifest["metadata"]!["name"]!.GetValue<string>();

    public static string? Namespace(this JsonObject manifest) => manifest["metadata"]!["namespace"]?.GetValue<string>();

    /// <summary>KIND NAMESPACE/NAME, for messages.</summary>
    public static string Id(this JsonObject manifest) => $"{manifest.Kind()} {manifest.Namespace()}/{manifest.Name()}";

    public static JsonObject The(this IEnumerable<JsonObject> manifests, string kind) => manifests.Single(m => m.Kind() == kind);

    /// <summary>The spec of the Pod that the object is or makes; null where it makes none.</summary>
    public static JsonObject? PodSpec(this JsonObject manifest) => manifest.Kind() switch
    {
        "Pod" => manifest["spec"]!.AsObject(),
        "Deployment" or "Job" => manifest["spec"]!["template"]!["spec"]!.AsObject(),
        _ => null,
    };

    /// <summary>Arguments of the first container.</summary>
    public static IReadOnlyList<string> Arguments(this JsonObject manifest) =>
        [.. manifest.PodSpec()!["containers"]![0]!["args"]!.AsArray().Select(a => a!.GetValue<string>())];
}
