using System.Text.Json;

namespace BitbucketOperator.Manifests.Documents;

/// <summary>A value of a document, as JSON knows them, with its place.</summary>
internal abstract class Node(Position at)
{
    /// <summary>Where it begins.</summary>
    public Position At { get; } = at;

    /// <summary>Writes it as JSON.</summary>
    public abstract void Write(Utf8JsonWriter writer);

    /// <summary>A copy that shares nothing that can change.</summary>
    public abstract Node Copy();
}

/// <summary>null, bool, long, double or string. A double is not a whole number that a long holds.</summary>
internal sealed class ScalarNode(Position at, object? value) : Node(at)
{
    public object? Value { get; } = value;

    /// <summary>A number as JSON carries it on: a whole one that fits is a long.</summary>
    public static object Normalized(double number) =>
        Math.Floor(number).Equals(number) && Math.Abs(number) < 9.2e18 ? (long)number : number;

    public override void Write(Utf8JsonWriter writer)
    {
        switch (Value)
        {
            case null:
                writer.WriteNullValue();
                break;
            case bool boolean:
                writer.WriteBooleanValue(boolean);
                break;
            case long integer:
                writer.WriteNumberValue(integer);
                break;
            case double number:
                writer.WriteRawValue(ApiText.JsonNumber(number));
                break;
            default:
                writer.WriteStringValue((string)Value);
                break;
        }
    }

    public override Node Copy() => this;
}

/// <summary>A list.</summary>
internal sealed class ListNode(Position at) : Node(at)
{
    public List<Node> Items { get; } = [];

    public override void Write(Utf8JsonWriter writer)
    {
        writer.WriteStartArray();
        Items.ForEach(item => item.Write(writer));
        writer.WriteEndArray();
    }

    public override Node Copy()
    {
        var copy = new ListNode(At);
        copy.Items.AddRange(Items.Select(item => item.Copy()));
        return copy;
    }
}

/// <summary>An object: fields in the order of the document.</summary>
internal sealed class MapNode(Position at) : Node(at)
{
    public OrderedDictionary<string, MapField> Fields { get; } = new(StringComparer.Ordinal);

    /// <summary>The value of a field; null when it is not there.</summary>
    public Node? this[string name] => Fields.TryGetValue(name, out var field) ? field.Value : null;

    /// <summary>The text of a field; null when it is not there or no text.</summary>
    public string? Text(string name) => (this[name] as ScalarNode)?.Value as string;

    /// <summary>Where the field's name stands; where the object begins when the field is not there.</summary>
    public Position PositionOf(string name) => Fields.TryGetValue(name, out var field) ? field.At : At;

    public override void Write(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        foreach (var (name, field) in Fields)
        {
            writer.WritePropertyName(name);
            field.Value.Write(writer);
        }

        writer.WriteEndObject();
    }

    public override Node Copy()
    {
        var copy = new MapNode(At);
        foreach (var (name, field) in Fields)
        {
            copy.Fields.Add(name, field with { Value = field.Value.Copy() });
        }

        return copy;
    }
}

/// <summary>A field of an object.</summary>
/// <param name="At">Where its name stands.</param>
/// <param name="Value">Its value.</param>
/// <param name="Written">Its name as it is written, where YAML reads that as something else (on is true).</param>
internal readonly record struct MapField(Position At, Node Value, string? Written = null);
