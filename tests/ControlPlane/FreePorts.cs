using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;

namespace BitbucketOperator.ControlPlane;

/// <summary>A loopback address for a program that must be told its own. Nobody else is given it until it is disposed.</summary>
/// <remarks>
/// The port is bound here and not listened on, so that it refuses connections, and the program can listen on it, again and
/// again where it is restarted: Linux lets two sockets share a port that both allow for, as servers in .NET and Go do, while
/// at most one of them listens.
/// </remarks>
public sealed class ReservedPort : IDisposable
{
    private readonly Socket _socket;

    internal ReservedPort(Socket socket)
    {
        _socket = socket;
        _socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
    }

    /// <summary>Where the program is to listen.</summary>
    public IPEndPoint Address => (IPEndPoint)_socket.LocalEndPoint!;

    /// <summary>The address as text.</summary>
    public override string ToString() => Address.ToString();

    /// <summary>Gives the port back.</summary>
    public void Dispose() => _socket.Dispose();
}

/// <summary>Ports of this machine for programs that must be told theirs.</summary>
public static class FreePorts
{
    // Below the range that the kernel takes the ports of outgoing connections, and of listeners that leave it the choice, from.
    private const int First = 20_000;
    private const int Last = 32_000;

    /// <summary>A loopback address that nobody listens on, and that nobody else is given. Keep it as long as the program may start.</summary>
    public static ReservedPort Reserve()
    {
        while (true)
        {
            // Of no protocol by name: for TCP by name .NET would share the port with everybody who is willing to.
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Unspecified);
            try
            {
                socket.Bind(new IPEndPoint(IPAddress.Loopback, RandomNumberGenerator.GetInt32(First, Last)));
                return new(socket);
            }
            catch (SocketException)
            {
                socket.Dispose();
            }
        }
    }
}
