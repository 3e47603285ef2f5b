namespace BitbucketOperator.Manifests.Schemas;

/// <summary>The API server's names of types, and its verdict on whether a value is of one.</summary>
internal static class TypeNames
{
    // Whole numbers beyond 2^53 are no integers to the API server when JSON has no integer for them.
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
            || (node is ScalarNode { Value: double number } && schema.Type == "integer" && Math.Floor(number).Equals(number) && Math.Abs(number) <= MaxInteger);
        if (fits)
        {
            return null;
        }

        // The format stands for the type where the value is no text and no list.
        var namesFormat = schema.Format.Length > 0 && type is not ("string" or "array") && format != schema.Format;
        return namesFormat ? (schema.Format, format) : isNumeric || schema.Format.Length == 0 || type == "array" ? (schema.Type, type) : null;
    }
}
