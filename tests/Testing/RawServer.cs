using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace BitbucketOperator.Testing;

/// <summary>
/// Answers every request with bytes that a test makes, and ends the connection: for what no HTTP server would send. Keeps what it was
/// sent, and counts what it could send before the client hung up.
/// </summary>
public sealed class RawServer : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly ConcurrentQueue<string> _seen = new();
    private readonly Func<Reply, Task> _answer;
    private long _sent;
    private int _open;

    public RawServer(byte[] answer)
        : this(reply => reply.SendAsync(answer))
    {
    }

    public RawServer(Func<Reply, Task> answer)
    {
        _answer = answer;
        _listener.Start();
        Url = new($"http://{_listener.LocalEndpoint}/");
        _ = ServeAsync();
    }

    public Uri Url { get; }

    public IReadOnlyCollection<string> Seen => _seen;

    /// <summary>Bytes that were taken from it, by clients or by the network between.</summary>
    public long Sent => Interlocked.Read(ref _sent);

    /// <summary>Connections that have not ended.</summary>
    public int Open => Volatile.Read(ref _open);

    public void Dispose() => _listener.Dispose();

    private async Task ServeAsync()
    {
        try
        {
            while (true) _ = AnswerAsync(await _listener.AcceptTcpClientAsync());
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // The test has ended.
        }
    }

    private async Task AnswerAsync(TcpClient client)
    {
        Interlocked.Increment(ref _open);
        try
        {
            using (client)
            {
                var stream = client.GetStream();
                _seen.Enqueue(await ReadHeadAsync(stream));
                await _answer(new Reply(this, stream));
                client.Client.Shutdown(SocketShutdown.Send);
                await stream.CopyToAsync(Stream.Null);
            }
        }
        catch (Exception exception) when (exception is SocketException or IOException)
        {
            // This one has gone; another may come.
        }
        finally
        {
            Interlocked.Decrement(ref _open);
        }
    }

    private static async Task<string> ReadHeadAsync(NetworkStream stream)
    {
        var buffer = new byte[4096];
        var head = new StringBuilder();
        while (!head.ToString().Contains("\r\n\r\n", StringComparison.Ordinal) && await stream.ReadAsync(buffer) is var read && read > 0)
            head.Append(Encoding.ASCII.GetString(buffer, 0, read));
        return head.ToString();
    }

    /// <summary>The answer to one request.</summary>
    public sealed class Reply(RawServer server, NetworkStream stream)
    {
        public Task SendAsync(string text) => SendAsync(Encoding.Latin1.GetBytes(text));

        /// <exception cref="IOException">The client has hung up.</exception>
        public async Task SendAsync(ReadOnlyMemory<byte> bytes)
        {
            await stream.WriteAsync(bytes);
            Interlocked.Add(ref server._sent, bytes.Length);
        }

        /// <summary>Sends the same again and again until the client hangs up, or has taken a gigabyte.</summary>
        /// <param name="part">What.</param>
        /// <param name="between">Done after each.</param>
        public async Task RepeatAsync(ReadOnlyMemory<byte> part, Action? between = null)
        {
            for (var left = 1L << 30; left > 0; left -= part.Length)
            {
                await SendAsync(part);
                between?.Invoke();
            }
        }

        /// <summary>Sends nothing until the client hangs up.</summary>
        public Task HangAsync() => stream.CopyToAsync(Stream.Null);
    }
}
