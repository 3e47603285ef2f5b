using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using BitbucketOperator.Runtime.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace BitbucketOperator.Runtime.Tests.Kubeconfig;

/// <summary>With the same kubeconfig, a server is told the same of who asks as kubectl tells it.</summary>
[Collection(SharedCluster.Name)]
public sealed class WhoAmITests(SharedCluster cluster)
{
    [Theory]
    [InlineData("{ token: t }")]
    [InlineData("{ tokenFile: token }")]
    [InlineData("{ token: t, tokenFile: token }")]
    [InlineData("{ username: u, password: 'p:w' }")]
    [InlineData("{ exec: { apiVersion: client.authentication.k8s.io/v1, interactiveMode: Never, command: bin/login, args: [a, b] } }")]
    [InlineData("{ exec: { apiVersion: client.authentication.k8s.io/v1beta1, command: ./bin/login } }")]
    [InlineData("{ token: t, as: jane, as-groups: [dev], as-uid: '7', as-user-extra: { Team: [a], acme.com/id: ['1'] } }")]
    [InlineData("{ token: t, as: 'system:serviceaccount:ci:bot' }")]
    public Task SameKubeconfig_SameHeaders(string user) => CompareAsync(user, isTls: true, hasHeaders: true);

    // Neither sends a token in clear text.
    [Theory]
    [InlineData("{ token: t }", false)]
    [InlineData("{ token: t, as: jane }", true)]
    public Task WithoutTls_SameHeaders(string user, bool hasHeaders) => CompareAsync(user, isTls: false, hasHeaders);

    private async Task CompareAsync(string user, bool isTls, bool hasHeaders)
    {
        using var folder = new KubeconfigFolder();
        await using var server = await HeaderServer.StartAsync(isTls);
        folder.Write("token", "of-the-file\n");
        folder.WriteProgram("bin/login", """
            version=$(echo "$KUBERNETES_EXEC_INFO" | sed 's/.*"apiVersion":"\([^"]*\)".*/\1/')
            printf '{"apiVersion":"%s","kind":"ExecCredential","status":{"token":"%s"}}' "$version" "given-$(echo "$*" | tr " " -)"
            """);
        var skipsVerification = isTls ? "true" : "false";
        var path = folder.Write("config", KubeconfigLoaderTests.Minimal(
            $"{{ server: '{server.Url}', insecure-skip-tls-verify: {skipsVerification} }}", user));
        var theirs = await server.HeadersAsync(async () =>
            (await cluster.Cluster.KubectlAsync("get", "--raw", "/version", "--kubeconfig", path)).EnsureSuccess());
        using var client = ApiServerClient.Open(path);
        var api = new KubernetesApi(client, TimeProvider.System);
        var ours = await server.HeadersAsync(() => api.FindAsync("version", RuntimeJson.Default.PartialObject, TestContext.Current.CancellationToken));
        ours.ShouldBe(theirs);
        (ours.Count > 0).ShouldBe(hasHeaders);
    }

    private sealed class HeaderServer(WebApplication app) : IAsyncDisposable
    {
        private readonly ConcurrentQueue<string[]> _seen = new();

        public string Url => app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();

        public static async Task<HeaderServer> StartAsync(bool isTls)
        {
            var builder = WebApplication.CreateEmptyBuilder(new());
            builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen =>
            {
                if (isTls)
                {
                    listen.UseHttps(SelfSigned());
                }
            }));
            var server = new HeaderServer(builder.Build());
            server.Run();
            return await server.StartedAsync();
        }

        /// <summary>What the one request of an action told of who asks.</summary>
        public async Task<IReadOnlyList<string>> HeadersAsync(Func<Task> act)
        {
            _seen.Clear();
            await act();
            return _seen.ShouldHaveSingleItem();
        }

        public ValueTask DisposeAsync() => app.DisposeAsync();

        private static X509Certificate2 SelfSigned()
        {
            using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            var request = new CertificateRequest("CN=127.0.0.1", key, HashAlgorithmName.SHA256);
            return request.CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(200));
        }

        private void Run() => app.Run(context =>
        {
            var headers = context.Request.Headers
                .Where(h => h.Key == "Authorization" || h.Key.StartsWith("Impersonate-", StringComparison.OrdinalIgnoreCase))
                .SelectMany(h => h.Value.Select(v => $"{h.Key.ToUpperInvariant()}: {v}"));
            _seen.Enqueue([.. headers.Order(StringComparer.Ordinal)]);
            context.Response.ContentType = "application/json";
            return context.Response.WriteAsync("{}");
        });

        private async Task<HeaderServer> StartedAsync()
        {
            await app.StartAsync();
            return this;
        }
    }
}
