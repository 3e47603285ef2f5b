using System.Reflection;

namespace BitbucketOperator.Generator;

/// <summary>The fields below an API type, each followed by those inside it, in the order of the code.</summary>
internal sealed class ApiFields(CrdSchema schema)
{
    private readonly Dictionary<Type, string> _paths = [];

    public List<ApiField> Of(Type type, string path)
    {
        _paths.Add(type, path);
        var sample = Activator.CreateInstance(type)!;
        var fields = new List<ApiField>();
        foreach (var property in type.GetProperties(BindingFlags.Public | BindingFlags.Instance).OrderBy(p => p.MetadataToken))
        {
            var field = new ApiField($"{path}.{CrdSchema.JsonName(property)}", property, schema.OfProperty(property, property.GetValue(sample)));
            if (!field.IsObject)
            {
                fields.Add(field);
                continue;
            }

            field = field with { SameAs = _paths.GetValueOrDefault(field.Item) };
            fields.Add(field);
            fields.AddRange(field.SameAs is null ? Of(field.Item, field.IsList ? field.Path + "[]" : field.Path) : []);
        }

        return fields;
    }
}

/// <summary>A field, as its schema describes it.</summary>
/// <param name="Path">Where it is, such as spec.webhooks[].url.</param>
/// <param name="Property">What it is in the code.</param>
/// <param name="Schema">Its schema.</param>
internal sealed record ApiField(string Path, PropertyInfo Property, YamlMap Schema)
{
    /// <summary>The path of another field that has the same fields inside; null when it has its own.</summary>
    public string? SameAs { get; init; }

    public bool IsList => Property.PropertyType.IsGenericType && Property.PropertyType.GetGenericTypeDefinition() == typeof(List<>);

    /// <summary>The type of the value, or of a list's items.</summary>
    public Type Item => IsList
        ? Property.PropertyType.GetGenericArguments()[0]
        : Nullable.GetUnderlyingType(Property.PropertyType) ?? Property.PropertyType;

    public bool IsObject => Item.IsClass && Item != typeof(string);

    public bool IsRequired => Property.GetCustomAttribute<Core.Api.RequiredAttribute>() is not null;

    public string? Default => Schema.Get("default") switch
    {
        null or YamlMap => null,
        bool b => b ? "true" : "false",
        var value => value.ToString(),
    };

    public string TypeName => IsList ? $"list of {Scalar.Get("type")}s" : Scalar.Get("format") is "date-time" ? "time (RFC 3339)" : $"{Scalar.Get("type")}";

    public string Bounds =>
        Range(Schema.Get("minItems"), Schema.Get("maxItems"), " items")
        + Range(Scalar.Get("minLength"), Scalar.Get("maxLength"), IsList ? " characters each" : " characters")
        + Range(Scalar.Get("minimum"), Scalar.Get("maximum"), "")
        + (Scalar.Get("pattern") is { } pattern ? $", pattern `{pattern}`" : "");

    // What a list says of its items.
    private YamlMap Scalar => Schema.Get("items") as YamlMap ?? Schema;

    private static string Range(object? least, object? most, string unit) =>
        most is null ? "" : least is null ? $", at most {most}{unit}" : $", {least} to {most}{unit}";
}
