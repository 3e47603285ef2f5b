using BitbucketOperator.Manifests.Documents;

namespace BitbucketOperator.Manifests.Schemas;

/// <summary>The API server's names of types, and its verdict on whether a value is of one.</summary>
internal static class TypeNames
{
    // Whole numbers beyond 2^53 are not integers to the API server when JSON has no integer for them.
    private const double MaxInteger = 9007199254740991;

    /// <summary>Type and format of a value.</summary>
    public static (string Type, string Format) Of(Node node) => node switch
    {
        MapNode => ("object", ""),
        ListNode => ("array", ""),
        ScalarNode { Value: null } => ("null", ""),
        ScalarNode { Value: bool } => ("boolean", ""),
        ScalarNode { Value: long } => ("integer", "int64"),
        ScalarNode { Value: double } => ("number", "float64"),
        _ => ("string", ""),
    };

    /// <summary>How to write a value so that it is of a schema's type.</summary>
    public static string Cure(Node node, Schema schema) => schema.Type switch
    {
        "string" when node is ScalarNode { Value: bool } => "put it in quotes: YAML takes words such as yes, no, on and off for true and false",
        "string" when node is ScalarNode { Value: not null } => "put it in quotes",
        "string" => "write a text",
        "boolean" => "write true or false, without quotes",
        "integer" or "number" => "write a number, without quotes",
        "array" => "write a list, each entry with a - before it",
        _ => $"write an object with {string.Join(", ", schema.Properties.Keys)}",
    };

    /// <summary>What is expected and what is there, in the API server's words; null when the value fits.</summary>
    public static (string Expected, string Actual)? Mismatch(Node node, Schema schema)
    {
        var (type, format) = Of(node);
        if (type == "null")
        {
            return schema.Nullable ? null : (schema.Type, type);
        }

        var isNumeric = schema.Type is "integer" or "number";
        var fits = schema.Type == type
            || (type == "integer" && schema.Type == "number")
            || (schema.Type == "integer" && node is ScalarNode { Value: double number }
                && Math.Floor(number).Equals(number) && Math.Abs(number) <= MaxInteger);
        if (fits)
        {
            return null;
        }

        // The format stands for the type where the value is neither text nor list.
        var namesFormat = schema.Format.Length > 0 && type is not ("string" or "array") && format != schema.Format;
        return namesFormat ? (schema.Format, format) : isNumeric || schema.Format.Length == 0 || type == "array" ? (schema.Type, type) : null;
    }
}
