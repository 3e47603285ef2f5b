using System.Buffers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using BitbucketOperator.Runtime.Client;

namespace BitbucketOperator.Runtime.Informers;

internal enum WatchEventKind
{
    Added,
    Modified,
    Deleted,
    Bookmark,
    Error,
    Unknown,
}

/// <summary>One line of a watch. Item is null for bookmarks, errors, and objects that could not be read (see Defect).</summary>
internal readonly record struct WatchEvent<TItem>(
    WatchEventKind Kind, TItem? Item, PartialMetadata? Identity, StatusBody? Status, Exception? Defect)
    where TItem : class
{
    /// <summary>Reads a line. Throws <see cref="JsonException"/> when it is not JSON at all.</summary>
    public static WatchEvent<TItem> Parse(in ReadOnlySequence<byte> line, JsonTypeInfo<TItem> type)
    {
        var (kind, body) = Split(line);
        switch (kind)
        {
            case WatchEventKind.Error:
                return new(kind, null, null, Read(body, RuntimeJson.Default.StatusBody), null);
            case WatchEventKind.Bookmark or WatchEventKind.Unknown:
                return new(kind, null, Read(body, RuntimeJson.Default.PartialObject)?.Metadata, null, null);
            default:
                var (item, identity, defect) = ItemReader.Read(body, type);
                return new(kind, item, identity, null, defect);
        }
    }

    private static (WatchEventKind Kind, ReadOnlySequence<byte> Body) Split(in ReadOnlySequence<byte> line)
    {
        var reader = new Utf8JsonReader(line);
        var kind = WatchEventKind.Unknown;
        ReadOnlySequence<byte> body = default;
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("type"u8))
            {
                reader.Read();
                kind = KindOf(ref reader);
            }
            else if (reader.ValueTextEquals("object"u8))
            {
                reader.Read();
                var start = reader.TokenStartIndex;
                reader.Skip();
                body = line.Slice(start, reader.BytesConsumed - start);
            }
            else
            {
                reader.Skip();
            }
        }

        return body.IsEmpty ? throw new JsonException("A line of the watch has no object.") : (kind, body);
    }

    private static WatchEventKind KindOf(ref Utf8JsonReader reader) => reader.GetString() switch
    {
        "ADDED" => WatchEventKind.Added,
        "MODIFIED" => WatchEventKind.Modified,
        "DELETED" => WatchEventKind.Deleted,
        "BOOKMARK" => WatchEventKind.Bookmark,
        "ERROR" => WatchEventKind.Error,
        _ => WatchEventKind.Unknown,
    };

    private static T? Read<T>(in ReadOnlySequence<byte> body, JsonTypeInfo<T> type)
    {
        var reader = new Utf8JsonReader(body);
        return JsonSerializer.Deserialize(ref reader, type);
    }
}

/// <summary>Reads one object; where its type does not fit, at least who it is.</summary>
internal static class ItemReader
{
    public static (TItem? Item, PartialMetadata? Identity, Exception? Defect) Read<TItem>(
        in ReadOnlySequence<byte> body, JsonTypeInfo<TItem> type)
        where TItem : class
    {
        try
        {
            var reader = new Utf8JsonReader(body);
            return (JsonSerializer.Deserialize(ref reader, type), null, null);
        }
        catch (Exception e) when (
            e is JsonException or FormatException or InvalidOperationException or NotSupportedException or ArgumentException)
        {
            return (null, IdentityOf(body), e);
        }
    }

    private static PartialMetadata? IdentityOf(in ReadOnlySequence<byte> body)
    {
        try
        {
            var reader = new Utf8JsonReader(body);
            return JsonSerializer.Deserialize(ref reader, RuntimeJson.Default.PartialObject)?.Metadata;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
