using System.Net;
using System.Net.Sockets;
using BitbucketOperator.Core.Api;
using BitbucketOperator.Core.Port;
using Microsoft.Extensions.Logging;

namespace BitbucketOperator.Bitbucket.Http;

/// <summary>
/// Whoever may write a connection must not find out with it what listens on the private addresses around the operator. So what a host
/// there answers, or that it does not, is said in the operator's log alone until it is known to be Bitbucket; unless --allowed-hosts
/// lists the host without a wildcard.
/// </summary>
internal sealed partial class HostPrivacy(HostRules hosts, IWebProxy environment, ILogger<HostPrivacy> logger)
{
    // Said by the operator itself, or by Bitbucket in a way that nothing else does.
    private static readonly Reason[] Open =
    [
        Reasons.RateLimited, Reasons.AddressNotAllowed, Reasons.HostNotAllowed, Reasons.ServerStarting, Reasons.ServerInMaintenance,
    ];

    /// <summary>Asks a server what it is, and says of one on a private address only that Bitbucket does not answer there.</summary>
    /// <param name="url">The server.</param>
    /// <param name="proxy">The proxy that the connection names, of which the same holds; null when it names none.</param>
    /// <param name="ask">Asks.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task<ServerInfo> AskAsync(Uri url, Uri? proxy, Func<Task<ServerInfo>> ask, CancellationToken cancellationToken)
    {
        try
        {
            return await ask();
        }
        catch (FaultException exception) when (!Open.Contains(exception.Fault.Reason))
        {
            var hidden = await IsHiddenAsync(url, cancellationToken) ? url
                : proxy is not null && await IsHiddenAsync(proxy, cancellationToken) ? proxy
                : null;
            if (hidden is null) throw;
            Log.Hidden(logger, hidden.Authority, exception.Fault.Reason.Name, exception.Fault.Message);
            throw new FaultException(FaultOf(hidden, proxy is null ? HintOf(url) : ""), exception);
        }
    }

    private async Task<bool> IsHiddenAsync(Uri url, CancellationToken cancellationToken)
    {
        if (hosts.Lists(url.IdnHost)) return false;
        try
        {
            var addresses = await Dns.GetHostAddressesAsync(url.IdnHost, cancellationToken);
            return addresses.Any(address => AddressPolicy.Classify(address) != AddressKind.Public && !hosts.Lists(address.ToString()));
        }
        catch (Exception exception) when (exception is SocketException or ArgumentException)
        {
            return false;
        }
    }

    // The operator's own environment tells nothing about the private network.
    private string HintOf(Uri url)
    {
        var route = new Route(proxy: null, environment);
        return route.FlawBefore(url) is { } flaw ? $". {flaw.Message}"
            : route.HopTo(url) is not null ? $". {Hop.OfEnvironment}"
            : route.IsExempt(url) ? ". NO_PROXY exempts it from the operator's proxy"
            : "";
    }

    private static Fault FaultOf(Uri url, string hint) => Fault.Transient(
        Reasons.ServerUnreachable,
        new($"Bitbucket does not answer at private address {url.IdnHost}:{url.Port}", "See the operator's log, or list the host in --allowed-hosts" + hint));

    private static partial class Log
    {
        [LoggerMessage(3, LogLevel.Information, "{Host} is on a private address and not known to be Bitbucket: {Reason}: {Message}", EventName = "PrivateHost")]
        public static partial void Hidden(ILogger logger, string host, string reason, string message);
    }
}
