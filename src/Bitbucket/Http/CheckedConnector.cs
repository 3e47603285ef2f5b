using System.Net;
using System.Net.Sockets;

namespace BitbucketOperator.Bitbucket.Http;

/// <summary>Says in words why no connection was made to where a name leads.</summary>
internal sealed class AddressRefusedException(string message) : Exception(message);

/// <summary>
/// Makes every TCP connection of the HTTP clients: resolves the name once, drops the addresses that the policy refuses,
/// and connects to one of the others, so that a name cannot lead elsewhere between the check and the connection.
/// </summary>
internal sealed class CheckedConnector(
    AddressPolicy policy, TimeSpan connectTimeout, Func<string, CancellationToken, Task<IPAddress[]>>? resolve = null)
{
    private readonly Func<string, CancellationToken, Task<IPAddress[]>> _resolve = resolve ?? Dns.GetHostAddressesAsync;

    /// <summary>Tries the addresses in the resolver's order; one that does not answer leaves time for those after it.</summary>
    /// <exception cref="AddressRefusedException">The policy refuses every address.</exception>
    /// <exception cref="SocketException">The name is unknown, or the last address cannot be connected to.</exception>
    public async Task<Stream> ConnectAsync(DnsEndPoint endpoint, CancellationToken cancellationToken)
    {
        var host = endpoint.Host.Trim('[', ']');
        var addresses = Admit(host, IPAddress.TryParse(host, out var literal) ? [literal] : await _resolve(host, cancellationToken));
        foreach (var address in addresses[..^1])
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            limit.CancelAfter(connectTimeout / addresses.Count);
            try
            {
                return await ConnectAsync(address, endpoint.Port, limit.Token);
            }
            catch (Exception exception) when (exception is SocketException or OperationCanceledException && !cancellationToken.IsCancellationRequested)
            {
                // The next address may do better.
            }
        }

        return await ConnectAsync(addresses[^1], endpoint.Port, cancellationToken);
    }

    private static async Task<Stream> ConnectAsync(IPAddress address, int port, CancellationToken cancellationToken)
    {
        var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(address, port, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private List<IPAddress> Admit(string host, IPAddress[] addresses)
    {
        if (addresses.Length == 0) throw new SocketException((int)SocketError.HostNotFound);
        var admitted = new List<IPAddress>();
        var refused = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var found in addresses)
        {
            var address = found.IsIPv4MappedToIPv6 ? found.MapToIPv4() : found;
            if (policy.Refusal(host, address) is { } kind) refused.Add(Describe(host, address, kind));
            else admitted.Add(address);
        }

        return admitted.Count > 0 ? admitted : throw new AddressRefusedException(string.Join(" and ", refused.Take(3)));
    }

    /// <summary>The refusal in words, such as "localhost leads to 127.0.0.1, a loopback address".</summary>
    public static string Describe(string host, IPAddress address, string kind) =>
        string.Equals(host, address.ToString(), StringComparison.OrdinalIgnoreCase)
            ? $"{host} is {kind}"
            : $"{host} leads to {address}, {kind}";
}
