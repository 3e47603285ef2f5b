using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using BitbucketOperator.Core.Port;

namespace BitbucketOperator.Bitbucket.Http;

/// <summary>
/// Makes the connections of one profile: to the server, to a proxy, or through one. The tunnels are made here rather than
/// by the framework, whose exceptions do not tell a proxy's failure from the server's.
/// </summary>
internal sealed class RouteConnector(CheckedConnector tcp, Route route, CertificateCheck certificates)
{
    /// <summary>For <see cref="SocketsHttpHandler.ConnectCallback"/>.</summary>
    /// <exception cref="FaultException">An address is refused, or the proxy is at fault.</exception>
    /// <exception cref="SocketException">The server cannot be connected to.</exception>
    public async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var target = context.InitialRequestMessage.RequestUri!;
        if (route.HopTo(target) is { } hop) return await ConnectThroughAsync(hop, cancellationToken);
        try
        {
            return await tcp.ConnectAsync(context.DnsEndPoint, cancellationToken);
        }
        catch (AddressRefusedException refused)
        {
            throw new FaultException(TransportFault.Refused(refused.Message), refused);
        }
        catch (SocketException exception) when (route.IsExempt(target))
        {
            throw new FaultException(TransportFault.NotConnectedWithoutProxy(target, exception.SocketErrorCode), exception);
        }
    }

    private async Task<Stream> ConnectThroughAsync(Hop hop, CancellationToken cancellationToken)
    {
        Stream? stream = null;
        try
        {
            stream = await tcp.ConnectAsync(new(hop.Proxy.IdnHost, hop.Proxy.Port), cancellationToken);
            if (!hop.IsTunnel) return stream;
            if (hop.Proxy.Scheme == Uri.UriSchemeHttps) stream = await EncryptAsync(stream, hop.Proxy.IdnHost, cancellationToken);
            var status = await Tunnel.OpenAsync(stream, hop, cancellationToken);
            return status is >= 200 and < 300 ? new TunnelStream(stream) : throw new FaultException(ProxyFault.OfRefusal(hop, status));
        }
        catch (Exception exception)
        {
            if (stream is not null) await stream.DisposeAsync();
            if (ProxyFault.Of(hop, exception) is not { } fault) throw;
            throw new FaultException(fault, exception);
        }
    }

    private async Task<Stream> EncryptAsync(Stream stream, string host, CancellationToken cancellationToken)
    {
        var tls = new SslStream(stream);
        var options = new SslClientAuthenticationOptions
        {
            TargetHost = host,
            RemoteCertificateValidationCallback = certificates.Accept,
            CertificateChainPolicy = CertificateCheck.OfHandshake,
        };
        try
        {
            await tls.AuthenticateAsClientAsync(options, cancellationToken);
            return tls;
        }
        catch (IOException exception)
        {
            throw new AuthenticationException(exception.Message, exception);
        }
    }
}
