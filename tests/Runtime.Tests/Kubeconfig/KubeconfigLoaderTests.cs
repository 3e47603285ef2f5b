using BitbucketOperator.Runtime.Kubeconfig;
using Microsoft.Extensions.Time.Testing;

namespace BitbucketOperator.Runtime.Tests.Kubeconfig;

/// <summary>What is read of kubeconfig files; kubectl is the model.</summary>
public sealed class KubeconfigLoaderTests : IDisposable
{
    private readonly KubeconfigFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task ContextClusterAndUser_MayBeInDifferentFiles()
    {
        var paths = new[]
        {
            _folder.Write("contexts", "current-context: dev\ncontexts: [{ name: dev, context: { cluster: c, user: u, namespace: ci } }]"),
            _folder.Write("clusters", "clusters: [{ name: c, cluster: { server: 'https://one:6443', proxy-url: 'socks5://proxy:1080' } }]"),
            _folder.Write("users/config", "users: [{ name: u, user: { tokenFile: ../token } }]\nclusters: [{ name: c, cluster: { server: 'https://two' } }]"),
        };
        _folder.Write("token", "of-the-file\n");
        var access = Load(paths);
        access.Server.ShouldBe(new Uri("https://one:6443"), "the first of two entries counts");
        access.Proxy.ShouldBe(new Uri("socks5://proxy:1080"));
        access.Namespace.ShouldBe("ci");
        (await HeaderAsync(access)).ShouldBe("Bearer of-the-file");
    }

    [Fact]
    public void FilesThatAreNotThere_AreLeftOut_UnlessNoneIs()
    {
        var there = _folder.Write("there", Minimal());
        Load([Path.Combine(_folder.Path, "missing"), there]).Server.Host.ShouldBe("api.example.com");
        Fails([Path.Combine(_folder.Path, "missing")]).ShouldContain("missing");
    }

    [Fact]
    public void AnotherContext_IsTakenByName()
    {
        var path = _folder.Write("config", """
            clusters: [{ name: c, cluster: { server: 'https://api.example.com' } }]
            contexts: [{ name: other, context: { cluster: c, namespace: elsewhere } }, { name: dev, context: { cluster: c } }]
            """);
        Load([path], "other").Namespace.ShouldBe("elsewhere");
        Fails([path], "absent").ShouldBe($"Context \"absent\" not found in {path}");
    }

    [Theory]
    [InlineData("token: t", "Bearer t")]
    [InlineData("{ username: u, password: p }", "Basic dTpw")]
    [InlineData("{ token: t, tokenFile: token }", "Bearer of-the-file")]
    [InlineData("{ token: t, tokenFile: absent }", "Bearer t")]
    [InlineData("{}", null)]
    public async Task Login_IsWhatTheUserHas(string user, string? header)
    {
        _folder.Write("token", "of-the-file");
        (await HeaderAsync(Load([_folder.Write("config", Minimal(user: user))]))).ShouldBe(header);
    }

    [Fact]
    public async Task TokenFileThatIsEmptyForAMoment_KeepsTheTokenOfBefore()
    {
        var file = _folder.Write("token", "");
        var clock = new FakeTimeProvider();
        var login = new TokenFileLogin(file, certificate: null, clock);
        var fault = await Should.ThrowAsync<KubeconfigException>(async () => await login.HeaderAsync(TestContext.Current.CancellationToken));
        fault.Message.ShouldBe($"The token file {file} is empty");
        _folder.Write("token", "one");
        (await login.HeaderAsync(TestContext.Current.CancellationToken))!.Parameter.ShouldBe("one");

        _folder.Write("token", "");
        clock.Advance(TimeSpan.FromMinutes(2));
        (await login.HeaderAsync(TestContext.Current.CancellationToken))!.Parameter.ShouldBe("one");
        _folder.Write("token", "two");
        clock.Advance(TimeSpan.FromMinutes(2));

        (await login.HeaderAsync(TestContext.Current.CancellationToken))!.Parameter.ShouldBe("two");
    }

    [Fact]
    public void Impersonation_GoesWithEveryRequest()
    {
        var access = Load([_folder.Write("config", Minimal(user:
            "{ token: t, as: jane, as-uid: '7', as-groups: [dev], as-user-extra: { Scopes: [view], acme.com/id: ['1'] } }"))]);
        using var request = new HttpRequestMessage();
        access.Impersonation!.AddTo(request);
        request.Headers.Select(h => $"{h.Key}: {string.Join(", ", h.Value)}").ShouldBe(
        [
            "Impersonate-User: jane", "Impersonate-Uid: 7", "Impersonate-Group: dev",
            "Impersonate-Extra-scopes: view", "Impersonate-Extra-acme.com%2Fid: 1",
        ]);
    }

    [Theory]
    [InlineData("{ as-groups: [dev] }", "without a user: set as")]
    [InlineData("{ as: jane, as-groups: [dev, ops] }", "impersonates with more than one value of as-groups, which is not supported")]
    [InlineData("{ as: jane, as-user-extra: { team: [a, b] } }", "more than one value of as-user-extra.team")]
    [InlineData("{ auth-provider: { name: gcp } }", "uses auth-provider, which kubectl does not support any more. Use exec")]
    [InlineData("{ client-key-data: '' , client-key: k.pem }", "cannot read client-key")]
    [InlineData("{ client-certificate-data: 'bm8=' }", "has a client-certificate without a client-key")]
    [InlineData("{ client-certificate-data: '%', client-key-data: '%' }", "client-certificate-data must be base64")]
    [InlineData("{ exec: { apiVersion: client.authentication.k8s.io/v1alpha1, command: c } }", "apiVersion must be client.authentication.k8s.io/v1 or")]
    [InlineData("{ exec: { apiVersion: client.authentication.k8s.io/v1, command: c } }", "interactiveMode is missing")]
    [InlineData("{ exec: { apiVersion: client.authentication.k8s.io/v1 } }", "command is missing")]
    [InlineData("{ token: \"a\\nb\" }", "the token has characters that no header can carry")]
    [InlineData("{ token: [a] }", "token must be a text")]
    public void WhatIsNotSupported_IsRefused_NotIgnored(string user, string message)
    {
        var said = Fails([_folder.Write("config", Minimal(user: user))]);
        said.ShouldContain(message);
        said.ShouldContain("user \"u\"");
    }

    [Theory]
    [InlineData("{ server: 'ftp://x' }", "cluster \"c\": server is not a URL with http or https")]
    [InlineData("{ server: 'https://x', proxy-url: 'proxy:3128' }", "proxy-url is not a URL with http or https or socks5")]
    [InlineData("{}", "cluster \"c\" has no server")]
    [InlineData("{ server: 'https://x', certificate-authority: absent.pem }", "cannot read certificate-authority")]
    [InlineData("{ server: 'https://x', certificate-authority-data: bm8= }", "no certificate in it")]
    [InlineData("{ server: 'https://x', insecure-skip-tls-verify: true, certificate-authority: ca.pem }", "Remove one")]
    [InlineData("{ server: 'https://x', insecure-skip-tls-verify: maybe }", "insecure-skip-tls-verify must be true or false")]
    public void Cluster_ThatCannotBeUsed_SaysWhatAndWhere(string cluster, string message) =>
        Fails([_folder.Write("config", Minimal(cluster: cluster))]).ShouldContain(message);

    [Theory]
    [InlineData("", "No current context")]
    [InlineData("current-context: dev", "Context \"dev\" not found")]
    [InlineData("a: [", "config, line ")]
    [InlineData("- a", "is not a kubeconfig")]
    [InlineData("current-context: dev\ncontexts: [{ name: dev, context: { cluster: c } }]", "Cluster \"c\" of context \"dev\" not found")]
    [InlineData("current-context: dev\ncontexts: [{ name: dev, context: {} }]", "names no cluster")]
    public void FileThatIsIncomplete_SaysWhatIsMissing(string content, string message) =>
        Fails([_folder.Write("config", content)]).ShouldContain(message);

    [Fact]
    public void Secrets_AreInNoMessage()
    {
        var said = Fails([_folder.Write("config", Minimal(user: "{ token: s3cr3t-value, client-key-data: czNjcjN0, as-groups: [a] }"))]);
        said.ShouldNotContain("s3cr3t");
        said.ShouldNotContain("czNjcjN0");
    }

    internal static string Minimal(string cluster = "{ server: 'https://api.example.com' }", string user = "{}") => $"""
        current-context: dev
        clusters: [{"{"} name: c, cluster: {cluster} {"}"}]
        contexts: [{"{"} name: dev, context: {"{"} cluster: c, user: u {"}"} {"}"}]
        users: [{"{"} name: u, user: {(user.StartsWith('{') ? user : "{ " + user + " }")} {"}"}]
        """;

    private static ApiServerAccess Load(string[] paths, string? context = null) =>
        KubeconfigLoader.Of(new KubeconfigFiles(paths, mayBeMissing: true), context, TimeProvider.System);

    private static string Fails(string[] paths, string? context = null) => Should.Throw<KubeconfigException>(() => Load(paths, context)).Message;

    private static async Task<string?> HeaderAsync(ApiServerAccess access) =>
        (await access.Login.HeaderAsync(TestContext.Current.CancellationToken))?.ToString();
}
