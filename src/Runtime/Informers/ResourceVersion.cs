namespace BitbucketOperator.Runtime.Informers;

/// <summary>Order of resource versions, which are decimal numbers of any length.</summary>
internal static class ResourceVersion
{
    /// <summary>Whether <paramref name="a"/> is newer than <paramref name="b"/>; a missing version is older than any.</summary>
    public static bool IsNewer(string? a, string? b) => Compare(a, b) > 0;

    public static int Compare(string? a, string? b)
    {
        var (x, y) = ((a ?? "").TrimStart('0'), (b ?? "").TrimStart('0'));
        return x.Length != y.Length ? x.Length.CompareTo(y.Length) : string.CompareOrdinal(x, y);
    }
}
