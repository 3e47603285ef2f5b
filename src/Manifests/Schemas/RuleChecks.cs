using BitbucketOperator.Manifests.Cel;
using BitbucketOperator.Manifests.Documents;

namespace BitbucketOperator.Manifests.Schemas;

/// <summary>Evaluates a schema's rules (x-kubernetes-validations) over a value and all that it holds.</summary>
internal sealed class RuleChecks(MapNode document, List<Problem> problems)
{
    /// <summary>Reports each rule that is not true.</summary>
    public void Check(Node node, Schema schema, string path)
    {
        if (node is ScalarNode { Value: null })
        {
            return;
        }

        foreach (var rule in schema.Rules)
        {
            Check(rule, node, schema, path);
        }

        switch (node)
        {
            case MapNode map:
                foreach (var (name, field) in map.Fields)
                {
                    if (schema.Field(name) is { } child)
                    {
                        Check(field.Value, child, path.Length == 0 ? name : $"{path}.{name}");
                    }
                }

                break;
            case ListNode list when schema.Items is { } items:
                for (var i = 0; i < list.Items.Count; i++)
                {
                    Check(list.Items[i], items, $"{path}[{i}]");
                }

                break;
            default:
                break;
        }
    }

    private void Check(ValidationRule rule, Node node, Schema schema, string path)
    {
        if (rule.Program is not { } program)
        {
            return;
        }

        try
        {
            if (program.Evaluate(RuleValues.Of(node, schema)) is true)
            {
                return;
            }
        }
        catch (CelException error)
        {
            problems.Add(Problem.Error(
                node.At, path, $"Invalid value: {ApiText.Quote(schema.Type)}: {error.Message} evaluating rule: {rule.Message}"));
            return;
        }

        var field = rule.FieldPath.Length == 0 ? path : $"{path}.{rule.FieldPath}";
        var value = node is ScalarNode ? $"{ApiText.Value(node)}: " : "";
        problems.Add(Problem.Error(PositionOf(field, node.At), field, $"Invalid value: {value}{rule.Message}"));
    }

    // The deepest part of the path that the document has.
    private Position PositionOf(string path, Position otherwise)
    {
        Node? node = document;
        var at = otherwise;
        foreach (var name in path.Split('.'))
        {
            var end = name.IndexOf('[', StringComparison.Ordinal);
            var field = end < 0 ? name : name[..end];
            if (node is not MapNode map || !map.Fields.ContainsKey(field))
            {
                break;
            }

            node = map[field];
            at = node!.At;
            if (end >= 0 && node is ListNode list && int.TryParse(name[(end + 1)..^1], out var index) && index < list.Items.Count)
            {
                node = list.Items[index];
                at = node.At;
            }
        }

        return at;
    }
}
