namespace BitbucketOperator.Bitbucket.Http;

/// <summary>How addresses are put together, and where a credential may go.</summary>
internal static class Addresses
{
    /// <summary>Escapes one path segment; the tilde of personal projects stays.</summary>
    /// <exception cref="ArgumentException">The segment would lead elsewhere.</exception>
    public static string Segment(string text) =>
        text is "" or "." or ".." ? throw new ArgumentException($"'{text}' cannot be part of a path") : Uri.EscapeDataString(text);

    /// <summary>True when <paramref name="uri"/> has the scheme, host and port of <paramref name="root"/> and lies below its path.</summary>
    /// <param name="root">Ends with a slash.</param>
    /// <param name="uri">The address in question.</param>
    public static bool IsBelow(Uri root, Uri uri) =>
        uri.IsAbsoluteUri
        && uri.UserInfo.Length == 0
        && Uri.Compare(uri, root, UriComponents.SchemeAndServer, UriFormat.UriEscaped, StringComparison.OrdinalIgnoreCase) == 0
        && uri.AbsolutePath.StartsWith(root.AbsolutePath, StringComparison.Ordinal);

    /// <summary>Scheme and host of where a redirect leads; null when that is not a web address.</summary>
    public static string? OriginOf(Uri from, Uri location, ServerText text)
    {
        var target = location.IsAbsoluteUri ? location : new Uri(from, location);
        return target.Scheme is "http" or "https"
            ? text.Clean(target.GetComponents(UriComponents.SchemeAndServer, UriFormat.UriEscaped))
            : null;
    }
}
