namespace BitbucketOperator.BitbucketSimulator.Cloud.Api;

/// <summary>Rows as the parameters <c>q</c> and <c>sort</c> want them.</summary>
internal static class Listing
{
    /// <summary>sort is one field, with a minus for the other way round.</summary>
    public static IReadOnlyList<T> Of<T>(CloudCall call, IEnumerable<T> all, FieldTable<T> fields)
    {
        var rows = all.Where(Filter<T>.Parse(call.Query("q"), fields));
        if (call.Query("sort") is not { Length: > 0 } sort) return [.. rows];
        var read = fields.Of(sort.TrimStart('-'));
        return [.. sort[0] == '-' ? rows.OrderByDescending(read, Values.Order) : rows.OrderBy(read, Values.Order)];
    }

    private sealed class Values : IComparer<object?>
    {
        public static readonly Values Order = new();

        public int Compare(object? x, object? y) => (x, y) switch
        {
            (string a, string b) => string.CompareOrdinal(a, b),
            (null, _) => y is null ? 0 : -1,
            _ => Comparer<object?>.Default.Compare(x, y),
        };
    }
}
