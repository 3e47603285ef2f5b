using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using BitbucketOperator.Core;
using BitbucketOperator.Core.Api;

namespace BitbucketOperator.Bitbucket.Http;

/// <summary>What a proxy's failure means.</summary>
internal static partial class ProxyFault
{
    // Headers of an answer that a proxy made itself rather than passed on.
    private static readonly string[] Own = ["X-Squid-Error", "Proxy-Status", "Proxy-Authenticate", "Proxy-Connection"];

    /// <summary>The fault of an exception; null when it is not the proxy's.</summary>
    public static Fault? Of(Hop hop, HttpRequestException exception)
    {
        if (exception.InnerException is AddressRefusedException refused) return TransportFault.Refused(refused.Message, hop.Name);
        return exception.HttpRequestError switch
        {
            HttpRequestError.ProxyTunnelError => OfRefusal(hop, StatusOf(exception)),
            HttpRequestError.NameResolutionError or HttpRequestError.ConnectionError => Failed(hop, TransportFault.WhyNotConnected(exception)),
            HttpRequestError.SecureConnectionError => OfTls(hop, exception),
            _ => null,
        };
    }

    /// <summary>The fault of an answer; null when the server may have sent it. Only proxies before plain http can send one.</summary>
    public static Fault? Of(Hop hop, HttpResponseMessage response)
    {
        if (hop.Target.Scheme != Uri.UriSchemeHttp || response.IsSuccessStatusCode) return null;
        if (response.StatusCode == HttpStatusCode.ProxyAuthenticationRequired) return LoginNeeded(hop);
        return Own.Any(header => response.Headers.Contains(header)) ? OfRefusal(hop, (int)response.StatusCode) : null;
    }

    private static Fault OfRefusal(Hop hop, int? status)
    {
        if (status == 407) return LoginNeeded(hop);
        var answer = status is null ? "" : $" (it answered {status})";
        var target = $"{hop.Target.IdnHost}:{hop.Target.Port}";
        return Failed(hop, status is 502 or 503 or 504
            ? $"cannot reach {target}{answer}; check spec.url, and whether the proxy finds that host"
            : $"refuses to connect to {target}{answer}; let it allow that host, or correct spec.url");
    }

    // A proxy of https that is refused is told by the name that the certificate was checked for.
    private static Fault? OfTls(Hop hop, HttpRequestException exception)
    {
        if (hop.Proxy.Scheme != Uri.UriSchemeHttps) return null;
        var refusal = CertificateRefusedException.In(exception);
        if (refusal is null) return hop.Target.Scheme == Uri.UriSchemeHttp ? Failed(hop, "fails the TLS handshake; perhaps its port speaks plain http") : null;
        var isProxys = string.Equals(refusal.Host, hop.Proxy.IdnHost, StringComparison.OrdinalIgnoreCase);
        return isProxys ? Failed(hop, $"shows a certificate that is not accepted: {refusal.Message}") : null;
    }

    private static Fault LoginNeeded(Hop hop) => Fault.Waiting(Reasons.ProxyAuthenticationRequired, hop.Route switch
    {
        { FromSpec: false } => $"{hop.Name} asks for a user name and password, or refuses those that it got; correct the environment, or name a proxy in spec.proxy",
        { HasLogin: true } => $"{hop.Name} refuses the user name and password; correct them in the Secret that spec.proxy.secretRef names",
        _ => $"{hop.Name} asks for a user name and password; write them into a Secret and name it in spec.proxy.secretRef",
    });

    private static Fault Failed(Hop hop, string why) => Fault.Transient(Reasons.ProxyFailed, $"{hop.Name} {why}");

    // The exception has the status of the refused CONNECT in its text alone.
    private static int? StatusOf(HttpRequestException exception) =>
        Number().Match(exception.Message) is { Success: true } match ? int.Parse(match.ValueSpan, CultureInfo.InvariantCulture) : null;

    [GeneratedRegex(@"\b[1-5]\d\d\b(?!.*\b[1-5]\d\d\b)", RegexOptions.ExplicitCapture)]
    private static partial Regex Number();
}
