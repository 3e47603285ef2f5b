using System.ComponentModel;
using System.Diagnostics;
using System.Net.Http.Headers;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace BitbucketOperator.Runtime.Kubeconfig;

/// <summary>A login that a program gives, such as those of cloud providers: a token, a client certificate, or both.</summary>
/// <param name="command">The program.</param>
/// <param name="clock">Tells whether what it gave has expired.</param>
internal sealed class ExecLogin(ExecCommand command, TimeProvider clock) : IApiLogin, IDisposable
{
    private readonly SemaphoreSlim _running = new(1, 1);
    private volatile ExecCredential? _current;
    private volatile bool _isRefused;

    public bool MayHaveCertificate => true;

    // One that was refused stays until there is another: a handshake without any would make a connection of nobody's.
    public X509Certificate2? Certificate => _current?.Certificate;

    public async ValueTask<AuthenticationHeaderValue?> HeaderAsync(CancellationToken cancellationToken)
    {
        if (IsGood(_current))
        {
            return _current!.Header;
        }

        await _running.WaitAsync(cancellationToken);
        try
        {
            if (!IsGood(_current))
            {
                _current = await command.RunAsync(cancellationToken);
                _isRefused = false;
            }

            return _current!.Header;
        }
        finally
        {
            _running.Release();
        }
    }

    public void Refused() => _isRefused = true;

    public void Dispose() => _running.Dispose();

    private bool IsGood(ExecCredential? credential) =>
        credential is not null && !_isRefused && (credential.ExpiresAt is not { } end || clock.GetUtcNow() < end);
}

/// <summary>What the program gave.</summary>
internal sealed record ExecCredential(AuthenticationHeaderValue? Header, X509Certificate2? Certificate, DateTimeOffset? ExpiresAt);

/// <summary>A program that gives credentials, as the type ExecCredential of client.authentication.k8s.io describes it.</summary>
internal sealed record ExecCommand
{
    private const string Group = "client.authentication.k8s.io";
    private const string ExecInfo = "KUBERNETES_EXEC_INFO";

    public required string Place { get; init; }

    public required string Command { get; init; }

    public required IReadOnlyList<string> Arguments { get; init; }

    public required IReadOnlyList<KeyValuePair<string, string>> Environment { get; init; }

    public required string ApiVersion { get; init; }

    public string? InstallHint { get; init; }

    public bool IsInteractive { get; init; }

    public JsonObject? Cluster { get; init; }

    /// <summary>Reads it.</summary>
    /// <param name="exec">The field exec of a user.</param>
    /// <param name="cluster">The cluster that it is for.</param>
    public static ExecCommand Of(KubeconfigNode exec, KubeconfigNode cluster)
    {
        var version = exec.Text("apiVersion");
        if (version is not ($"{Group}/v1" or $"{Group}/v1beta1"))
        {
            throw new KubeconfigException($"{exec.Place}: apiVersion must be {Group}/v1 or {Group}/v1beta1");
        }

        var command = exec.Text("command") ?? throw new KubeconfigException($"{exec.Place}: command is missing");
        return new ExecCommand
        {
            Place = exec.Place,

            // A path is relative to the kubeconfig file.
            Command = command.Contains('/', StringComparison.Ordinal) ? exec.FullPath(command) : command,
            Arguments = exec.Texts("args"),
            Environment = [.. exec.Maps("env").Select(e => KeyValuePair.Create(e.Text("name") ?? "", e.Text("value") ?? ""))],
            ApiVersion = version,
            InstallHint = exec.Text("installHint"),
            IsInteractive = IsInteractiveIn(exec, version),
            Cluster = exec.Flag("provideClusterInfo") ? ClusterInfo(cluster) : null,
        };
    }

    /// <summary>Runs it.</summary>
    /// <exception cref="KubeconfigException">It gave no credential.</exception>
    public async Task<ExecCredential> RunAsync(CancellationToken cancellationToken)
    {
        // Its prompts and errors go to the terminal or log of this process.
        var start = new ProcessStartInfo(InPath(Command), Arguments)
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardInput = !IsInteractive,
        };
        foreach (var (name, value) in Environment)
        {
            start.Environment[name] = value;
        }

        start.Environment[ExecInfo] = Info().ToJsonString();
        using var process = new Process { StartInfo = start };
        try
        {
            process.Start();
        }
        catch (Exception e) when (e is Win32Exception or InvalidOperationException)
        {
            throw NotRun(e.Message, e);
        }

        if (!IsInteractive)
        {
            process.StandardInput.Close();
        }

        try
        {
            var output = await process.StandardOutput.ReadToEndAsync(cancellationToken);
            await process.WaitForExitAsync(cancellationToken);
            return process.ExitCode == 0
                ? Read(output)
                : throw new KubeconfigException($"{Place}: {Command} exited with code {process.ExitCode}");
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }
    }

    // A name alone is a program in PATH, and never one in the folder that somebody happens to be in.
    private string InPath(string command)
    {
        if (command.Contains('/', StringComparison.Ordinal))
        {
            return command;
        }

        var folders = (System.Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator);
        string[] names = OperatingSystem.IsWindows() ? [command, $"{command}.exe", $"{command}.cmd", $"{command}.bat"] : [command];
        return folders.Where(Path.IsPathFullyQualified).SelectMany(f => names.Select(n => Path.Combine(f, n))).FirstOrDefault(File.Exists)
            ?? throw NotRun("not found in PATH", inner: null);
    }

    private KubeconfigException NotRun(string why, Exception? inner)
    {
        var message = $"{Place}: cannot run {Command}: {why}.{(InstallHint is null ? "" : $" {InstallHint.Trim()}")}";
        return inner is null ? new KubeconfigException(message) : new KubeconfigException(message, inner);
    }

    private JsonObject Info()
    {
        var spec = new JsonObject { ["interactive"] = IsInteractive };
        if (Cluster is not null)
        {
            spec["cluster"] = Cluster.DeepClone();
        }

        return new JsonObject { ["apiVersion"] = ApiVersion, ["kind"] = "ExecCredential", ["spec"] = spec };
    }

    private ExecCredential Read(string output)
    {
        JsonObject? credential;
        try
        {
            credential = JsonNode.Parse(output) as JsonObject;
        }
        catch (JsonException e)
        {
            throw new KubeconfigException($"{Place}: {Command} printed no JSON", e);
        }

        if (Text(credential, "kind") != "ExecCredential" || Text(credential, "apiVersion") != ApiVersion)
        {
            throw new KubeconfigException($"{Place}: {Command} printed no ExecCredential of {ApiVersion}");
        }

        var status = credential!["status"] as JsonObject;
        var (token, certificate, key) = (Text(status, "token"), Text(status, "clientCertificateData"), Text(status, "clientKeyData"));
        if (token is null && (certificate is null || key is null))
        {
            throw new KubeconfigException($"{Place}: {Command} gave neither a token nor a client certificate with its key");
        }

        return new ExecCredential(
            token is null ? null : BearerToken.Header(token, Place),
            certificate is null || key is null ? null : ClientCertificate.Of(certificate, key, Place),
            Text(status, "expirationTimestamp") is { } end && DateTimeOffset.TryParse(
                end, System.Globalization.CultureInfo.InvariantCulture, System.Globalization.DateTimeStyles.AssumeUniversal, out var at) ? at : null);
    }

    private static string? Text(JsonObject? node, string field) =>
        node?[field] is JsonValue value && value.TryGetValue(out string? text) && text.Length > 0 ? text : null;

    private static bool IsInteractiveIn(KubeconfigNode exec, string version) => exec.Text("interactiveMode") switch
    {
        "Never" => false,
        "IfAvailable" => !Console.IsInputRedirected,
        null when version == $"{Group}/v1beta1" => !Console.IsInputRedirected,
        "Always" => !Console.IsInputRedirected ? true : throw new KubeconfigException($"{exec.Place}: it needs a terminal to ask for a login"),
        null => throw new KubeconfigException($"{exec.Place}: interactiveMode is missing"),
        _ => throw new KubeconfigException($"{exec.Place}: interactiveMode must be Never, IfAvailable or Always"),
    };

    private static JsonObject ClusterInfo(KubeconfigNode cluster)
    {
        var info = new JsonObject { ["server"] = cluster.Text("server") };
        foreach (var field in (string[])["tls-server-name", "proxy-url"])
        {
            if (cluster.Text(field) is { } text)
            {
                info[field] = text;
            }
        }

        if (cluster.Flag("insecure-skip-tls-verify"))
        {
            info["insecure-skip-tls-verify"] = true;
        }

        if (cluster.Content("certificate-authority-data", "certificate-authority") is { } authorities)
        {
            info["certificate-authority-data"] = Convert.ToBase64String(authorities);
        }

        if (cluster.Maps("extensions").FirstOrDefault(e => e.Text("name") == $"{Group}/exec")?.Json("extension") is { } config)
        {
            info["config"] = config;
        }

        return info;
    }
}
