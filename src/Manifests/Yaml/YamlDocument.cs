using System.Globalization;
using BitbucketOperator.Manifests.Documents;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace BitbucketOperator.Manifests.Yaml;

/// <summary>Turns the events of one YAML document into nodes: aliases copied, merge keys merged, scalars read by kubectl's rules.</summary>
internal sealed class YamlDocument(string file, int offset, List<Problem> problems)
{
    private const string Core = "tag:yaml.org,2002:";

    private readonly Dictionary<string, Node> _anchors = new(StringComparer.Ordinal);
    private readonly HashSet<string> _open = new(StringComparer.Ordinal);
    private readonly DocumentBudget _budget = new();
    private Parser _parser = null!;

    /// <summary>The place that was read last.</summary>
    public Position Last { get; private set; } = new(file, offset + 1, 1);

    /// <summary>The document; null when the text holds none.</summary>
    /// <exception cref="YamlException">It is not YAML.</exception>
    /// <exception cref="ManifestException">It is YAML that stands for no JSON, or too much of it.</exception>
    public Node? Read(string text)
    {
        _parser = new Parser(new StringReader(text));
        _parser.Consume<StreamStart>();
        if (!_parser.TryConsume<DocumentStart>(out _))
        {
            return null;
        }

        var root = ReadNode(0);
        _parser.Consume<DocumentEnd>();
        if (_parser.TryConsume<DocumentStart>(out var second))
        {
            throw ManifestException.At(
                At(second), "kubectl reads the first document of several here and drops the rest: part them by a line ---");
        }

        return root is ScalarNode { Value: null } ? null : root;
    }

    private Node ReadNode(int depth)
    {
        var next = _parser.Consume<ParsingEvent>();
        var at = Last = At(next);
        _budget.Enter(at, depth);
        if (next is AnchorAlias alias)
        {
            return Aliased(alias, at, depth);
        }

        var anchor = next is NodeEvent { Anchor.IsEmpty: false } named ? named.Anchor.Value : null;
        if (anchor is not null)
        {
            _open.Add(anchor);
        }

        Node node = next switch
        {
            Scalar scalar => ReadScalar(scalar, at),
            SequenceStart => ReadList(at, depth),
            MappingStart => ReadMap(at, depth),
            _ => throw ManifestException.At(at, "not valid YAML: a value is missing here"),
        };
        if (anchor is not null)
        {
            _open.Remove(anchor);
            _anchors[anchor] = node;
        }

        return node;
    }

    private Node Aliased(AnchorAlias alias, Position at, int depth)
    {
        if (_open.Contains(alias.Value.Value))
        {
            throw ManifestException.At(at, "the alias stands inside of what it stands for, which has no end");
        }

        if (!_anchors.TryGetValue(alias.Value.Value, out var node))
        {
            throw ManifestException.At(
                at, "* begins an alias, and no anchor (&) above has this name: put the value in quotes if it is text");
        }

        _budget.Spend(at, node, depth);
        return node.Copy();
    }

    private ListNode ReadList(Position at, int depth)
    {
        var list = new ListNode(at);
        while (!_parser.TryConsume<SequenceEnd>(out _))
        {
            list.Items.Add(ReadNode(depth + 1));
        }

        return list;
    }

    private MapNode ReadMap(Position at, int depth)
    {
        var map = new MapNode(at);
        var own = new HashSet<string>(StringComparer.Ordinal);
        while (!_parser.TryConsume<MappingEnd>(out _))
        {
            var key = _parser.Current as Scalar;
            var keyAt = At(_parser.Current!);
            var keyNode = ReadNode(depth + 1);
            var value = ReadNode(depth + 1);
            if (key is { Value: "<<", Style: ScalarStyle.Plain } && key.Tag.IsEmpty)
            {
                Merge(map, own, value, keyAt);
                continue;
            }

            var name = Name(keyNode);
            var field = new MapField(keyAt, value, key is null || key.Value == name ? null : key.Value);
            if (!own.Add(name))
            {
                throw ManifestException.RepeatedKey(keyAt, name, map);
            }

            map.Fields[name] = field;
        }

        return map;
    }

    // kubectl lets a merge win over what stands above it, unlike the YAML specification.
    private void Merge(MapNode map, HashSet<string> own, Node value, Position at)
    {
        var sources = value is ListNode list ? list.Items.AsEnumerable().Reverse() : [value];
        foreach (var source in sources)
        {
            if (source is not MapNode merged)
            {
                throw ManifestException.At(at, "<< merges an object or a list of objects, and this is neither");
            }

            foreach (var (name, field) in merged.Fields)
            {
                if (own.Contains(name))
                {
                    problems.Add(Problem.Warning(at, "", $"kubectl lets << replace the field {name} that stands above it: put << first"));
                }

                map.Fields[name] = field;
            }
        }
    }

    private ScalarNode ReadScalar(Scalar scalar, Position at)
    {
        _budget.Spend(at, scalar.Value.Length);
        var tag = scalar.Tag.IsEmpty ? "" : scalar.Tag.Value;
        if (tag == "!" || (tag.Length == 0 && scalar.Style != ScalarStyle.Plain))
        {
            return new ScalarNode(at, scalar.Value);
        }

        var value = tag == Core + "str" ? scalar.Value : YamlScalars.Resolve(scalar.Value);
        var fits = tag.Length == 0 || tag == Core + value switch
        {
            null => "null",
            bool => "bool",
            long when tag == Core + "float" => "float",
            long => "int",
            double => "float",
            _ when tag == Core + "timestamp" => "timestamp",
            _ => "str",
        };
        if (!fits)
        {
            throw ManifestException.At(
                at,
                "! begins a tag, and the value is not of its kind or kubectl does not know it: put the value in quotes if it is text, "
                    + "else remove the tag");
        }

        return value is double number && !double.IsFinite(number)
            ? throw ManifestException.At(at, "infinity and not-a-number do not exist in JSON: put the value in quotes if it is text")
            : new ScalarNode(at, value);
    }

    private static string Name(Node key) => key is ScalarNode { Value: not null } scalar
        ? scalar.Value switch
        {
            bool boolean => boolean ? "true" : "false",
            IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
            _ => (string)scalar.Value,
        }
        : throw ManifestException.At(key.At, "a key must be a word: put it in quotes; {{ }} is a template's, render it first");

    private Position At(ParsingEvent parsed) => new(file, (int)parsed.Start.Line + offset, (int)parsed.Start.Column);
}
