using System.Net;
using System.Net.Sockets;

namespace BitbucketOperator.Operator.Tests.Monitoring;

/// <summary>Addresses of this machine.</summary>
internal static class Ports
{
    /// <summary>One that nobody listens on.</summary>
    public static string Free()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return listener.LocalEndpoint.ToString()!;
    }
}
