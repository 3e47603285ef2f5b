using System.Diagnostics;
using System.Net;
using System.Text.Json.Nodes;

namespace BitbucketOperator.BitbucketSimulator.Tests;

/// <summary>The program as other processes start it.</summary>
public sealed class ProcessTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Program_prints_its_addresses_serves_and_a_receiver_prints_deliveries()
    {
        var folder = Directory.CreateTempSubdirectory("simulator");
        try
        {
            var (secret, seed, ca) = (Path.Combine(folder.FullName, "s"), Path.Combine(folder.FullName, "seed.yaml"), Path.Combine(folder.FullName, "ca.crt"));
            await File.WriteAllTextAsync(secret, "s3cr3t\n", Cancel);
            await File.WriteAllTextAsync(seed, "users: [{ name: admin, password: admin, global: Admin }]", Cancel);
            using var receiver = Start("receiver", "--port", "0", "--secret-file", secret);
            var hookUrl = (await LineAsync(receiver)).Split(' ')[1];
            using var server = Start(
                "--port", "0", "--seed", seed, "--tls", "--ca-out", ca, "--context-path", "/bitbucket", "--version", "8.19.3", "--generate", "2x3");
            var words = (await LineAsync(server)).Split(' ');

            words[1].ShouldMatch("^https://127.0.0.1:[0-9]+/bitbucket$");
            (await File.ReadAllTextAsync(ca, Cancel)).ShouldStartWith("-----BEGIN CERTIFICATE-----");
            using var control = new HttpClient { BaseAddress = new Uri(words[3] + "/") };
            ((string?)(await control.GetReplyAsync("server")).Json!["version"]).ShouldBe("8.19.3");
            var hook = new JsonObject { ["name"] = "h", ["url"] = hookUrl, ["secret"] = "s3cr3t", ["events"] = new JsonArray("repo:refs_changed") };
            (await control.SendAsync("POST", "webhooks/GEN01/repo-0001", hook)).Status.ShouldBe(HttpStatusCode.Created);
            await control.SendAsync("POST", "push", JsonNode.Parse("""{"project":"GEN01","repository":"repo-0001"}"""));

            (await LineAsync(receiver)).ShouldBe("repo:refs_changed GEN01/repo-0001 signature valid");
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task Program_plays_cloud_and_prints_three_addresses()
    {
        var folder = Directory.CreateTempSubdirectory("simulator");
        try
        {
            var (seed, ca) = (Path.Combine(folder.FullName, "seed.yaml"), Path.Combine(folder.FullName, "ca.crt"));
            await File.WriteAllTextAsync(seed, "workspaces: [{ slug: acme }]", Cancel);
            using var server = Start("cloud", "--port", "0", "--control-port", "0", "--seed", seed, "--tls", "--ca-out", ca, "--generate", "2x3");
            var line = await LineAsync(server);

            line.ShouldMatch(
                "^Bitbucket Cloud https://127.0.0.1:([0-9]+)/2.0 token https://127.0.0.1:\\1/site/oauth2/access_token control http://127.0.0.1:[0-9]+$");
            (await File.ReadAllTextAsync(ca, Cancel)).ShouldStartWith("-----BEGIN CERTIFICATE-----");
            using var control = new HttpClient { BaseAddress = new Uri(line.Split(' ')[^1] + "/") };
            (await control.GetReplyAsync("state")).Json!["repositories"]!.AsArray().Count.ShouldBe(6);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Theory]
    [InlineData("nowhere.yaml", "cloud", "--seed", "nowhere.yaml")]
    [InlineData("not PROJECTSxREPOSITORIES", "--generate", "many")]
    [InlineData("is not a version", "--version", "9")]
    [InlineData("missing.yaml", "--seed", "missing.yaml")]
    public async Task Bad_argument_is_said_in_one_line_with_exit_code_2(string message, params string[] arguments)
    {
        using var process = Start(arguments);

        (await process.Error.ReadToEndAsync(Cancel)).ShouldContain(message);
        (await process.ExitAsync()).ShouldBe(2);
    }

    private static Running Start(params string[] arguments) => new(arguments);

    private static async Task<string> LineAsync(Running process) =>
        await process.Output.ReadLineAsync(Cancel)
            ?? throw new InvalidOperationException($"ended without a line: {await process.Error.ReadToEndAsync(Cancel)}");

    private sealed class Running : IDisposable
    {
        private readonly Process _process;

        public Running(string[] arguments)
        {
            var program = typeof(Simulator).Assembly.Location;
            _process = Process.Start(new ProcessStartInfo(
                "dotnet", [program, .. arguments]) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true })!;
        }

        public StreamReader Output => _process.StandardOutput;

        public StreamReader Error => _process.StandardError;

        public async Task<int> ExitAsync()
        {
            await _process.WaitForExitAsync(Cancel);
            return _process.ExitCode;
        }

        public void Dispose()
        {
            if (!_process.HasExited) _process.Kill();
            _process.Dispose();
        }
    }
}
