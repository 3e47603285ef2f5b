using System.Collections;
using System.Reflection;
using System.Text.Json;
using BitbucketOperator.Core.Api;

namespace BitbucketOperator.Generator;

/// <summary>The OpenAPI schema of an API type.</summary>
internal sealed class CrdSchema(XmlDocs docs)
{
    private static readonly NullabilityInfoContext Nullability = new();
    private int _listsAround;

    public YamlMap OfObject(Type type, string description)
    {
        var sample = Activator.CreateInstance(type)!;
        var properties = new YamlMap();
        var required = new List<object>();
        foreach (var property in type.GetProperties(BindingFlags.Public | BindingFlags.Instance).OrderBy(JsonName, StringComparer.Ordinal))
        {
            properties.Add(JsonName(property), OfProperty(property, property.GetValue(sample)));
            if (property.GetCustomAttribute<RequiredAttribute>() is not null)
            {
                required.Add(JsonName(property));
            }
        }

        return new YamlMap
        {
            { "description", description },
            { "type", "object" },
            { "required", required.Count > 0 ? required : null },
            { "properties", properties },
            { "x-kubernetes-validations", Rules(type) },
        };
    }

    public static string JsonName(PropertyInfo property) => JsonNamingPolicy.CamelCase.ConvertName(property.Name);

    /// <summary>The schema of a property; its default is <paramref name="initial"/>.</summary>
    public YamlMap OfProperty(PropertyInfo property, object? initial)
    {
        var type = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
        var schema = OfType(type, property);
        schema.Add("x-kubernetes-validations", Rules(property));
        var value = property.GetCustomAttribute<RequiredAttribute>() is null && InSpec(property) ? Default(property, initial) : null;
        if (_listsAround == 0)
        {
            schema.Add("default", value);
        }
        else if (value is not (null or YamlMap))
        {
            schema.Set("description", $"{schema.Get("description")} Default: {(value is bool flag ? flag ? "true" : "false" : value)}.");
        }

        return schema;
    }

    private YamlMap OfType(Type type, PropertyInfo property)
    {
        var description = docs.Of(property);
        if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(List<>))
        {
            return OfList(type.GetGenericArguments()[0], property, description);
        }

        if (type.IsClass && type != typeof(string))
        {
            return OfObject(type, description);
        }

        var scalar = new YamlMap { { "description", description } };
        scalar.AddRange(Scalar(type));
        scalar.AddRange(Bounds(property));
        return scalar;
    }

    private YamlMap OfList(Type item, PropertyInfo property, string description)
    {
        YamlMap items;
        if (item == typeof(string))
        {
            items = [.. Scalar(item), .. Bounds(property)];
        }
        else
        {
            // A default inside a list item would show as a difference in Argo CD for ever: the code applies it.
            _listsAround++;
            items = OfObject(item, docs.Of(item));
            _listsAround--;
        }

        var size = property.GetCustomAttribute<ItemsAttribute>();
        var kind = property.GetCustomAttribute<ListTypeAttribute>();
        return new YamlMap
        {
            { "description", description },
            { "type", "array" },
            { "items", items },
            { "minItems", size is { Minimum: > 0 } ? size.Minimum : null },
            { "maxItems", size?.Maximum },
            { "x-kubernetes-list-type", kind is null ? "atomic" : kind.Key is null ? "set" : "map" },
            { "x-kubernetes-list-map-keys", kind?.Key is { } key ? new List<object> { key } : null },
        };
    }

    private static YamlMap Scalar(Type type)
    {
        if (type.IsEnum)
        {
            return new YamlMap { { "type", "string" }, { "enum", Enum.GetNames(type).Cast<object>().ToList() } };
        }

        return type switch
        {
            _ when type == typeof(string) => new YamlMap { { "type", "string" } },
            _ when type == typeof(bool) => new YamlMap { { "type", "boolean" } },
            _ when type == typeof(int) => new YamlMap { { "type", "integer" }, { "format", "int32" } },
            _ when type == typeof(long) => new YamlMap { { "type", "integer" }, { "format", "int64" } },
            _ when type == typeof(DateTimeOffset) => new YamlMap { { "type", "string" }, { "format", "date-time" } },
            _ => throw new NotSupportedException($"{type} has no schema"),
        };
    }

    private static YamlMap Bounds(PropertyInfo property)
    {
        var length = property.GetCustomAttribute<LengthAttribute>();
        var range = property.GetCustomAttribute<RangeAttribute>();
        return new YamlMap
        {
            { "minLength", length is { Minimum: > 0 } ? length.Minimum : null },
            { "maxLength", length?.Maximum },
            { "minimum", range?.Minimum },
            { "maximum", range?.Maximum },
            { "pattern", property.GetCustomAttribute<PatternAttribute>()?.Regex },
        };
    }

    private static List<object>? Rules(MemberInfo member)
    {
        var rules = member.GetCustomAttributes<ValidationRuleAttribute>().Select(rule => (object)new YamlMap
        {
            { "rule", rule.Rule },
            { "message", rule.Message },
            { "fieldPath", rule.FieldPath },
        }).ToList();
        return rules.Count == 0 ? null : rules;
    }

    // Only what a person writes has defaults; an object's own default lets those of its fields apply.
    private static object? Default(PropertyInfo property, object? initial) => initial switch
    {
        null or ICollection { Count: 0 } or "" => null,
        string or int => initial,
        bool => Nullability.Create(property).WriteState == NullabilityState.Nullable ? null : initial,
        Enum e => e.ToString(),
        _ => new YamlMap(),
    };

    private static bool InSpec(PropertyInfo property) =>
        !property.DeclaringType!.Name.EndsWith("Status", StringComparison.Ordinal) && !property.DeclaringType.Equals(typeof(Core.Api.V1Alpha1.Condition));
}
