using System.Net.Sockets;
using System.Security.Authentication;
using BitbucketOperator.Core.Api;
using BitbucketOperator.Core.Port;
using Polly.Timeout;

namespace BitbucketOperator.Bitbucket.Http;

/// <summary>What it means that no whole answer came.</summary>
internal static class TransportFault
{
    /// <summary>The fault; null for an exception that does not come from the network.</summary>
    /// <param name="exception">What the request ended with.</param>
    /// <param name="uri">Where it went.</param>
    /// <param name="hop">The proxy on its way; null for none. That of the environment is named, for it is easily forgotten.</param>
    public static Fault? Of(Exception exception, Uri uri, Hop? hop)
    {
        var fault = Of(exception, uri);
        return fault?.Reason == Reasons.ServerUnreachable && hop is { FromSpec: false }
            ? fault with { Words = fault.Words with { Cure = string.Join(". ", fault.Words.Cure, Hop.OfEnvironment) } }
            : fault;
    }

    private static Fault? Of(Exception exception, Uri uri)
    {
        var host = $"{uri.IdnHost}:{uri.Port}";
        return In<FaultException>(exception)?.Fault ?? exception switch
        {
            // Before the time-outs: a connect time-out comes as a cancellation with a reason inside.
            OperationCanceledException or TimeoutRejectedException => Unreachable("Timed out", host),
            BodyTooLargeException => Unreadable("Answer is too large", host),
            _ when TlsAlert.Of(exception, uri) is { } alert => Fault.Transient(Reasons.ServerUnreachable, alert with { Problem = $"{host} {alert.Problem}" }),
            HttpRequestException http => OfRequest(http, uri, host),
            InvalidDataException => Unreadable("Answer has damaged compression", host),
            HttpIOException or IOException => Unreadable("Answer was cut off", host),
            _ => null,
        };
    }

    /// <summary>True for what another try does not change: a refused address, or a login that the proxy does not take.</summary>
    public static bool IsSettled(Exception exception) => In<FaultException>(exception) is { Fault.Class: not FaultClass.Transient };

    /// <summary>The fault of an address that is not connected to.</summary>
    /// <param name="what">Host, address and kind.</param>
    /// <param name="proxy">The proxy that it belongs to; null for the server itself.</param>
    public static Fault Refused(string what, Hop? proxy = null) => Fault.Waiting(
        Reasons.AddressNotAllowed,
        ($"{proxy?.Name ?? "spec.url"}: {what}, which is not allowed", "Correct the URL or DNS, or list the host in --allowed-hosts without a wildcard"),
        field: proxy is null ? "spec.url" : proxy.Field);

    /// <summary>In words, before the name of the host.</summary>
    public static string WhyNotConnected(SocketError? error) => error switch
    {
        SocketError.ConnectionRefused => "Connection refused",
        SocketError.HostUnreachable or SocketError.NetworkUnreachable => "No route to host",
        SocketError.TimedOut => "Timed out",
        SocketError.HostNotFound or SocketError.NoData or SocketError.TryAgain => "DNS lookup failed",
        _ => "Connection failed",
    };

    /// <summary>The fault of a server that is not to be reached through the proxy of the environment, and cannot be reached without.</summary>
    public static Fault NotConnectedWithoutProxy(Uri uri, SocketError error)
    {
        var fault = Unreachable(WhyNotConnected(error), $"{uri.IdnHost}:{uri.Port}");
        return fault with { Words = fault.Words with { Cure = $"{fault.Words.Cure}. NO_PROXY exempts it from the operator's proxy" } };
    }

    private static Fault OfRequest(HttpRequestException exception, Uri uri, string host) => exception.HttpRequestError switch
    {
        HttpRequestError.SecureConnectionError => OfTls(exception, uri, host),
        HttpRequestError.NameResolutionError or HttpRequestError.ConnectionError =>
            Unreachable(WhyNotConnected((exception.InnerException as SocketException)?.SocketErrorCode), host),
        HttpRequestError.ConfigurationLimitExceeded => Unreadable("Answer has too many headers", host),
        HttpRequestError.InvalidResponse => Unreadable("Answer is not HTTP", host),
        HttpRequestError.ResponseEnded => Unreachable("Connection closed without an answer", host),
        _ => Unreachable("Connection broken", host),
    };

    private static Fault OfTls(HttpRequestException exception, Uri uri, string host)
    {
        if (In<CertificateRefusedException>(exception) is { } refused)
            return Fault.Transient(Reasons.TlsUntrusted, refused.Words with { Problem = $"{uri.IdnHost}: {refused.Words.Problem}" });
        return exception.InnerException is AuthenticationException or IOException
            ? Unreachable("Answer is not TLS, the port may speak http", host)
            : Unreachable("TLS handshake broken off", host);
    }

    /// <summary>The exception of this type that another one comes from; null when there is none.</summary>
    public static T? In<T>(Exception? exception)
        where T : Exception => exception is null or T ? exception as T : In<T>(exception.InnerException);

    private static Fault Unreachable(string why, string host) =>
        Fault.Transient(Reasons.ServerUnreachable, ($"{why}: {host}", "Check spec.url, the network and the server"));

    private static Fault Unreadable(string why, string host) =>
        Fault.Transient(Reasons.UnexpectedAnswer, ($"{why}: {host}", "Check spec.url and proxies in front of the server"));
}
