using System.Text;
using System.Text.Json;
using BitbucketOperator.Manifests.Documents;

namespace BitbucketOperator.Manifests.Json;

/// <summary>Reads JSON documents, one or several behind each other, with the place of each value.</summary>
internal ref struct JsonReader
{
    private readonly string _file;
    private readonly ReadOnlySpan<byte> _bytes;
    private readonly DocumentBudget _budget = new();
    private Utf8JsonReader _reader;
    private int _line = 1;
    private int _lineStart;
    private int _counted;

    private JsonReader(string file, ReadOnlySpan<byte> bytes)
    {
        _file = file;
        _bytes = bytes;
        _reader = new Utf8JsonReader(bytes, new JsonReaderOptions { AllowMultipleValues = true, MaxDepth = 1000 });
    }

    /// <summary>The documents.</summary>
    /// <exception cref="ManifestException">It is not JSON, or too much of it.</exception>
    public static List<Node> Read(string file, string text)
    {
        var json = new JsonReader(file, Encoding.UTF8.GetBytes(text));
        var documents = new List<Node>();
        try
        {
            while (json._reader.Read())
            {
                documents.Add(json.ReadNode(0));
            }
        }
        catch (JsonException error)
        {
            var at = new Position(file, (int)(error.LineNumber ?? 0) + 1, (int)(error.BytePositionInLine ?? 0) + 1);
            throw ManifestException.At(at, "not valid JSON: a comma, a quote or a bracket is missing or too much here");
        }

        return documents;
    }

    private Node ReadNode(int depth)
    {
        var at = Here();
        _budget.Enter(at, depth);
        return _reader.TokenType switch
        {
            JsonTokenType.StartObject => ReadMap(at, depth),
            JsonTokenType.StartArray => ReadList(at, depth),
            JsonTokenType.Number => new ScalarNode(at, Number(at)),
            JsonTokenType.True => new ScalarNode(at, true),
            JsonTokenType.False => new ScalarNode(at, false),
            JsonTokenType.String => new ScalarNode(at, Text(at)),
            _ => new ScalarNode(at, null),
        };
    }

    private MapNode ReadMap(Position at, int depth)
    {
        var map = new MapNode(at);
        while (_reader.Read() && _reader.TokenType != JsonTokenType.EndObject)
        {
            var keyAt = Here();
            var name = Text(keyAt);
            _reader.Read();
            var field = new MapField(keyAt, ReadNode(depth + 1));
            if (!map.Fields.TryAdd(name, field))
            {
                throw ManifestException.RepeatedKey(keyAt, name, map);
            }
        }

        return map;
    }

    private ListNode ReadList(Position at, int depth)
    {
        var list = new ListNode(at);
        while (_reader.Read() && _reader.TokenType != JsonTokenType.EndArray)
        {
            list.Items.Add(ReadNode(depth + 1));
        }

        return list;
    }

    private readonly object Number(Position at)
    {
        if (_reader.TryGetInt64(out var integer))
        {
            return integer;
        }

        return _reader.TryGetDouble(out var number) && double.IsFinite(number)
            ? ScalarNode.Normalized(number)
            : throw ManifestException.At(at, "the number is too large");
    }

    private readonly string Text(Position at)
    {
        try
        {
            var text = _reader.GetString()!;
            _budget.Spend(at, text.Length);
            return text;
        }
        catch (InvalidOperationException)
        {
            throw ManifestException.At(at, "the text holds half of a surrogate pair, which is not a character");
        }
    }

    private Position Here()
    {
        var start = (int)_reader.TokenStartIndex;
        for (; _counted < start; _counted++)
        {
            if (_bytes[_counted] == '\n')
            {
                (_line, _lineStart) = (_line + 1, _counted + 1);
            }
        }

        return new Position(_file, _line, Encoding.UTF8.GetCharCount(_bytes[_lineStart..start]) + 1);
    }
}
