using System.Text.Json.Nodes;
using BitbucketOperator.Runtime.Kubeconfig;
using Microsoft.Extensions.Time.Testing;

namespace BitbucketOperator.Runtime.Tests.Kubeconfig;

/// <summary>Credentials that a program gives.</summary>
public sealed class ExecLoginTests : IDisposable
{
    private const string Version = "client.authentication.k8s.io/v1";
    private readonly KubeconfigFolder _folder = new();
    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Program_IsRunFromTheKubeconfigsFolder_WithItsArgumentsAndEnvironment()
    {
        _folder.WriteProgram("bin/login", """
            echo "$KUBERNETES_EXEC_INFO" > "$OUT"
            printf '{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"token":"%s-%s"}}' "$1" "$WHO"
            """);
        var access = Load(
            $"args: [for], env: [{{ name: WHO, value: me }}, {{ name: OUT, value: {_folder.Path}/info }}], provideClusterInfo: true",
            cluster: "{ server: 'https://api.example.com', extensions: [{ name: client.authentication.k8s.io/exec, extension: { audience: a, n: 3 } }] }");
        (await HeaderAsync(access)).ShouldBe("Bearer for-me");
        var info = JsonNode.Parse(await File.ReadAllTextAsync($"{_folder.Path}/info", TestContext.Current.CancellationToken))!;
        info["spec"]!.ToJsonString().ShouldBe(
            """{"interactive":false,"cluster":{"server":"https://api.example.com","config":{"audience":"a","n":3}}}""");
    }

    [Fact]
    public async Task Credential_IsKeptUntilItExpiresOrIsRefused()
    {
        _folder.WriteProgram("bin/login", """
            echo x >> "$OUT"
            echo '{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential",'
            echo "\"status\":{\"token\":\"t$(wc -l < "$OUT")\",\"expirationTimestamp\":\"2026-01-01T01:00:00Z\"}}"
            """);
        var access = Load($"env: [{{ name: OUT, value: {_folder.Path}/runs }}]");
        (await HeaderAsync(access)).ShouldBe("Bearer t1");
        _clock.Advance(TimeSpan.FromMinutes(59));
        (await HeaderAsync(access)).ShouldBe("Bearer t1");
        access.Login.Refused();
        (await HeaderAsync(access)).ShouldBe("Bearer t2");
        _clock.Advance(TimeSpan.FromMinutes(1));
        (await HeaderAsync(access)).ShouldBe("Bearer t3");
    }

    [Theory]
    [InlineData("exit 3", "bin/login exited with code 3")]
    [InlineData("echo no", "printed no JSON")]
    [InlineData("echo '{}'", "printed no ExecCredential of client.authentication.k8s.io/v1")]
    [InlineData("""echo '{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential"}'""", "neither a token nor a client certificate")]
    [InlineData(null, "cannot run")]
    public async Task ProgramThatGivesNone_SaysWhy(string? script, string message)
    {
        if (script is not null)
        {
            _folder.WriteProgram("bin/login", script);
        }

        var access = Load("installHint: Install the login program.");
        var error = await Should.ThrowAsync<KubeconfigException>(() => HeaderAsync(access));
        error.Message.ShouldContain(message);
        error.Message.ShouldStartWith("user \"u\": exec: ");
        error.Message.EndsWith("Install the login program.", StringComparison.Ordinal).ShouldBe(script is null);
    }

    // A folder that somebody happens to be in must not decide what is run.
    [Fact]
    public async Task NameAlone_IsAProgramInPath_AndNeverInTheWorkingDirectory()
    {
        var name = $"login-{Guid.NewGuid():N}";
        var here = Path.Combine(Environment.CurrentDirectory, name);
        await File.WriteAllTextAsync(here, "#!/bin/sh\necho", TestContext.Current.CancellationToken);
        File.SetUnixFileMode(here, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        try
        {
            var error = await Should.ThrowAsync<KubeconfigException>(() => HeaderAsync(Load("", command: name)));
            error.Message.ShouldBe($"user \"u\": exec: cannot run {name}: not found in PATH.");
        }
        finally
        {
            File.Delete(here);
        }
    }

    [Fact]
    public async Task TokenThatNoHeaderCarries_IsRefused()
    {
        _folder.WriteProgram(
            "bin/login", """printf '{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"token":"a\\nb"}}'""");
        (await Should.ThrowAsync<KubeconfigException>(() => HeaderAsync(Load("")))).Message.ShouldContain("no header can carry");
    }

    private ApiServerAccess Load(string fields, string cluster = "{ server: 'https://api.example.com' }", string command = "./bin/login")
    {
        var user = $"{{ exec: {{ apiVersion: {Version}, command: {command}, interactiveMode: Never, {fields} }} }}";
        var path = _folder.Write("config", KubeconfigLoaderTests.Minimal(cluster, user));
        return KubeconfigLoader.Of(new KubeconfigFiles([path], mayBeMissing: false), contextName: null, _clock);
    }

    private static async Task<string?> HeaderAsync(ApiServerAccess access) =>
        (await access.Login.HeaderAsync(TestContext.Current.CancellationToken))?.ToString();
}
