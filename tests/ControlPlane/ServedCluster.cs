using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text.Json;

namespace BitbucketOperator.ControlPlane;

/// <summary>An API server and etcd run by us: the development API server, or Kubernetes' own binaries.</summary>
internal sealed class ServedCluster : Cluster
{
    private const int Attempts = 3;

    private readonly ClusterOptions _options;
    private readonly ServerPrograms _programs;
    private readonly ServerProcess _apiServer;
    private readonly ServerProcess _etcd;
    private readonly bool _outlive;
    private readonly bool _hasData;
    private ReservedPort[] _reserved = [];
    private ServedPorts _ports;

    private ServedCluster(ClusterKind kind, string directory, Tools tools, ClusterOptions options, ServerPrograms programs, bool outlive)
        : base(directory, tools)
    {
        Kind = kind;
        _options = options;
        _programs = programs;
        _outlive = outlive;
        (_apiServer, _etcd) = ProcessesIn(directory);
        _hasData = File.Exists(PortsFile);
        _ports = _hasData ? JsonSerializer.Deserialize<ServedPorts>(File.ReadAllText(PortsFile))! : Reserve();
    }

    public override ClusterKind Kind { get; }

    public override bool HasStorage => true;

    private string PortsFile => Path.Combine(Directory, "ports.json");

    /// <summary>Starts a cluster that ends with this process.</summary>
    public static Task<ServedCluster> StartAsync(
        ClusterKind kind, string directory, Tools tools, ClusterOptions options, CancellationToken cancellationToken) =>
        StartAsync(kind, directory, tools, options, outlive: false, cancellationToken);

    /// <summary>Starts a cluster, or what is not running of the one that the folder holds.</summary>
    public static async Task<ServedCluster> StartAsync(
        ClusterKind kind, string directory, Tools tools, ClusterOptions options, bool outlive, CancellationToken cancellationToken)
    {
        var programs = await ServerPrograms.FindAsync(kind, options.Log, cancellationToken);
        var cluster = new ServedCluster(kind, directory, tools, options, programs, outlive);
        try
        {
            await cluster.StartAsync(cancellationToken);
            return cluster;
        }
        catch
        {
            await StopAllAsync(directory);
            throw;
        }
    }

    /// <summary>Stops the servers of a cluster in this folder, whoever started them: the API server before etcd, which it would wait for.</summary>
    public static async Task StopAllAsync(string directory)
    {
        var (apiServer, etcd) = ProcessesIn(directory);
        await apiServer.StopAsync(abruptly: false, CancellationToken.None);
        await etcd.StopAsync(abruptly: false, CancellationToken.None);
    }

    /// <summary>Whether both servers of a cluster in this folder run.</summary>
    public static bool IsRunning(string directory)
    {
        var (apiServer, etcd) = ProcessesIn(directory);
        return apiServer.IsRunning && etcd.IsRunning;
    }

    private protected override Task StopServerAsync(bool abruptly, CancellationToken cancellationToken) =>
        _apiServer.StopAsync(abruptly, cancellationToken);

    private protected override async Task StartServerAsync(CancellationToken cancellationToken)
    {
        await StartAsync(_apiServer, _programs.ApiServerCommand(Directory, _ports), cancellationToken);
        await ReadyAsync(cancellationToken);
    }

    private protected override Task StopStorageAsync(CancellationToken cancellationToken) => _etcd.StopAsync(abruptly: true, cancellationToken);

    private protected override async Task StartStorageAgainAsync(CancellationToken cancellationToken)
    {
        await StartAsync(_etcd, _programs.EtcdCommand(Directory, _ports), cancellationToken);
        await WaitAsync("etcd to listen", EtcdListensAsync, cancellationToken);
        await StartServerAsync(cancellationToken);
    }

    private protected override async Task ReleaseAsync()
    {
        await _apiServer.StopAsync(abruptly: false, CancellationToken.None);
        await _etcd.StopAsync(abruptly: false, CancellationToken.None);
        Array.ForEach(_reserved, port => port.Dispose());
    }

    private static (ServerProcess ApiServer, ServerProcess Etcd) ProcessesIn(string directory) =>
        (new("apiserver", directory), new("etcd", directory));

    private async Task StartAsync(CancellationToken cancellationToken)
    {
        AdminToken = await EnsureAdminTokenAsync(cancellationToken);
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await StartBothAsync(cancellationToken);
                return;
            }
            catch (ClusterException e) when (attempt < Attempts && !_hasData && e.Message.Contains("address already in use", StringComparison.Ordinal))
            {
                _options.Log("cluster: another program took a port meanwhile, trying others");
                await StopAllAsync(Directory);
                if (System.IO.Directory.Exists(Path.Combine(Directory, "etcd")))
                    System.IO.Directory.Delete(Path.Combine(Directory, "etcd"), recursive: true);
                _ports = Reserve();
            }
        }
    }

    /// <summary>Three ports that are this cluster's until it is released, restarts included.</summary>
    private ServedPorts Reserve()
    {
        Array.ForEach(_reserved, port => port.Dispose());
        _reserved = [FreePorts.Reserve(), FreePorts.Reserve(), FreePorts.Reserve()];
        return new(_reserved[0].Address.Port, _reserved[1].Address.Port, _reserved[2].Address.Port);
    }

    private async Task StartAsync(ServerProcess server, IReadOnlyList<string> command, CancellationToken cancellationToken)
    {
        if (server.IsRunning)
            return;
        await server.GoneAsync(cancellationToken);
        server.Start(command, _outlive);
    }

    private async Task StartBothAsync(CancellationToken cancellationToken)
    {
        await Kubeconfig.WritePrivateAsync(PortsFile, JsonSerializer.Serialize(_ports), cancellationToken);
        Server = new Uri($"https://127.0.0.1:{_ports.ApiServer}");
        await StartAsync(_etcd, _programs.EtcdCommand(Directory, _ports), cancellationToken);
        await WaitAsync("etcd to listen", EtcdListensAsync, cancellationToken);
        await StartServerAsync(cancellationToken);
        await Kubeconfig.WriteAsync(KubeconfigPath, Server, CaPem, "admin", AdminToken, "default", cancellationToken);
    }

    private async Task<string> EnsureAdminTokenAsync(CancellationToken cancellationToken)
    {
        var path = Path.Combine(Directory, "tokens.csv");
        if (File.Exists(path))
            return (await File.ReadAllTextAsync(path, cancellationToken)).Split(',')[0];
        var token = RandomNumberGenerator.GetHexString(32, lowercase: true);
        await Kubeconfig.WritePrivateAsync(path, $"{token},admin,admin,\"system:masters\"\n", cancellationToken);
        return token;
    }

    private async Task<bool> EtcdListensAsync(CancellationToken cancellationToken)
    {
        using var client = new TcpClient();
        await client.ConnectAsync("127.0.0.1", _ports.Etcd, cancellationToken);
        return true;
    }

    /// <summary>The certificate appears in the folder at the server's first start and stays.</summary>
    private async Task ReadyAsync(CancellationToken cancellationToken)
    {
        var certificate = Path.Combine(Directory, "apiserver.crt");
        await WaitAsync(
            "the API server's certificate", _ => Task.FromResult(File.Exists(certificate) && new FileInfo(certificate).Length > 0), cancellationToken);
        CaPem = await File.ReadAllBytesAsync(certificate, cancellationToken);
        using var client = CreateClient();
        client.Timeout = TimeSpan.FromSeconds(30);
        await WaitAsync("the API server to be ready", async token =>
        {
            using var response = await client.GetAsync(new Uri("/readyz", UriKind.Relative), token);
            return response.IsSuccessStatusCode;
        }, cancellationToken);
    }

    private async Task WaitAsync(string what, Func<CancellationToken, Task<bool>> reached, CancellationToken cancellationToken)
    {
        var came = await Eventually.IsTrueWithinAsync(_options.StartTimeout, async () =>
        {
            if (await TryAsync(reached, cancellationToken))
                return true;
            if (_etcd.HasEnded || _apiServer.HasEnded && !_apiServer.IsRunning)
                throw new ClusterException($"A server ended while waiting for {what}.\n{_etcd.Tail()}\n{_apiServer.Tail()}");
            return false;
        }, cancellationToken);
        if (!came)
            throw new ClusterException($"Waited {_options.StartTimeout.TotalSeconds:0} s in vain for {what}.\n{_etcd.Tail()}\n{_apiServer.Tail()}");
    }

    private static async Task<bool> TryAsync(Func<CancellationToken, Task<bool>> reached, CancellationToken cancellationToken)
    {
        try
        {
            return await reached(cancellationToken);
        }
        catch (Exception e) when (
            e is HttpRequestException or SocketException or IOException or TaskCanceledException && !cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }
}
