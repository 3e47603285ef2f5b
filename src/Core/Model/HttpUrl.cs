namespace BitbucketOperator.Core.Model;

/// <summary>Reads URLs as spec holds them.</summary>
public static class HttpUrl
{
    /// <summary>The host of Bitbucket Cloud.</summary>
    public const string CloudHost = "bitbucket.org";

    /// <summary>An absolute http or https URL with a host; null for any other text.</summary>
    public static Uri? Parse(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "http" or "https" && url.Host.Length > 0 ? url : null;

    /// <summary>True for Bitbucket Cloud's own address.</summary>
    public static bool IsCloud(Uri url) => url.Host is CloudHost or "www." + CloudHost;

    /// <summary>The workspace that a Cloud URL names; null when it names none.</summary>
    public static string? WorkspaceIn(Uri url) => url.AbsolutePath.Trim('/') is { Length: > 0 } path ? path : null;
}
