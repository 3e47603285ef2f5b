using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace BitbucketOperator.Bitbucket.Tests.Http;

/// <summary>
/// Answers every request with the same bytes and ends the connection: for what no HTTP server would send. Keeps what it
/// was sent.
/// </summary>
internal sealed class RawServer : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly ConcurrentQueue<string> _seen = new();
    private readonly byte[] _answer;

    public RawServer(byte[] answer)
    {
        _answer = answer;
        _listener.Start();
        Url = new($"http://{_listener.LocalEndpoint}/");
        _ = ServeAsync();
    }

    public Uri Url { get; }

    public IReadOnlyCollection<string> Seen => _seen;

    public void Dispose() => _listener.Dispose();

    private async Task ServeAsync()
    {
        try
        {
            while (true)
            {
                using var client = await _listener.AcceptTcpClientAsync();
                await AnswerAsync(client);
            }
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // The test has ended.
        }
    }

    private async Task AnswerAsync(TcpClient client)
    {
        var buffer = new byte[4096];
        try
        {
            var stream = client.GetStream();
            var head = new StringBuilder();
            while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal) && await stream.ReadAsync(buffer) is var read && read > 0)
                head.Append(Encoding.ASCII.GetString(buffer, 0, read));
            _seen.Enqueue(head.ToString());

            await stream.WriteAsync(_answer);
            client.Client.Shutdown(SocketShutdown.Send);
            await stream.CopyToAsync(Stream.Null);
        }
        catch (Exception exception) when (exception is SocketException or IOException)
        {
            // This one has gone; another may come.
        }
    }
}
