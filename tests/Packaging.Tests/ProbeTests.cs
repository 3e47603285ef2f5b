using System.Net;
using System.Net.Sockets;
using System.Text;

namespace BitbucketOperator.Packaging.Tests;

/// <summary>The binary's probe, which stands in for curl in an image without a shell.</summary>
public sealed class ProbeTests
{
    [Fact]
    public async Task Success_ExitsWith0()
    {
        var (exitCode, output) = await ProbeAsync("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", "--timeout=180");
        exitCode.ShouldBe(0, output);
    }

    [Fact]
    public async Task NotReadyAtFirst_IsAskedAgain()
    {
        var (exitCode, output) = await ProbeAsync(
            ["HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"],
            "--timeout=180");
        exitCode.ShouldBe(0, output);
    }

    [Fact]
    public async Task Failure_ExitsWith1AndTellsTheAnswer()
    {
        var (exitCode, output) = await ProbeAsync("HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", "--timeout=5");
        exitCode.ShouldBe(1);
        output.ShouldContain("/readyz: 503, for 5 seconds");
    }

    [Theory]
    [InlineData("127.0.0.1:8081/readyz", "url must be an absolute http or https URL")]
    [InlineData("http://127.0.0.1:9/readyz --timeout=0", "--timeout must lie between 1 and 3600 seconds")]
    public async Task Mistake_IsRefused(string arguments, string message)
    {
        var (exitCode, output) = await OperatorProcess.RunAsync(["probe", .. arguments.Split(' ')]);
        exitCode.ShouldNotBe(0);
        output.ShouldContain(message);
    }

    private static Task<(int ExitCode, string Output)> ProbeAsync(string answer, string timeout) => ProbeAsync([answer], timeout);

    // The last answer is given again and again.
    private static async Task<(int ExitCode, string Output)> ProbeAsync(string[] answers, string timeout)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        using var stop = new CancellationTokenSource();
        var serving = ServeAsync(listener, answers, stop.Token);
        var result = await OperatorProcess.RunAsync(["probe", $"http://{listener.LocalEndpoint}/readyz", timeout]);
        await stop.CancelAsync();
        await serving;
        return result;
    }

    private static async Task ServeAsync(TcpListener listener, string[] answers, CancellationToken cancellationToken)
    {
        for (var i = 0; !cancellationToken.IsCancellationRequested; i++)
        {
            try
            {
                using var client = await listener.AcceptTcpClientAsync(cancellationToken);
                await AnswerAsync(client, answers[Math.Min(i, answers.Length - 1)], cancellationToken);
            }
            catch (IOException)
            {
                // A probe whose time is up leaves in the middle of its request.
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    // The request is read to its end: closing before that resets the connection, and the answer may be lost.
    private static async Task AnswerAsync(TcpClient client, string answer, CancellationToken cancellationToken)
    {
        await using var stream = client.GetStream();
        using var reader = new StreamReader(stream, Encoding.ASCII);
        while (await reader.ReadLineAsync(cancellationToken) is { Length: > 0 })
        {
        }

        await stream.WriteAsync(Encoding.ASCII.GetBytes(answer), cancellationToken);
    }
}
