namespace BitbucketOperator.Manifests.Documents;

/// <summary>Finds what may have been meant.</summary>
internal static class Suggestion
{
    /// <summary>"did you mean x?" when one of the words is near, else which words there are.</summary>
    public static string For(string written, IEnumerable<string> known)
    {
        var words = known.ToList();
        if (words.Count == 0)
        {
            return "it has no fields";
        }

        return Nearest(written, words) is { } near
            ? $"did you mean {near}?"
            : $"it has {string.Join(", ", words.Order(StringComparer.Ordinal))}";
    }

    /// <summary>The word that is the written one but for case, or for a third of its letters at most; null when there is none.</summary>
    public static string? Nearest(string written, IEnumerable<string> known)
    {
        var nearest = known
            .Select(word => (Word: word, Distance: Distance(written.ToUpperInvariant(), word.ToUpperInvariant())))
            .OrderBy(entry => entry.Distance).ThenBy(entry => entry.Word, StringComparer.Ordinal)
            .FirstOrDefault();
        return nearest.Word is not null && nearest.Distance <= Math.Max(written.Length, nearest.Word.Length) / 3 ? nearest.Word : null;
    }

    // Letters to change, add, drop, or swap with their neighbour. Words of manifests are short; a long one is near to none.
    private static int Distance(string left, string right)
    {
        if (Math.Abs(left.Length - right.Length) > 20)
        {
            return int.MaxValue;
        }

        var cost = new int[left.Length + 1, right.Length + 1];
        for (var i = 0; i <= left.Length; i++)
        {
            for (var j = 0; j <= right.Length; j++)
            {
                if (i == 0 || j == 0)
                {
                    cost[i, j] = i + j;
                    continue;
                }

                var change = cost[i - 1, j - 1] + (left[i - 1] == right[j - 1] ? 0 : 1);
                var least = Math.Min(change, Math.Min(cost[i - 1, j], cost[i, j - 1]) + 1);
                var isSwap = i > 1 && j > 1 && left[i - 1] == right[j - 2] && left[i - 2] == right[j - 1];
                cost[i, j] = isSwap ? Math.Min(least, cost[i - 2, j - 2] + 1) : least;
            }
        }

        return cost[left.Length, right.Length];
    }
}
