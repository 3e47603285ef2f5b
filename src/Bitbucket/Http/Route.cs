using System.Net;
using BitbucketOperator.Core.Port;

namespace BitbucketOperator.Bitbucket.Http;

/// <summary>
/// The way of one profile's requests: through the proxy of spec.proxy, or else as the operator's environment says. As a
/// proxy itself it leaves https out, whose tunnels are made by <see cref="RouteConnector"/>.
/// </summary>
internal sealed class Route : IWebProxy
{
    private readonly Uri? _fixed;
    private readonly IWebProxy _environment;

    /// <param name="proxy">The proxy of spec.proxy; null for none.</param>
    /// <param name="environment">The proxy of the environment.</param>
    public Route(ProxyTarget? proxy, IWebProxy environment)
    {
        _fixed = proxy?.Url;
        _environment = environment;
        Credentials = proxy is null ? environment.Credentials : CredentialsOf(proxy);
    }

    public ICredentials? Credentials { get; set; }

    /// <summary>The proxy before an address; null where there is none.</summary>
    public Hop? HopTo(Uri target)
    {
        var proxy = _fixed ?? (_environment.IsBypassed(target) ? null : _environment.GetProxy(target));
        return proxy is null ? null : new(proxy, target, FromSpec: _fixed is not null, Credentials?.GetCredential(proxy, "Basic"));
    }

    /// <summary>Why the environment does not tell the proxy before an address, so that nothing can be sent there; null when it does.</summary>
    public Fault? FlawBefore(Uri target)
    {
        try
        {
            _ = HopTo(target);
            return null;
        }
        catch (InvalidOperationException exception)
        {
            return ProxyFault.OfEnvironment(target, exception.Message);
        }
    }

    /// <summary>The environment names a proxy, and this address is reached without it.</summary>
    public bool IsExempt(Uri target)
    {
        var another = new Uri($"{target.Scheme}://proxied.invalid/");
        return _fixed is null && _environment.IsBypassed(target) && !_environment.IsBypassed(another);
    }

    public Uri? GetProxy(Uri destination) => HopTo(destination)?.Proxy;

    public bool IsBypassed(Uri host) => HopTo(host) is null or { IsTunnel: true };

    private static CredentialCache? CredentialsOf(ProxyTarget proxy) => proxy.Username is not { } username
        ? null
        : new CredentialCache { { proxy.Url, "Basic", new NetworkCredential(username, proxy.Password?.Reveal()) } };
}

/// <summary>The proxy on the way of one request.</summary>
/// <param name="Proxy">Its address.</param>
/// <param name="Target">Where the request goes.</param>
/// <param name="FromSpec">True for spec.proxy, false for the environment.</param>
/// <param name="Login">Whom it knows us as; null when nobody is named.</param>
internal sealed record Hop(Uri Proxy, Uri Target, bool FromSpec, NetworkCredential? Login)
{
    /// <summary>What to do about a proxy of the environment that the host does not need.</summary>
    public const string OfEnvironment = "If the host needs no proxy (HTTPS_PROXY, HTTP_PROXY), list it in NO_PROXY";

    /// <summary>The request goes through a tunnel, and the proxy sees nothing of it.</summary>
    public bool IsTunnel => Target.Scheme == Uri.UriSchemeHttps && Proxy.Scheme is ("http" or "https");

    /// <summary>The field of the resource that names it, which <see cref="Name"/> then begins with; null for the environment's.</summary>
    public string? Field => FromSpec ? "spec.proxy.url" : null;

    /// <summary>The name for messages; never with the user name that the environment may hold.</summary>
    public string Name => FromSpec
        ? $"{Field}: {Proxy.IdnHost}:{Proxy.Port}"
        : $"HTTPS_PROXY or HTTP_PROXY of the operator: {Proxy.IdnHost}:{Proxy.Port}";
}
