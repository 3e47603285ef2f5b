using System.Text.RegularExpressions;
using BitbucketOperator.Manifests.Cel;
using BitbucketOperator.Manifests.Documents;

namespace BitbucketOperator.Manifests.Schemas;

/// <summary>A node of an OpenAPI v3 structural schema: what the API server checks of a value.</summary>
internal sealed class Schema
{
    public string Type { get; init; } = "";

    public string Format { get; init; } = "";

    public bool Nullable { get; init; }

    /// <summary>Whether fields that are not in <see cref="Properties"/> are kept unchecked.</summary>
    public bool PreservesUnknown { get; init; }

    public OrderedDictionary<string, Schema> Properties { get; } = new(StringComparer.Ordinal);

    /// <summary>The schema of fields of any name; null when there are none.</summary>
    public Schema? AdditionalProperties { get; init; }

    public Schema? Items { get; init; }

    public IReadOnlyList<string> Required { get; init; } = [];

    public IReadOnlyList<Node> Enum { get; init; } = [];

    /// <summary>What an absent value becomes.</summary>
    public Node? Default { get; init; }

    public string? Pattern { get; init; }

    /// <summary><see cref="Pattern"/>, ready to match.</summary>
    public Regex? Regex { get; init; }

    public long? MinLength { get; init; }

    public long? MaxLength { get; init; }

    public double? Minimum { get; init; }

    public double? Maximum { get; init; }

    public bool ExclusiveMinimum { get; init; }

    public bool ExclusiveMaximum { get; init; }

    public long? MinItems { get; init; }

    public long? MaxItems { get; init; }

    public long? MinProperties { get; init; }

    public long? MaxProperties { get; init; }

    /// <summary>atomic, set or map.</summary>
    public string ListType { get; init; } = "atomic";

    public IReadOnlyList<string> ListMapKeys { get; init; } = [];

    public IReadOnlyList<ValidationRule> Rules { get; init; } = [];

    /// <summary>The schema of a field; null when it is not known.</summary>
    public Schema? Field(string name) => Properties.TryGetValue(name, out var schema) ? schema : AdditionalProperties;
}

/// <summary>An entry of x-kubernetes-validations.</summary>
/// <param name="Rule">The expression.</param>
/// <param name="Message">What the API server says when it is false.</param>
/// <param name="FieldPath">The field that it concerns, below the one that it stands on, without the first dot; or empty.</param>
/// <param name="Program">
/// The expression, ready to evaluate; null for a transition rule, which only an update of an object in a cluster can break.
/// </param>
internal sealed record ValidationRule(string Rule, string Message, string FieldPath, CelProgram? Program);
