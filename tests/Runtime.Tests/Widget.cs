using System.Text.Json.Serialization;
using BitbucketOperator.Runtime.Model;
using k8s;
using k8s.Models;

namespace BitbucketOperator.Runtime.Tests;

/// <summary>The kind the tests work with; its CRD is Widgets.yaml.</summary>
internal sealed class Widget : IKubernetesObject<V1ObjectMeta>
{
    public string ApiVersion { get; set; } = "test.example.com/v1";

    public string Kind { get; set; } = "Widget";

    public V1ObjectMeta Metadata { get; set; } = new();

    public WidgetSpec Spec { get; set; } = new();

    public WidgetStatus? Status { get; set; }

    public EntityKey Key => EntityKey.Of(this);
}

internal sealed class WidgetSpec
{
    public int Size { get; set; }

    public string? SecretName { get; set; }
}

internal sealed class WidgetStatus
{
    public string? Phase { get; set; }

    public int? Passes { get; set; }

    public WidgetCheck? Check { get; set; }

    public IList<string>? Parts { get; set; }
}

internal sealed class WidgetCheck
{
    public string? Result { get; set; }

    public string? LastRun { get; set; }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    Converters = [typeof(KubernetesJson.KubernetesDateTimeConverter), typeof(KubernetesJson.KubernetesDateTimeOffsetConverter)])]
[JsonSerializable(typeof(Widget))]
internal sealed partial class WidgetJson : JsonSerializerContext;
