namespace BitbucketOperator.Manifests.Documents;

/// <summary>Bounds what one document may come to, aliases expanded: 100 levels, 200,000 values, 4 million characters.</summary>
internal sealed class DocumentBudget
{
    private const int MaxDepth = 100;
    private const int MaxValues = 200_000;
    private const int MaxCharacters = 4_000_000;

    private int _values;
    private long _characters;

    /// <summary>Counts a value at a depth.</summary>
    /// <exception cref="ManifestException">It is one too many, or too deep.</exception>
    public void Enter(Position at, int depth)
    {
        if (depth > MaxDepth)
        {
            throw ManifestException.At(at, $"nested deeper than {MaxDepth} levels: no manifest is");
        }

        if (++_values > MaxValues)
        {
            throw ManifestException.At(at, $"the document comes to more than {MaxValues} values, its aliases expanded: no manifest does");
        }
    }

    /// <summary>Counts characters.</summary>
    /// <exception cref="ManifestException">They are too many.</exception>
    public void Spend(Position at, int characters)
    {
        _characters += characters;
        if (_characters > MaxCharacters)
        {
            throw ManifestException.At(
                at, $"the document comes to more than {MaxCharacters} characters, its aliases expanded: no cluster takes that");
        }
    }

    /// <summary>Counts all that a node holds.</summary>
    /// <exception cref="ManifestException">It is too much.</exception>
    public void Spend(Position at, Node node, int depth)
    {
        Enter(at, depth);
        switch (node)
        {
            case ListNode list:
                list.Items.ForEach(item => Spend(at, item, depth + 1));
                break;
            case MapNode map:
                foreach (var (name, field) in map.Fields)
                {
                    Spend(at, name.Length);
                    Spend(at, field.Value, depth + 1);
                }

                break;
            case ScalarNode { Value: string text }:
                Spend(at, text.Length);
                break;
            default:
                break;
        }
    }
}
