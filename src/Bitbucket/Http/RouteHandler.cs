using System.Net;
using BitbucketOperator.Core;

namespace BitbucketOperator.Bitbucket.Http;

/// <summary>A request ended on its way to the server, with a fault that is known already.</summary>
/// <param name="fault">What it means.</param>
/// <param name="error">Decides whether the request is repeated.</param>
/// <param name="inner">What was seen.</param>
internal sealed class RouteException(Fault fault, HttpRequestError error, Exception? inner = null)
    : HttpRequestException(error, fault.Message, inner)
{
    public Fault Fault { get; } = fault;
}

/// <summary>Stands before the connection pool, and tells the failures of a proxy from those of the server behind it.</summary>
internal sealed class RouteHandler(Route route, AddressPolicy policy) : DelegatingHandler
{
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (route.HopTo(request.RequestUri!) is not { } hop) return await base.SendAsync(request, cancellationToken);
        RefuseAddressBehind(hop);
        try
        {
            var response = await base.SendAsync(request, cancellationToken);
            if (ProxyFault.Of(hop, response) is not { } fault) return response;
            response.Dispose();
            throw new RouteException(fault, HttpRequestError.UserAuthenticationError);
        }
        catch (HttpRequestException exception) when (exception is not RouteException && ProxyFault.Of(hop, exception) is { } fault)
        {
            // A login that was refused is not sent again.
            var final = fault.Class == FaultClass.Waiting;
            throw new RouteException(fault, final ? HttpRequestError.UserAuthenticationError : exception.HttpRequestError, exception);
        }
    }

    // Names are resolved by the proxy; an address that stands in the URL itself is checked as without one.
    private void RefuseAddressBehind(Hop hop)
    {
        var host = hop.Target.IdnHost;
        var isThisHost = host is "localhost" || host.EndsWith(".localhost", StringComparison.Ordinal);
        var address = isThisHost ? IPAddress.Loopback : IPAddress.TryParse(host, out var literal) ? literal : null;
        if (address is null || policy.Refusal(host, address) is not { } kind) return;
        throw new RouteException(TransportFault.Refused(CheckedConnector.Describe(host, address, kind)), HttpRequestError.NameResolutionError);
    }
}
