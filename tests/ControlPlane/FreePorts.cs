using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;

namespace BitbucketOperator.ControlPlane;

/// <summary>Ports of this machine for programs that must be told theirs.</summary>
public static class FreePorts
{
    // Below the range that the kernel takes the ports of outgoing connections from, so that a port is still free when the
    // program listens on it, and when an API server is restarted.
    private const int First = 20_000;
    private const int Last = 32_000;

    /// <summary>A loopback address that nobody listens on.</summary>
    public static IPEndPoint Address()
    {
        using var socket = Bind();
        return (IPEndPoint)socket.LocalEndPoint!;
    }

    internal static Socket Bind()
    {
        while (true)
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                socket.Bind(new IPEndPoint(IPAddress.Loopback, RandomNumberGenerator.GetInt32(First, Last)));
                return socket;
            }
            catch (SocketException)
            {
                socket.Dispose();
            }
        }
    }
}
