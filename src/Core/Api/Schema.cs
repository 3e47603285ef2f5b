namespace BitbucketOperator.Core.Api;

// What a C# type cannot say about its schema. The generator below eng reads these when `make generate` writes the
// custom resource definition; nothing reads them at run time. A property's initial value is its default; its XML
// summary is its description.

/// <summary>The resource's plural, short names and categories.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class ResourceNamesAttribute(string plural, string shortName, string category) : Attribute
{
    /// <summary>Plural name, lower case.</summary>
    public string Plural { get; } = plural;

    /// <summary>Short name for kubectl.</summary>
    public string ShortName { get; } = shortName;

    /// <summary>Category for kubectl.</summary>
    public string Category { get; } = category;
}

/// <summary>A column of <c>kubectl get</c>.</summary>
[AttributeUsage(AttributeTargets.Class, AllowMultiple = true)]
public sealed class AdditionalPrinterColumnAttribute(string name, string jsonPath, string type = "string") : Attribute
{
    /// <summary>Heading.</summary>
    public string Name { get; } = name;

    /// <summary>Where the value is.</summary>
    public string JsonPath { get; } = jsonPath;

    /// <summary>OpenAPI type: string, integer or date.</summary>
    public string Type { get; } = type;

    /// <summary>0 shows the column always, 1 with <c>-o wide</c>.</summary>
    public int Priority { get; init; }
}

/// <summary>A CEL rule and its message.</summary>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Property, AllowMultiple = true)]
public sealed class ValidationRuleAttribute(string rule, string message) : Attribute
{
    /// <summary>The CEL expression; <c>self</c> is the annotated value.</summary>
    public string Rule { get; } = rule;

    /// <summary>Names the field and the cure.</summary>
    public string Message { get; } = message;

    /// <summary>The field that the API server names, relative to the annotated value, such as <c>.url</c>.</summary>
    public string? FieldPath { get; init; }
}

/// <summary>The field must be there.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class RequiredAttribute : Attribute;

/// <summary>A regular expression that a string, or each string of a list, must match.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class PatternAttribute(string regex) : Attribute
{
    /// <summary>The expression, RE2.</summary>
    public string Regex { get; } = regex;
}

/// <summary>Bounds of a string's length, or of the length of each string of a list.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class LengthAttribute(int minimum, int maximum) : Attribute
{
    /// <summary>Least number of characters.</summary>
    public int Minimum { get; } = minimum;

    /// <summary>Greatest number of characters.</summary>
    public int Maximum { get; } = maximum;
}

/// <summary>Bounds of a list's length.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class ItemsAttribute(int minimum, int maximum) : Attribute
{
    /// <summary>Least number of items.</summary>
    public int Minimum { get; } = minimum;

    /// <summary>Greatest number of items.</summary>
    public int Maximum { get; } = maximum;
}

/// <summary>Bounds of a number.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class RangeAttribute(int minimum, int maximum) : Attribute
{
    /// <summary>Least value.</summary>
    public int Minimum { get; } = minimum;

    /// <summary>Greatest value.</summary>
    public int Maximum { get; } = maximum;
}

/// <summary>How lists merge under server-side apply: keyed by the given field, or as a set when there is none.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class ListTypeAttribute(string? key = null) : Attribute
{
    /// <summary>The field that tells items apart; null for a set of scalars.</summary>
    public string? Key { get; } = key;
}
