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
        return fault?.Reason == Reasons.ServerUnreachable && hop is { FromSpec: false } ? fault with { Message = fault.Message + Hop.OfEnvironment } : fault;
    }

    private static Fault? Of(Exception exception, Uri uri)
    {
        var host = $"{uri.IdnHost}:{uri.Port}";
        return In<FaultException>(exception)?.Fault ?? exception switch
        {
            // Before the time-outs: a connect time-out comes as a cancellation with a reason inside.
            OperationCanceledException or TimeoutRejectedException => Unreachable(host, "does not answer in time"),
            BodyTooLargeException => Unreadable(host, "sends an answer that is too large to come from Bitbucket"),
            _ when TlsAlert.Of(exception, uri) is { } alert => Fault.Transient(Reasons.ServerUnreachable, $"{host} {alert}."),
            HttpRequestException http => OfRequest(http, uri, host),
            InvalidDataException => Unreadable(host, "sends an answer whose compression is damaged"),
            HttpIOException or IOException => Unreadable(host, "breaks off in the middle of an answer"),
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
        $"{proxy?.Name ?? "spec.url"}: {what}, to which the operator makes no connection. Correct the URL or what the name leads to, "
        + "or have the host listed in the operator's --allowed-hosts without a wildcard.",
        field: proxy is null ? "spec.url" : proxy.Field);

    /// <summary>In words, after the name of the host.</summary>
    public static string WhyNotConnected(SocketError? error) => error switch
    {
        SocketError.ConnectionRefused => "refuses the connection",
        SocketError.HostUnreachable or SocketError.NetworkUnreachable => "has no route to it",
        SocketError.TimedOut => "does not answer in time",
        SocketError.HostNotFound or SocketError.NoData or SocketError.TryAgain => "has a name that cannot be resolved",
        _ => "cannot be connected to",
    };

    /// <summary>The fault of a server that is not to be reached through the proxy of the environment, and cannot be reached without.</summary>
    public static Fault NotConnectedWithoutProxy(Uri uri, SocketError error)
    {
        var fault = Unreachable($"{uri.IdnHost}:{uri.Port}", WhyNotConnected(error));
        return fault with { Message = $"{fault.Message} NO_PROXY in the operator's environment exempts it from the proxy." };
    }

    private static Fault OfRequest(HttpRequestException exception, Uri uri, string host) => exception.HttpRequestError switch
    {
        HttpRequestError.SecureConnectionError => OfTls(exception, uri, host),
        HttpRequestError.NameResolutionError or HttpRequestError.ConnectionError =>
            Unreachable(host, WhyNotConnected((exception.InnerException as SocketException)?.SocketErrorCode)),
        HttpRequestError.ConfigurationLimitExceeded => Unreadable(host, "sends more headers than Bitbucket does"),
        HttpRequestError.InvalidResponse => Unreadable(host, "does not answer in HTTP"),
        HttpRequestError.ResponseEnded => Unreachable(host, "closes the connection without an answer"),
        _ => Unreachable(host, "breaks the connection"),
    };

    private static Fault OfTls(HttpRequestException exception, Uri uri, string host)
    {
        if (In<CertificateRefusedException>(exception) is { } refused)
            return Fault.Transient(Reasons.TlsUntrusted, $"The certificate of {uri.IdnHost} is not accepted: {refused.Message}.");
        return exception.InnerException is AuthenticationException or IOException
            ? Unreachable(host, "does not answer in TLS: the port may speak plain http")
            : Unreachable(host, "breaks off the TLS handshake");
    }

    /// <summary>The exception of this type that another one comes from; null when there is none.</summary>
    public static T? In<T>(Exception? exception)
        where T : Exception => exception is null or T ? exception as T : In<T>(exception.InnerException);

    private static Fault Unreachable(string host, string why) => Fault.Transient(
        Reasons.ServerUnreachable, $"{host} {why}. Check spec.url, the name, the network and whether the server runs.");

    private static Fault Unreadable(string host, string why) => Fault.Transient(
        Reasons.UnexpectedAnswer, $"{host} {why}. Check spec.url, and what stands between the operator and the server.");
}
