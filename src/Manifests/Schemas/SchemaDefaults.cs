using BitbucketOperator.Manifests.Documents;

namespace BitbucketOperator.Manifests.Schemas;

/// <summary>Fills in what is absent, as the API server does before it validates.</summary>
internal static class SchemaDefaults
{
    /// <summary>Drops nulls that a schema does not allow and that have no default.</summary>
    public static void DropNulls(Node? node, Schema? schema)
    {
        switch (node)
        {
            case MapNode map:
                foreach (var (name, field) in map.Fields.ToList())
                {
                    var child = schema?.Field(name);
                    if (IsForbiddenNull(field.Value, child) && child!.Default is null)
                    {
                        map.Fields.Remove(name);
                    }
                    else
                    {
                        DropNulls(field.Value, child);
                    }
                }

                break;
            case ListNode list:
                list.Items.ForEach(item => DropNulls(item, schema?.Items));
                break;
            default:
                break;
        }
    }

    /// <summary>
    /// Sets the defaults of absent fields, those of objects that came by default included. They stand where their object stands.
    /// </summary>
    public static void Fill(Node? node, Schema? schema)
    {
        switch (node)
        {
            case MapNode map when schema is not null:
                foreach (var (name, property) in schema.Properties.Where(p => p.Value.Default is not null))
                {
                    if (!map.Fields.TryGetValue(name, out var field) || IsForbiddenNull(field.Value, property))
                    {
                        var at = map.PositionOf(name);
                        map.Fields[name] = new MapField(at, At(property.Default!, at));
                    }
                }

                foreach (var (name, field) in map.Fields)
                {
                    Fill(field.Value, schema.Field(name));
                }

                break;
            case ListNode list:
                list.Items.ForEach(item => Fill(item, schema?.Items));
                break;
            default:
                break;
        }
    }

    private static bool IsForbiddenNull(Node node, Schema? schema) => node is ScalarNode { Value: null } && schema is { Nullable: false };

    private static Node At(Node node, Position at)
    {
        switch (node)
        {
            case ScalarNode scalar:
                return new ScalarNode(at, scalar.Value);
            case ListNode list:
                var items = new ListNode(at);
                items.Items.AddRange(list.Items.Select(item => At(item, at)));
                return items;
            default:
                var map = new MapNode(at);
                foreach (var (name, field) in ((MapNode)node).Fields)
                {
                    map.Fields.Add(name, new MapField(at, At(field.Value, at)));
                }

                return map;
        }
    }
}
