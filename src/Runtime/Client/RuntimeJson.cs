using System.Text.Json.Serialization;

namespace BitbucketOperator.Runtime.Client;

/// <summary>The little that is read of any object, whatever its kind.</summary>
internal sealed class PartialObject
{
    public PartialMetadata? Metadata { get; set; }
}

/// <summary>Identity, version and finalizers; the rest of the metadata is skipped while reading.</summary>
internal sealed class PartialMetadata
{
    public string? Name { get; set; }

    public string? Namespace { get; set; }

    public string? Uid { get; set; }

    public string? ResourceVersion { get; set; }

    public IList<string>? Finalizers { get; set; }
}

/// <summary>The metadata of a list.</summary>
internal sealed class ListMetadata
{
    public string? ResourceVersion { get; set; }

    public string? Continue { get; set; }
}

/// <summary>The little that is read of a list, whatever its kind.</summary>
internal sealed class PartialList
{
    public ListMetadata? Metadata { get; set; }

    public IList<PartialObject>? Items { get; set; }
}

/// <summary>What is read of a Status object.</summary>
internal sealed class StatusBody
{
    public int? Code { get; set; }

    public string? Reason { get; set; }

    public string? Message { get; set; }

    public StatusDetails? Details { get; set; }
}

/// <summary>What is read of a Status object's details.</summary>
internal sealed class StatusDetails
{
    public IList<StatusCause>? Causes { get; set; }
}

/// <summary>One cause of a failure.</summary>
internal sealed class StatusCause
{
    public string? Reason { get; set; }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(PartialObject))]
[JsonSerializable(typeof(PartialList))]
[JsonSerializable(typeof(ListMetadata))]
[JsonSerializable(typeof(StatusBody))]
internal sealed partial class RuntimeJson : JsonSerializerContext;
