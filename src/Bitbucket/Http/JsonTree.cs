using System.Buffers;
using System.Text.Json;

namespace BitbucketOperator.Bitbucket.Http;

/// <summary>
/// JSON of a server that is read as a tree. Such a tree fails late, where a text or key of it is read that is none, or a key is there
/// twice; what this room hands out can be read to its leaves.
/// </summary>
internal static class JsonTree
{
    // An object that is empty takes three bytes of a body, and a hundred of memory. A page of a thousand repositories has 60,000 values.
    private const int MostValues = 250_000;

    /// <summary>Reads a body.</summary>
    /// <exception cref="JsonException">It is not JSON, or none that can be read to its leaves, or has too many of them.</exception>
    public static JsonDocument Parse(in ReadOnlySequence<byte> body)
    {
        RequireFewValues(body);
        var document = JsonDocument.Parse(body);
        try
        {
            RequireReadable(document.RootElement);
            return document;
        }
        catch
        {
            document.Dispose();
            throw;
        }
    }

    /// <exception cref="JsonException">There are more than any answer of Bitbucket has.</exception>
    public static void RequireFewValues(in ReadOnlySequence<byte> body)
    {
        var commas = 0;
        foreach (var piece in body) commas += piece.Span.Count((byte)',');
        if (commas > MostValues) throw new JsonException($"There are more than {MostValues} values.");
    }

    /// <exception cref="JsonException">A string or key is malformed, or a key is a duplicate.</exception>
    public static void RequireReadable(JsonElement element)
    {
        try
        {
            Visit(element);
        }
        catch (InvalidOperationException exception)
        {
            throw new JsonException("A text is none.", exception);
        }
    }

    /// <summary>The text of one value; null where it is none.</summary>
    public static string? TextOf(JsonElement value)
    {
        try
        {
            return value.ValueKind == JsonValueKind.String ? value.GetString() : null;
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    private static void Visit(JsonElement element)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.String:
                _ = element.GetString();
                break;
            case JsonValueKind.Array:
                foreach (var item in element.EnumerateArray()) Visit(item);
                break;
            case JsonValueKind.Object:
                VisitFields(element);
                break;
        }
    }

    private static void VisitFields(JsonElement element)
    {
        var keys = new HashSet<string>(StringComparer.Ordinal);
        foreach (var field in element.EnumerateObject())
        {
            if (!keys.Add(field.Name)) throw new JsonException("A key is there twice.");
            Visit(field.Value);
        }
    }
}
