using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;
using BitbucketOperator.Core.Api;
using BitbucketOperator.Core.Port;

namespace BitbucketOperator.Bitbucket.Http;

/// <summary>What a proxy's failure means.</summary>
internal static class ProxyFault
{
    // Headers of an answer that a proxy made itself rather than passed on.
    private static readonly string[] Own = ["X-Squid-Error", "Proxy-Status", "Proxy-Authenticate", "Proxy-Connection"];

    /// <summary>The fault of what went wrong before the server was reached; null for what is not a failure of the network.</summary>
    public static Fault? Of(Hop hop, Exception exception) => exception switch
    {
        FaultException known => known.Fault,
        AddressRefusedException refused => TransportFault.Refused(refused.Message, hop),
        CertificateRefusedException refused => Failed(hop, refused.Words),
        SocketException socket => Failed(hop, TransportFault.WhyNotConnected(socket.SocketErrorCode)),
        AuthenticationException when TlsAlert.Of(exception, hop.Proxy) is { } alert => Failed(hop, alert),
        AuthenticationException => Failed(hop, "answer is not TLS, the port may speak http"),
        OperationCanceledException => Failed(hop, "timed out"),
        InvalidDataException => Failed(hop, "answer is not HTTP"),
        IOException => Failed(hop, "connection closed without an answer"),
        _ => null,
    };

    /// <summary>The fault of an exchange without a tunnel, where it is the proxy that we talk to; null where it may be the server's.</summary>
    public static Fault? OfPlain(Hop hop, HttpRequestException exception) => exception.HttpRequestError switch
    {
        _ when hop.IsTunnel => null,
        HttpRequestError.SecureConnectionError =>
            Of(hop, TransportFault.In<CertificateRefusedException>(exception) ?? (Exception)new AuthenticationException()),
        HttpRequestError.InvalidResponse => Of(hop, new InvalidDataException()),
        HttpRequestError.ResponseEnded => Of(hop, new IOException()),
        // Tunnels through http proxies are ours; this one was asked for in SOCKS.
        HttpRequestError.ProxyTunnelError when TransportFault.In<FaultException>(exception) is null => Failed(
            hop, ($"does not connect to {hop.Target.IdnHost}:{hop.Target.Port}", "Check spec.url, the login for the proxy, and that it finds the host")),
        _ => null,
    };

    /// <summary>The fault of a variable of the operator's environment that is not the address of a proxy.</summary>
    /// <param name="target">Where the request goes.</param>
    /// <param name="flaw">Which variable, and what it should be.</param>
    public static Fault OfEnvironment(Uri target, string flaw) =>
        Fault.Waiting(Reasons.ProxyFailed, (flaw, $"Correct it in the operator's environment, or list {target.IdnHost} in NO_PROXY"));

    /// <summary>The fault of an answer; null when the server may have sent it. Only proxies before plain http can send one.</summary>
    public static Fault? Of(Hop hop, HttpResponseMessage response)
    {
        if (hop.IsTunnel || response.IsSuccessStatusCode) return null;
        var isProxys = response.StatusCode == HttpStatusCode.ProxyAuthenticationRequired || Own.Any(response.Headers.Contains);
        return isProxys ? OfRefusal(hop, (int)response.StatusCode) : null;
    }

    /// <summary>The fault of a status with which the proxy refuses to go on.</summary>
    public static Fault OfRefusal(Hop hop, int status)
    {
        var target = $"{hop.Target.IdnHost}:{hop.Target.Port} ({status})";
        return status switch
        {
            407 => LoginNeeded(hop),
            502 or 503 or 504 => Failed(hop, ($"cannot reach {target}", "Check spec.url, and that the proxy finds the host")),
            _ => Failed(hop, ($"refuses to connect to {target}", "Let it allow that host, or correct spec.url")),
        };
    }

    private static Fault LoginNeeded(Hop hop) => Fault.Waiting(Reasons.ProxyAuthenticationRequired, hop switch
    {
        { FromSpec: false } => ($"{hop.Name}: login needed or refused", "Correct the environment, or set spec.proxy"),
        { Login: not null } => ($"{hop.Name}: login refused", "Correct user name and password in the Secret of spec.proxy.secretRef"),
        _ => ($"{hop.Name}: login needed", "Put user name and password into a Secret, and set spec.proxy.secretRef"),
    }, field: hop.Field);

    private static Fault Failed(Hop hop, Wording why)
    {
        var exempt = hop.FromSpec ? null : $"If {hop.Target.IdnHost} needs no proxy, list it in NO_PROXY";
        var cures = new[] { why.Cure, exempt }.OfType<string>().ToList();
        var problem = $"{hop.Name}: {char.ToLowerInvariant(why.Problem[0])}{why.Problem[1..]}";
        return Fault.Transient(Reasons.ProxyFailed, new(problem, cures.Count == 0 ? null : string.Join(". ", cures), why.Detail), hop.Field);
    }
}
