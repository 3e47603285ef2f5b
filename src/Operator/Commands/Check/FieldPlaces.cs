using BitbucketOperator.Manifests;

namespace BitbucketOperator.Commands.Check;

/// <summary>Finds where a field stands that a message names, such as <c>spec.webhooks[ci].secretRef</c>.</summary>
internal static class FieldPlaces
{
    /// <summary>The field that a message begins with; empty when it begins with none.</summary>
    public static string FieldOf(string message)
    {
        var end = message.AsSpan().IndexOfAny(' ', ':');
        return message.StartsWith("spec.", StringComparison.Ordinal) && end > 0 ? message[..end] : "";
    }

    /// <summary>Where the field stands; where the nearest one above it stands when it is not written.</summary>
    public static Position Find(MapNode document, string field)
    {
        var at = document.At;
        Node? node = document;
        foreach (var part in field.Replace("[", ".[", StringComparison.Ordinal).Split('.'))
        {
            if (part is ['[', .. var name, ']'] && node is ListNode list)
            {
                node = list.Items.Find(item => (item as MapNode)?.Text("name") == name);
                at = node?.At ?? at;
            }
            else if (node is MapNode map && map.Fields.TryGetValue(part, out var found))
            {
                at = found.At;
                node = found.Value;
            }
            else
            {
                return at;
            }
        }

        return at;
    }
}
