using System.Text.RegularExpressions;
using BitbucketOperator.BitbucketSimulator;
using BitbucketOperator.BitbucketSimulator.State;
using BitbucketOperator.Core.Api.V1Alpha1;

namespace BitbucketOperator.Cli.Tests;

/// <summary>A played Bitbucket, and manifests for it in a folder of their own.</summary>
internal sealed partial class CheckWorld : IAsyncDisposable
{
    public const string Token = $"token-{Marked.Mark}";
    public const string HookSecret = $"hook-secret-{Marked.Mark}";
    private const string WithoutSecret = "bitbucket-token.absent";

    private CheckWorld(Simulator bitbucket) => Bitbucket = bitbucket;

    public Simulator Bitbucket { get; }

    public string Folder { get; } = Directory.CreateTempSubdirectory("check-").FullName;

    public string Manifests => Path.Combine(Folder, "platform.yaml");

    /// <summary>
    /// PLAT, of which the bot is admin, with an archived repository and one that is excluded; LEGACY, which it may read where a test says
    /// so.
    /// </summary>
    public static async Task<CheckWorld> StartAsync(bool readsLegacy = false)
    {
        var bitbucket = await Simulator.StartAsync(new SimulatorOptions { Tls = true, ContextPath = "/bitbucket" });
        bitbucket.Change(world =>
        {
            var bot = world.AddUser("bot", "password");
            bot.ProjectGrants[world.AddProject("PLAT").Id] = Level.Admin;
            foreach (var slug in new[] { "api", "web", "sandbox-1" })
            {
                world.AddRepository("PLAT", slug);
            }

            world.AddRepository("PLAT", "attic").Archived = true;
            var legacy = world.AddProject("LEGACY");
            world.AddRepository("LEGACY", "billing");
            if (readsLegacy)
            {
                bot.ProjectGrants[legacy.Id] = Level.Read;
            }

            world.AddToken("check", bot, ["PROJECT_ADMIN", "REPO_ADMIN"], Token);
        });
        var result = new CheckWorld(bitbucket);
        result.Write();
        return result;
    }

    /// <summary>Writes the manifests.</summary>
    /// <param name="token">In the Secret; null to leave the Secret out.</param>
    /// <param name="more">Lines at the end of the connection's spec.</param>
    public void Write(string? token = Token, string more = "") => File.WriteAllText(Manifests, $"""
        apiVersion: bitbucketoperator.dev/v1alpha1
        kind: BitbucketConnection
        metadata: {"{ name: platform, namespace: ci }"}
        spec:
          url: {Bitbucket.BaseUrl}
          auth: {"{ type: HTTPAccessToken, secretRef: { name: bitbucket-token } }"}
          tls: {"{ caBundleRef: { name: corp-ca } }"}
          discovery: {"{ exclude: [\"*/sandbox-*\"] }"}
          webhooks:
          - name: ci
            url: https://ci.example.com/hooks/bitbucket
            secretRef: {"{ name: ci-hook }"}
        {more}
        ---
        apiVersion: v1
        kind: Secret
        metadata: {"{"} name: {(token is null ? WithoutSecret : "bitbucket-token")}, namespace: ci {"}"}
        stringData: {"{"} token: "{token ?? "none"}" {"}"}
        ---
        apiVersion: v1
        kind: Secret
        metadata: {"{ name: ci-hook, namespace: ci }"}
        stringData: {"{"} secret: "{HookSecret}" {"}"}
        ---
        apiVersion: v1
        kind: ConfigMap
        metadata: {"{ name: corp-ca, namespace: ci }"}
        data:
          ca.crt: |
            {Bitbucket.CaPem.ReplaceLineEndings("\n    ")}

        """);

    /// <summary>check over the manifests, allowed to talk to this machine.</summary>
    public Task<Said> CheckAsync(params string[] more) => Shell.RunAsync(["check", "-f", Manifests, "--allowed-hosts", "*,127.0.0.1", .. more]);

    /// <summary>The text with names in place of what differs from run to run.</summary>
    public string WithoutPlaces(string text) =>
        Time().Replace(Port().Replace(text.Replace(Folder, "FOLDER", StringComparison.Ordinal), "127.0.0.1:PORT"), "TIME");

    public async ValueTask DisposeAsync()
    {
        await Bitbucket.DisposeAsync();
        Directory.Delete(Folder, recursive: true);
    }

    [GeneratedRegex(@"127\.0\.0\.1:\d+")]
    private static partial Regex Port();

    [GeneratedRegex(@"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")]
    private static partial Regex Time();
}
