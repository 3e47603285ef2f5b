using System.Net;
using BitbucketOperator.Core.Port;

namespace BitbucketOperator.Bitbucket.Http;

/// <summary>Stands before the connection pool and judges what goes through a proxy.</summary>
internal sealed class RouteHandler(Route route, AddressPolicy policy) : DelegatingHandler
{
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (route.FlawBefore(request.RequestUri!) is { } flaw) throw new FaultException(flaw);
        if (route.HopTo(request.RequestUri!) is not { } hop) return await base.SendAsync(request, cancellationToken);
        RefuseAddressBehind(hop);
        try
        {
            var response = await base.SendAsync(request, cancellationToken);
            if (ProxyFault.Of(hop, response) is not { } fault) return response;
            response.Dispose();
            throw Failure(HttpRequestError.ProxyTunnelError, new FaultException(fault));
        }
        catch (HttpRequestException exception) when (ProxyFault.OfPlain(hop, exception) is { } fault)
        {
            throw Failure(exception.HttpRequestError, new FaultException(fault, exception));
        }
    }

    // The error decides whether the request is repeated.
    private static HttpRequestException Failure(HttpRequestError error, FaultException fault) => new(error, fault.Message, fault);

    // Names are resolved by the proxy; an address that stands in the URL itself is checked as without one.
    private void RefuseAddressBehind(Hop hop)
    {
        var host = hop.Target.IdnHost;
        var isThisHost = host is "localhost" || host.EndsWith(".localhost", StringComparison.Ordinal);
        var address = isThisHost ? IPAddress.Loopback : IPAddress.TryParse(host, out var literal) ? literal : null;
        if (address is not null && policy.Refusal(host, address) is { } kind)
            throw new FaultException(TransportFault.Refused(CheckedConnector.Describe(host, address, kind)));
    }
}
