namespace BitbucketOperator.Core.Status;

/// <summary>Keeps lists in status short, however long the names in them are.</summary>
internal static class Bounds
{
    /// <summary>The first of some items: so many, as long as all of them together have no more characters than allowed; one at least.</summary>
    public static List<T> First<T>(IEnumerable<T> items, int most, int characters, Func<T, int> length)
    {
        var first = new List<T>();
        foreach (var item in items.Take(most))
        {
            characters -= length(item);
            if (characters < 0 && first.Count > 0)
            {
                break;
            }

            first.Add(item);
        }

        return first;
    }
}
