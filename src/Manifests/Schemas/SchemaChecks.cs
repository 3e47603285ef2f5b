using BitbucketOperator.Manifests.Documents;

namespace BitbucketOperator.Manifests.Schemas;

/// <summary>Checks values against a schema's types and bounds, in the order and the words of the API server.</summary>
internal sealed class SchemaChecks(List<Problem> problems)
{
    /// <summary>Whether a problem was found because of which the API server leaves out the rules.</summary>
    public bool Blocks { get; private set; }

    /// <summary>Checks a value and all that it holds.</summary>
    public void Check(Node node, Schema schema, string path)
    {
        CheckType(node, schema, path);
        switch (node)
        {
            case ScalarNode { Value: string text }:
                CheckText(text, node, schema, path);
                break;
            case ScalarNode { Value: long or double } number:
                NumberChecks.Check(number, schema, path, problems);
                break;
            case ListNode list:
                CheckList(list, schema, path);
                break;
            default:
                break;
        }

        if (schema.Enum.Count > 0 && !schema.Enum.Any(allowed => ApiText.Value(allowed) == ApiText.Value(node)))
        {
            BlockUnsupported(node, schema, path);
        }

        if (node is MapNode map)
        {
            CheckMap(map, schema, path);
        }
    }

    private void BlockUnsupported(Node node, Schema schema, string path)
    {
        var values = schema.Enum.Select(v => ApiText.Quote(v is ScalarNode { Value: string text } ? text : ApiText.Value(v)));
        var near = node is ScalarNode { Value: string written }
            ? Suggestion.Nearest(written, schema.Enum.Select(v => ((ScalarNode)v).Value as string ?? ""))
            : null;
        Block(
            node, path, $"Unsupported value: {ApiText.Value(node)}: supported values: {string.Join(", ", values)}",
            near is null ? "" : $"did you mean {near}?");
    }

    private void CheckType(Node node, Schema schema, string path)
    {
        if (schema.Type.Length > 0 && TypeNames.Mismatch(node, schema) is { } mismatch)
        {
            // The API server lets a list pass for a text of some format, which nothing can read afterwards. It is reported here,
            // and as there the rules are evaluated all the same.
            Blocks |= schema.Format.Length == 0 || node is not ListNode;
            var actual = ApiText.Quote(mismatch.Actual);
            Report(
                node, path, $"Invalid value: {actual}: {path} in body must be of type {mismatch.Expected}: {actual}",
                TypeNames.Cure(node, schema));
        }
    }

    private void CheckText(string text, Node node, Schema schema, string path)
    {
        var length = text.EnumerateRunes().Count();
        if (length > schema.MaxLength)
        {
            Block(node, path, $"Too long: may not be more than {schema.MaxLength} {(schema.MaxLength == 1 ? "byte" : "bytes")}");
        }
        else if (length < schema.MinLength)
        {
            Report(node, path, $"Invalid value: {ApiText.Quote(text)}: {path} in body should be at least {schema.MinLength} chars long");
        }
        else if (schema.Regex is { } regex && !regex.IsMatch(text))
        {
            Report(node, path, $"Invalid value: {ApiText.Quote(text)}: {path} in body should match '{schema.Pattern}'");
        }

        if (!TextFormats.IsValid(schema.Format, text))
        {
            Block(
                node, path, $"Invalid value: {ApiText.Quote(text)}: {path} in body must be of type {schema.Format}: {ApiText.Quote(text)}",
                TextFormats.Cure(schema.Format));
        }
    }

    private void CheckList(ListNode list, Schema schema, string path)
    {
        if (schema.Items is { } items)
        {
            for (var i = 0; i < list.Items.Count; i++)
            {
                Check(list.Items[i], items, $"{path}[{i}]");
            }
        }

        if (list.Items.Count < schema.MinItems)
        {
            Report(list, path, $"Invalid value: {list.Items.Count}: {path} in body should have at least {schema.MinItems} items");
        }

        if (list.Items.Count > schema.MaxItems)
        {
            BlockTooMany(list, path, list.Items.Count, schema.MaxItems);
        }
    }

    private void CheckMap(MapNode map, Schema schema, string path)
    {
        if (map.Fields.Count < schema.MinProperties)
        {
            Report(map, path, $"Invalid value: {map.Fields.Count}: {path} in body should have at least {schema.MinProperties} properties");
        }

        if (map.Fields.Count > schema.MaxProperties)
        {
            BlockTooMany(map, path, map.Fields.Count, schema.MaxProperties);
        }

        foreach (var (name, field) in map.Fields)
        {
            if (schema.Field(name) is { } child)
            {
                Check(field.Value, child, Child(path, name));
            }
        }

        foreach (var name in schema.Required.Where(name => !map.Fields.ContainsKey(name)))
        {
            Block(map, Child(path, name), "Required value");
        }
    }

    private void BlockTooMany(Node node, string path, int count, long? most) =>
        Block(node, path, $"Too many: {count}: must have at most {most} {(most == 1 ? "item" : "items")}");

    private void Block(Node node, string path, string message, string cure = "")
    {
        Blocks = true;
        Report(node, path, message, cure);
    }

    private void Report(Node node, string path, string message, string cure = "") =>
        problems.Add(Problem.Error(node.At, path, message, cure));

    private static string Child(string path, string name) => path.Length == 0 ? name : $"{path}.{name}";
}
