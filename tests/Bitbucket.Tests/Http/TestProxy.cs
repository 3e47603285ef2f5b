using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using BitbucketOperator.Bitbucket.Cloud;
using BitbucketOperator.BitbucketSimulator.Serving;

namespace BitbucketOperator.Bitbucket.Tests.Http;

/// <summary>A small HTTP proxy that passes CONNECT and plain requests on, and keeps the heads of all requests it saw.</summary>
internal sealed class TestProxy : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly ConcurrentQueue<string> _seen = new();
    private readonly X509Certificate2? _certificate;

    public TestProxy(X509Certificate2? certificate = null)
    {
        _certificate = certificate;
        _listener.Start();
        Url = new($"{(certificate is null ? "http" : "https")}://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}/");
        _ = ServeAsync();
    }

    public Uri Url { get; }

    /// <summary>As user:password; null asks nobody.</summary>
    public string? Login { get; init; }

    /// <summary>Sent instead of doing what was asked; null does it.</summary>
    public string? Answer { get; init; }

    public IReadOnlyCollection<string> Seen => _seen;

    public void Dispose() => _listener.Dispose();

    private async Task ServeAsync()
    {
        try
        {
            while (true) _ = ServeAsync(await _listener.AcceptTcpClientAsync());
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // The test has ended.
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        try
        {
            using (client) await ServeAsync(await OpenAsync(client));
        }
        catch (Exception exception) when (exception is SocketException or IOException or System.Security.Authentication.AuthenticationException)
        {
            // One side has gone.
        }
    }

    private async Task<Stream> OpenAsync(TcpClient client)
    {
        if (_certificate is null) return client.GetStream();
        var tls = new SslStream(client.GetStream());
        await tls.AuthenticateAsServerAsync(_certificate);
        return tls;
    }

    private async Task ServeAsync(Stream stream)
    {
        while (await ReadHeadAsync(stream) is { } head)
        {
            _seen.Enqueue(head);
            if (await ShortCutAsync(stream, head)) continue;
            await PassOnAsync(stream, head);
            return;
        }
    }

    private async Task<bool> ShortCutAsync(Stream stream, string head)
    {
        var answer = Answer;
        if (Login is not null
            && !head.Contains($"Proxy-Authorization: Basic {Convert.ToBase64String(Encoding.UTF8.GetBytes(Login))}\r\n", StringComparison.Ordinal))
            answer = "HTTP/1.1 407 Who are you\r\nProxy-Authenticate: Basic realm=\"proxy\"\r\nContent-Length: 0\r\n\r\n";
        if (answer is null) return false;
        await stream.WriteAsync(Encoding.ASCII.GetBytes(answer));
        return true;
    }

    private static async Task PassOnAsync(Stream stream, string head)
    {
        var words = head.Split(' ', 3);
        var tunnel = words[0] == "CONNECT";
        var target = new Uri(tunnel ? $"http://{words[1]}" : words[1]);
        using var server = new TcpClient();
        await server.ConnectAsync(target.DnsSafeHost, target.Port);
        await using var remote = server.GetStream();
        if (tunnel) await stream.WriteAsync("HTTP/1.1 200 Here you are\r\n\r\n"u8.ToArray());
        else await remote.WriteAsync(Encoding.ASCII.GetBytes($"{words[0]} {target.PathAndQuery} HTTP/1.1\r\nConnection: close\r\n{WithoutProxyHeaders(head)}"));
        await Task.WhenAny(stream.CopyToAsync(remote), remote.CopyToAsync(stream));
    }

    private static string WithoutProxyHeaders(string head) => string.Join(
        "\r\n", head.Split("\r\n").Skip(1).Where(line => !line.StartsWith("Proxy-", StringComparison.OrdinalIgnoreCase)));

    /// <summary>Up to the empty line; null at the end.</summary>
    private static async Task<string?> ReadHeadAsync(Stream stream)
    {
        var head = new StringBuilder();
        var one = new byte[1];
        while (await stream.ReadAsync(one) == 1)
        {
            head.Append((char)one[0]);
            if (!char.IsAsciiLetter(head[0])) return null;
            if (one[0] == '\n' && head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal)) return head.ToString();
        }

        return null;
    }
}
