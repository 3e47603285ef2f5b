using BitbucketOperator.Manifests.Documents;

namespace BitbucketOperator.Manifests.Schemas;

/// <summary>Finds fields that a schema does not know, which kubectl apply refuses by default (--validate=strict).</summary>
internal static class UnknownFields
{
    // Checked by themselves at the top of a document.
    private static readonly string[] Meta = ["apiVersion", "kind", "metadata"];

    /// <summary>Reports the unknown fields of a document.</summary>
    public static void Check(MapNode document, Schema schema, List<Problem> problems) => Check(document, schema, "", problems);

    private static void Check(Node node, Schema? schema, string path, List<Problem> problems)
    {
        switch (node)
        {
            case MapNode map:
                foreach (var (name, field) in map.Fields.Where(f => path.Length > 0 || !Meta.Contains(f.Key)))
                {
                    CheckField(name, field, schema, path, problems);
                }

                break;
            case ListNode list:
                for (var i = 0; i < list.Items.Count; i++)
                {
                    Check(list.Items[i], schema?.Items, $"{path}[{i}]", problems);
                }

                break;
            default:
                break;
        }
    }

    private static void CheckField(string name, MapField field, Schema? schema, string path, List<Problem> problems)
    {
        var child = path.Length == 0 ? name : $"{path}.{name}";
        if (schema?.Field(name) is { } known)
        {
            Check(field.Value, known, child, problems);
        }
        else if (schema is not { PreservesUnknown: true })
        {
            problems.Add(Problem.Error(field.At, child, $"unknown field {ApiText.Quote(child)}", Cure(name, field, schema)));
        }
    }

    private static string Cure(string name, MapField field, Schema? schema)
    {
        if (field.Written is { } written)
        {
            return $"YAML takes {written} for {name}: put it in quotes";
        }

        return Suggestion.For(name, schema?.Properties.Keys ?? Enumerable.Empty<string>());
    }
}
