using System.Text;

namespace BitbucketOperator.BitbucketSimulator.Serving;

/// <summary>Reads the Authorization header.</summary>
internal static class AuthorizationHeader
{
    /// <summary>The token, or null when the scheme is another.</summary>
    public static string? Bearer(string header) => After(header, "Bearer ");

    /// <summary>Name and password, both empty when they are no base64; null when the scheme is another.</summary>
    public static (string Name, string Password)? Basic(string header) => After(header, "Basic ") is { } pair ? Decode(pair) : null;

    private static string? After(string header, string scheme) =>
        header.StartsWith(scheme, StringComparison.OrdinalIgnoreCase) ? header[scheme.Length..].Trim() : null;

    private static (string Name, string Password) Decode(string pair)
    {
        var bytes = new byte[pair.Length];
        if (!Convert.TryFromBase64String(pair, bytes, out var length)) return ("", "");
        var text = Encoding.UTF8.GetString(bytes, 0, length);
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        return colon < 0 ? (text, "") : (text[..colon], text[(colon + 1)..]);
    }
}
