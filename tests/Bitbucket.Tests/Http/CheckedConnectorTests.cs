using System.Net;
using System.Net.Sockets;
using BitbucketOperator.Bitbucket.Http;
using BitbucketOperator.Core.Port;

namespace BitbucketOperator.Bitbucket.Tests.Http;

/// <summary>Which of a name's addresses a connection is made to.</summary>
public sealed class CheckedConnectorTests : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);

    public CheckedConnectorTests() => _listener.Start();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("127.0.0.2,127.0.0.1")]
    [InlineData("::1,127.0.0.1")]
    [InlineData("::ffff:127.0.0.1")]
    [InlineData("169.254.169.254,127.0.0.1")]
    [InlineData("127.0.0.1,169.254.169.254")]
    public async Task Name_LeadsToTheFirstAddressThatIsAllowedAndAnswers(string addresses)
    {
        await using var stream = await ConnectAsync(Of(["127.0.0.1", "127.0.0.2", "::1"], addresses));

        ((NetworkStream)stream).Socket.NoDelay.ShouldBeTrue();
        (await _listener.AcceptSocketAsync(Cancellation)).Connected.ShouldBeTrue();
    }

    [Fact]
    public async Task RefusedAddress_IsNeverConnectedTo()
    {
        await Should.ThrowAsync<SocketException>(() => ConnectAsync(Of(["127.0.0.2"], "127.0.0.1,127.0.0.2")));

        _listener.Pending().ShouldBeFalse();
    }

    [Fact]
    public async Task NameWithoutAnAllowedAddress_IsRefusedWithEachOfThem()
    {
        var refused = await Should.ThrowAsync<AddressRefusedException>(() => ConnectAsync(Of([], "169.254.169.254,127.0.0.1,127.0.0.1")));

        refused.Message.ShouldBe(
            "bb.example.com leads to 127.0.0.1, a loopback address and bb.example.com leads to 169.254.169.254, the address of a cloud's metadata service");
        _listener.Pending().ShouldBeFalse();
    }

    [Fact]
    public async Task NameWithoutAddresses_IsUnknown() =>
        (await Should.ThrowAsync<SocketException>(() => ConnectAsync(Of([], "")))).SocketErrorCode.ShouldBe(SocketError.HostNotFound);

    [Fact]
    public async Task AddressThatDoesNotAnswer_LeavesTimeForTheNext()
    {
        using var full = FullListener(Port);
        var connector = Of(["127.0.0.1", "127.0.0.2"], "127.0.0.2,127.0.0.1", TimeSpan.FromMilliseconds(300));
        var start = TimeProvider.System.GetTimestamp();

        await using var stream = await Eventually.EndsAsync(
            "the connection to the second address", connector.ConnectAsync(new DnsEndPoint("bb.example.com", Port), Cancellation));

        TimeProvider.System.GetElapsedTime(start).ShouldBeGreaterThan(TimeSpan.FromMilliseconds(100));
        ((IPEndPoint)((NetworkStream)stream).Socket.RemoteEndPoint!).Address.ShouldBe(IPAddress.Loopback);
    }

    [Fact]
    public async Task Caller_CanCancelTheAttempt()
    {
        using var full = FullListener(port: 0);
        using var stop = new CancellationTokenSource();
        var connector = Of(["127.0.0.1", "127.0.0.2"], "127.0.0.2,127.0.0.1", Eventually.Limit * 3);

        var attempt = connector.ConnectAsync(new DnsEndPoint("bb.example.com", ((IPEndPoint)full.LocalEndPoint!).Port), stop.Token);
        attempt.IsCompleted.ShouldBeFalse();
        await stop.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(attempt);
    }

    public void Dispose() => _listener.Dispose();

    private static CheckedConnector Of(string[] allowed, string addresses, TimeSpan? timeout = null) => new(
        new AddressPolicy(new HostRules(allowed), denyPrivate: false),
        timeout ?? TimeSpan.FromSeconds(10),
        (_, _) => Task.FromResult(Array.ConvertAll(addresses.Split(',', StringSplitOptions.RemoveEmptyEntries), IPAddress.Parse)));

    private async Task<Stream> ConnectAsync(CheckedConnector connector) =>
        await connector.ConnectAsync(new DnsEndPoint("bb.example.com", Port), Cancellation);

    /// <summary>On 127.0.0.2, with its queue full: Linux drops what comes then, as a firewall does.</summary>
    private static Listener FullListener(int port)
    {
        var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Parse("127.0.0.2"), port));
        listener.Listen(0);
        return new Listener(listener);
    }

    private sealed class Listener : IDisposable
    {
        private readonly Socket _socket;
        private readonly List<Socket> _waiting = [];

        public Listener(Socket socket)
        {
            _socket = socket;
            for (var i = 0; i < 4; i++)
            {
                var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { Blocking = false };
                _waiting.Add(client);
                try
                {
                    client.Connect(socket.LocalEndPoint!);
                }
                catch (SocketException e) when (e.SocketErrorCode is SocketError.WouldBlock or SocketError.InProgress)
                {
                    // It goes on in the background.
                }
            }
        }

        public EndPoint? LocalEndPoint => _socket.LocalEndPoint;

        public void Dispose()
        {
            _waiting.ForEach(s => s.Dispose());
            _socket.Dispose();
        }
    }
}
