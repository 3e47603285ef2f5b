using System.Net;
using BitbucketOperator.Core;

namespace BitbucketOperator.Bitbucket.Http;

/// <summary>The way of one profile's requests: through the proxy of spec.proxy, or as the operator's environment says.</summary>
/// <param name="Proxy">Which proxy stands before which address.</param>
/// <param name="FromSpec">True for spec.proxy.</param>
/// <param name="HasLogin">A user name is there for the proxy.</param>
internal sealed record Route(IWebProxy Proxy, bool FromSpec, bool HasLogin)
{
    /// <summary>spec.proxy wins over the environment.</summary>
    public static Route Of(ProxyTarget? target, IWebProxy environmentProxy) => target is null
        ? new(environmentProxy, FromSpec: false, HasLogin: false)
        : new(new FixedProxy(target), FromSpec: true, HasLogin: target.Username is not null);

    /// <summary>The proxy before an address; null where there is none.</summary>
    public Hop? HopTo(Uri uri) => Proxy.IsBypassed(uri) || Proxy.GetProxy(uri) is not { } proxy ? null : new(this, proxy, uri);

    // WebProxy leaves some addresses out by itself; here everything goes through.
    private sealed class FixedProxy : IWebProxy
    {
        private readonly Uri _url;

        public FixedProxy(ProxyTarget target)
        {
            _url = target.Url;
            if (target.Username is not { } username) return;
            Credentials = new CredentialCache { { _url, "Basic", new NetworkCredential(username, target.Password?.Reveal()) } };
        }

        public ICredentials? Credentials { get; set; }

        public Uri GetProxy(Uri destination) => _url;

        public bool IsBypassed(Uri host) => false;
    }
}

/// <summary>One proxy on the way of one request.</summary>
internal sealed record Hop(Route Route, Uri Proxy, Uri Target)
{
    /// <summary>The name for messages; never with the user name that the environment may hold.</summary>
    public string Name => Route.FromSpec
        ? $"spec.proxy.url: the proxy {Proxy.IdnHost}:{Proxy.Port}"
        : $"The proxy {Proxy.IdnHost}:{Proxy.Port} of the operator's environment (HTTPS_PROXY, HTTP_PROXY)";
}
