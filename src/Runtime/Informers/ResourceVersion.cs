namespace BitbucketOperator.Runtime.Informers;

/// <summary>Order of resource versions, which are decimal numbers of any length.</summary>
public static class ResourceVersion
{
    /// <summary>Whether <paramref name="a"/> is newer than <paramref name="b"/>; a missing version is older than any.</summary>
    public static bool IsNewer(string? a, string? b) => Compare(a, b) > 0;

    /// <summary>Below zero when <paramref name="a"/> is older than <paramref name="b"/>, zero when it is the same.</summary>
    public static int Compare(string? a, string? b)
    {
        var (x, y) = ((a ?? "").TrimStart('0'), (b ?? "").TrimStart('0'));
        return x.Length != y.Length ? x.Length.CompareTo(y.Length) : string.CompareOrdinal(x, y);
    }
}
