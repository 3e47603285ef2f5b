namespace BitbucketOperator.Testing;

/// <summary>URLs of webhooks with secrets in them, and how people may see them.</summary>
public static class UrlSecrets
{
    /// <summary>What no text may hold.</summary>
    public const string Secret = "5ecret-of-the-url";

    /// <summary>Each URL, and what of it is shown.</summary>
    public static IReadOnlyDictionary<string, string> Shown { get; } = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["https://ci.example.com/hook"] = "https://ci.example.com/hook",
        [$"https://ci.example.com/hook?token={Secret}"] = "https://ci.example.com/hook?token=…",
        [$"https://ci.example.com:8443/hook?job=a&token={Secret}#top"] = "https://ci.example.com:8443/hook?job=…&token=…#…",
        [$"https://user:{Secret}@ci.example.com/hook"] = "https://…@ci.example.com/hook",
        [$"https://{Secret}@ci.example.com"] = "https://…@ci.example.com",
        [$"https://user:a/{Secret}@ci.example.com/hook"] = "https://…@ci.example.com/hook",
        [$"https://user:a#{Secret}@ci.example.com/hook"] = "https://…@ci.example.com/hook",
        [$"https://user:a?{Secret}@ci.example.com/hook"] = "https://…@ci.example.com/hook",
        [$"https://a@b:{Secret}@ci.example.com/hook"] = "https://…@ci.example.com/hook",
        [$"https://ci.example.com?{Secret}"] = "https://ci.example.com?…",
        [$"https://ci.example.com/#{Secret}"] = "https://ci.example.com/#…",
        [$"https://ci.example.com/hook?mail=a@b.example&t={Secret}"] = "https://ci.example.com/hook?mail=…&t=…",
        [$"https://[::1]:8080/hook?t={Secret}"] = "https://[::1]:8080/hook?t=…",
        [$"HTTPS://CI.example.com/?a={Secret}?b={Secret}"] = "HTTPS://CI.example.com/?a=…",
        [$"no URL {Secret}"] = "…",
    };
}
