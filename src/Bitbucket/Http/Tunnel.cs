using System.Globalization;
using System.Text;

namespace BitbucketOperator.Bitbucket.Http;

/// <summary>Asks a proxy to pass bytes on to a server (CONNECT).</summary>
internal static class Tunnel
{
    private const int MaxHead = 16 * 1024;

    /// <summary>The status that the proxy answers; after a 2xx the stream leads to the server. The login is sent at once.</summary>
    /// <exception cref="InvalidDataException">The answer is not HTTP.</exception>
    /// <exception cref="IOException">The proxy breaks off.</exception>
    public static async Task<int> OpenAsync(Stream stream, Hop hop, CancellationToken cancellationToken)
    {
        await stream.WriteAsync(Encoding.ASCII.GetBytes(Request(hop)), cancellationToken);
        await stream.FlushAsync(cancellationToken);
        return StatusOf(await ReadHeadAsync(stream, cancellationToken));
    }

    private static string Request(Hop hop)
    {
        var host = hop.Target.HostNameType == UriHostNameType.IPv6 ? hop.Target.Host : hop.Target.IdnHost;
        var request = new StringBuilder()
            .Append(CultureInfo.InvariantCulture, $"CONNECT {host}:{hop.Target.Port} HTTP/1.1\r\nHost: {host}:{hop.Target.Port}\r\n");
        if (hop.Login is { UserName.Length: > 0 } login)
            request.Append("Proxy-Authorization: Basic ").Append(Convert.ToBase64String(Encoding.UTF8.GetBytes($"{login.UserName}:{login.Password}")))
                .Append("\r\n");
        return request.Append("\r\n").ToString();
    }

    // Byte by byte: what follows the empty line is not ours.
    private static async Task<string> ReadHeadAsync(Stream stream, CancellationToken cancellationToken)
    {
        var head = new byte[MaxHead];
        for (var length = 0; length < head.Length; length++)
        {
            await stream.ReadExactlyAsync(head.AsMemory(length, 1), cancellationToken);
            if (length == 4 && !head.AsSpan(0, 5).SequenceEqual("HTTP/"u8)) break;
            if (head.AsSpan(0, length + 1).EndsWith("\r\n\r\n"u8)) return Encoding.ASCII.GetString(head, 0, length);
        }

        throw new InvalidDataException("The proxy does not answer in HTTP.");
    }

    private static int StatusOf(string head)
    {
        var line = head.AsSpan(0, head.IndexOf('\r', StringComparison.Ordinal));
        return line.Length >= 12 && int.TryParse(line[9..12], NumberStyles.None, CultureInfo.InvariantCulture, out var status)
            ? status
            : throw new InvalidDataException("The proxy's status line makes no sense.");
    }
}
