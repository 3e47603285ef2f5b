namespace BitbucketOperator.Manifests;

/// <summary>Finds what a person may have meant.</summary>
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

        return Nearest(written, words) is { } near ? $"did you mean {near}?" : $"it has {string.Join(", ", words.Order(StringComparer.Ordinal))}";
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

    // Levenshtein. Words of manifests are short; a long one is near to none.
    private static int Distance(string left, string right)
    {
        if (Math.Abs(left.Length - right.Length) > 20)
        {
            return int.MaxValue;
        }

        var row = Enumerable.Range(0, right.Length + 1).ToArray();
        for (var i = 1; i <= left.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= right.Length; j++)
            {
                var change = diagonal + (left[i - 1] == right[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(change, Math.Min(row[j], row[j - 1]) + 1);
            }
        }

        return row[right.Length];
    }
}
