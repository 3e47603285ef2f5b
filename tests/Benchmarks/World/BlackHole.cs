using System.Net;
using System.Net.Sockets;

namespace BitbucketOperator.Benchmarks.World;

/// <summary>
/// An address that answers no SYN: a listener that accepts nobody and whose queue is full. It is what an unroutable address
/// is to a client, on a machine without any network.
/// </summary>
internal sealed class BlackHole : IAsyncDisposable
{
    private const int QueueOfOne = 2;
    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly List<Socket> _queued = [];

    private BlackHole()
    {
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen(0);
    }

    public string Url => $"https://{_listener.LocalEndPoint}";

    public static async Task<BlackHole> StartAsync(CancellationToken cancellationToken)
    {
        var hole = new BlackHole();
        for (var i = 0; i < QueueOfOne; i++)
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            hole._queued.Add(socket);
            // Linux takes one more than the backlog; the next is not answered, which is what it is here for.
            using var patience = Eventually.Patience(TimeSpan.FromMilliseconds(200), cancellationToken);
            try
            {
                await socket.ConnectAsync(hole._listener.LocalEndPoint!, patience.Token);
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                break;
            }
        }

        return hole;
    }

    public ValueTask DisposeAsync()
    {
        foreach (var socket in _queued)
        {
            socket.Dispose();
        }

        _listener.Dispose();
        return ValueTask.CompletedTask;
    }
}
