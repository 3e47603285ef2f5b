using System.Net;

namespace BitbucketOperator.Runtime.Client;

/// <summary>
/// The proxy that the environment names, as kubectl and other programs in Go read it: <c>HTTPS_PROXY</c> for https, <c>HTTP_PROXY</c>
/// for http, else <c>ALL_PROXY</c> as curl does, and <c>NO_PROXY</c>; each in capitals first. localhost and loopback addresses are
/// reached directly. .NET's own reading knows neither CIDRs nor ports nor <c>*</c> in <c>NO_PROXY</c>.
/// </summary>
public sealed class EnvironmentProxy : IWebProxy
{
    private static readonly string[] Schemes = ["http", "https", "socks4", "socks4a", "socks5"];

    private readonly Uri? _http;
    private readonly Uri? _https;
    private readonly NoProxy _direct;

    private EnvironmentProxy(Uri? http, Uri? https, NoProxy direct)
    {
        (_http, _https, _direct) = (http, https, direct);
        Credentials = new Logins(http, https);
    }

    /// <inheritdoc/>
    public ICredentials? Credentials { get; set; }

    /// <summary>Reads the environment.</summary>
    /// <exception cref="InvalidOperationException">A variable does not hold the address of a proxy.</exception>
    public static EnvironmentProxy Read() => Read(Environment.GetEnvironmentVariable);

    internal static EnvironmentProxy Read(Func<string, string?> variables)
    {
        var all = Address("ALL_PROXY");
        return new EnvironmentProxy(Address("HTTP_PROXY") ?? all, Address("HTTPS_PROXY") ?? all, NoProxy.Parse(Text("NO_PROXY")));

        string? Text(string name) =>
            new[] { variables(name), variables(name.ToLowerInvariant()) }.FirstOrDefault(t => !string.IsNullOrWhiteSpace(t))?.Trim();

        Uri? Address(string name) => Text(name) is { } text ? Parse(name, text) : null;
    }

    /// <inheritdoc/>
    public Uri? GetProxy(Uri destination) => IsExempt(destination) ? null : destination.Scheme is "https" or "wss" ? _https : _http;

    /// <inheritdoc/>
    public bool IsBypassed(Uri host) => GetProxy(host) is null;

    private bool IsExempt(Uri destination) =>
        IsLoopback(destination.IdnHost) || _direct.Has(destination.IdnHost, destination.Port);

    private static bool IsLoopback(string host) =>
        host == "localhost" || (IPAddress.TryParse(host, out var address) && IPAddress.IsLoopback(NoProxy.Bare(address)));

    // Without a scheme it is an http proxy. The value may hold a password, and is not repeated.
    private static Uri Parse(string name, string text)
    {
        var known = text.StartsWith("socks5h://", StringComparison.OrdinalIgnoreCase) ? string.Concat("socks5", text.AsSpan(7)) : text;
        var address = known.Contains("://", StringComparison.Ordinal) ? known : $"http://{known}";
        return Uri.TryCreate(address, UriKind.Absolute, out var uri) && Schemes.Contains(uri.Scheme, StringComparer.Ordinal) && uri.Host.Length > 0
            ? uri
            : throw new InvalidOperationException($"{name} is not the address of a proxy, such as http://proxy.example.com:3128");
    }

    private sealed class Logins(params Uri?[] proxies) : ICredentials
    {
        public NetworkCredential? GetCredential(Uri uri, string authType) =>
            proxies.FirstOrDefault(p => p?.Authority == uri.Authority && p.UserInfo.Length > 0)?.UserInfo.Split(':', 2) is [var name, .. var password]
                ? new NetworkCredential(Uri.UnescapeDataString(name), Uri.UnescapeDataString(password is [var text] ? text : ""))
                : null;
    }
}
