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

    private readonly Variable? _http;
    private readonly Variable? _https;
    private readonly NoProxy _direct;

    private EnvironmentProxy(Variable? http, Variable? https, NoProxy direct)
    {
        (_http, _https, _direct) = (http, https, direct);
        Credentials = new Logins(http?.Address, https?.Address);
    }

    /// <inheritdoc/>
    public ICredentials? Credentials { get; set; }

    /// <summary>Reads the environment. A variable that does not hold the address of a proxy does no harm until it is used.</summary>
    public static EnvironmentProxy Read() => Read(Environment.GetEnvironmentVariable);

    internal static EnvironmentProxy Read(Func<string, string?> variables)
    {
        var all = Find("ALL_PROXY");
        return new EnvironmentProxy(Find("HTTP_PROXY") ?? all, Find("HTTPS_PROXY") ?? all, NoProxy.Parse(Text("NO_PROXY")));

        string? Text(string name) =>
            new[] { variables(name), variables(name.ToLowerInvariant()) }.FirstOrDefault(t => !string.IsNullOrWhiteSpace(t))?.Trim();

        Variable? Find(string name) => Text(name) is { } text ? new Variable(name, AddressOf(text)) : null;
    }

    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException">The variable does not hold the address of a proxy; see <see cref="FlawFor"/>.</exception>
    public Uri? GetProxy(Uri destination) => FlawFor(destination) is { } flaw ? throw new InvalidOperationException(flaw) : For(destination)?.Address;

    /// <inheritdoc/>
    public bool IsBypassed(Uri host) => For(host) is null;

    /// <summary>What is wrong with the variable that tells the proxy for an address; null where nothing is. Its value is not repeated.</summary>
    public string? FlawFor(Uri destination) => For(destination) is { Address: null } variable
        ? $"{variable.Name} is not the address of a proxy, such as http://proxy.example.com:3128"
        : null;

    /// <summary>The user name and password that the address of a proxy holds; null for none.</summary>
    internal static NetworkCredential? LoginIn(Uri proxy) => proxy.UserInfo.Split(':', 2) is [{ Length: > 0 } name, .. var password]
        ? new NetworkCredential(Uri.UnescapeDataString(name), Uri.UnescapeDataString(password is [var text] ? text : ""))
        : null;

    private Variable? For(Uri destination) => IsExempt(destination) ? null : destination.Scheme is "https" or "wss" ? _https : _http;

    private bool IsExempt(Uri destination) =>
        IsLoopback(destination.IdnHost) || _direct.Has(destination.IdnHost, destination.Port);

    private static bool IsLoopback(string host) =>
        host == "localhost" || (IPAddress.TryParse(host, out var address) && IPAddress.IsLoopback(NoProxy.Bare(address)));

    // Without a scheme it is an http proxy.
    private static Uri? AddressOf(string text)
    {
        var known = text.StartsWith("socks5h://", StringComparison.OrdinalIgnoreCase) ? string.Concat("socks5", text.AsSpan(7)) : text;
        var address = known.Contains("://", StringComparison.Ordinal) ? known : $"http://{known}";
        var isAddress = Uri.TryCreate(address, UriKind.Absolute, out var uri) && Schemes.Contains(uri.Scheme, StringComparer.Ordinal) && uri.Host.Length > 0;
        return isAddress ? uri : null;
    }

    // Without an address it cannot be used.
    private sealed record Variable(string Name, Uri? Address);

    private sealed class Logins(params Uri?[] proxies) : ICredentials
    {
        public NetworkCredential? GetCredential(Uri uri, string authType) =>
            proxies.Where(p => p?.Authority == uri.Authority).Select(p => LoginIn(p!)).FirstOrDefault(l => l is not null);
    }
}
