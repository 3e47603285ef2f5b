using System.Net.Http.Headers;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using BitbucketOperator.BitbucketSimulator.Control;
using BitbucketOperator.BitbucketSimulator.DataCenter;
using BitbucketOperator.BitbucketSimulator.Deliveries;
using BitbucketOperator.BitbucketSimulator.Faults;
using BitbucketOperator.BitbucketSimulator.State;

namespace BitbucketOperator.BitbucketSimulator;

/// <summary>A running Bitbucket that is not one, and the handle to its inside.</summary>
public sealed class Simulator : IAsyncDisposable
{
    private readonly Backend _backend;
    private readonly WebApplication _bitbucket;
    private readonly WebApplication _control;
    private readonly Authority? _authority;
    private readonly bool _ownsAuthority;
    private readonly X509Certificate2? _certificate;

    private Simulator(Backend backend, Authority? authority)
    {
        _backend = backend;
        _authority = authority;
        _ownsAuthority = authority is not null && backend.Options.Authority is null;
        _certificate = authority?.Issue(backend.Options.SubjectNames);
        _bitbucket = Host.Create(backend.Options.Bind, backend.Options.Port, _certificate);
        DataCenterApplication.Map(_bitbucket, backend);
        _control = Host.Create(backend.Options.Bind, backend.Options.ControlPort, certificate: null);
        ControlApplication.Map(_control, backend);
    }

    /// <summary>Address of the Bitbucket side, context path included, no slash at its end but for an empty path.</summary>
    public Uri BaseUrl => new(_backend.Origin + _backend.ContextPath);

    /// <summary>Address of the control side, always plain http.</summary>
    public Uri ControlUrl { get; private set; } = new("http://127.0.0.1/");

    /// <summary>Certificate of the authority that signed the server's; empty without TLS.</summary>
    public string CaPem => _authority?.Pem ?? "";

    /// <summary>What was asked, and totals.</summary>
    public RequestLog Requests => _backend.Requests;

    public Counters Counters => _backend.Requests.Counters;

    public FaultEngine Faults => _backend.Faults;

    /// <summary>The state itself, to hand to another simulator that goes on with it. Do not touch it while this one runs.</summary>
    public World World => _backend.World;

    /// <summary>Starts both sides and returns when they listen.</summary>
    public static async Task<Simulator> StartAsync(SimulatorOptions? options = null, CancellationToken cancel = default)
    {
        options ??= new SimulatorOptions();
        var world = options.World ?? new World(options.TimeProvider);
        if (options.SeedFile is not null) SeedApplier.Apply(world, SeedReader.ReadFile(options.SeedFile));
        if (options.Seed is not null) SeedApplier.Apply(world, options.Seed);
        if (options.Generate is not null) SeedApplier.Generate(world, options.Generate);
        if (options.Version is not null) world.Version = ServerVersion.Parse(options.Version);

        var authority = options.Authority ?? (options.Tls ? new Authority() : null);
        var simulator = new Simulator(new Backend(world, options), options.Tls ? authority : null);
        try
        {
            await simulator.ListenAsync(cancel);
            return simulator;
        }
        catch
        {
            await simulator.DisposeAsync();
            throw;
        }
    }

    /// <summary>Reads state while no request runs.</summary>
    public T Read<T>(Func<World, T> read)
    {
        lock (_backend.World.Gate) return read(_backend.World);
    }

    /// <summary>Changes state while no request runs.</summary>
    public void Change(Action<World> change)
    {
        lock (_backend.World.Gate) change(_backend.World);
    }

    /// <summary>Adds a seed to the state.</summary>
    public void Apply(Seed seed) => Change(world => SeedApplier.Apply(world, seed));

    /// <summary>Pushes to <c>KEY/slug</c> and waits for the deliveries.</summary>
    public Task<IReadOnlyList<Delivery>> PushAsync(string path, string branch = "main", string? user = null, CancellationToken cancel = default) =>
        _backend.Deliveries.PushAsync(path, branch, user, cancel);

    /// <summary>A client that trusts this server, follows no redirects, and sends the given login with every request.</summary>
    public HttpClient CreateClient(string? bearer = null, (string Name, string Password)? basic = null)
    {
        var handler = new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false };
        if (_authority is not null) Trust(handler, CaPem);
        var root = BaseUrl.AbsoluteUri;
        var client = new HttpClient(handler) { BaseAddress = new Uri(root.EndsWith('/') ? root : root + "/") };
        if (bearer is not null) client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", bearer);
        if (basic is { } pair)
        {
            var text = Convert.ToBase64String(Encoding.UTF8.GetBytes($"{pair.Name}:{pair.Password}"));
            client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Basic", text);
        }

        return client;
    }

    public async ValueTask DisposeAsync()
    {
        // Requests that a fault keeps hanging must not hold up the end.
        using var now = new CancellationTokenSource(TimeSpan.FromMilliseconds(50), TimeProvider.System);
        await Task.WhenAll(_bitbucket.StopAsync(now.Token), _control.StopAsync(now.Token));
        await _bitbucket.DisposeAsync();
        await _control.DisposeAsync();
        _backend.Deliveries.Dispose();
        _certificate?.Dispose();
        if (_ownsAuthority) _authority?.Dispose();
    }

    private async Task ListenAsync(CancellationToken cancel)
    {
        await _bitbucket.StartAsync(cancel);
        await _control.StartAsync(cancel);
        _backend.Origin = Host.Address(_bitbucket);
        ControlUrl = new Uri(Host.Address(_control) + "/");
    }

    private static void Trust(SocketsHttpHandler handler, string pem)
    {
        handler.SslOptions.CertificateChainPolicy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
        };
        handler.SslOptions.CertificateChainPolicy.CustomTrustStore.ImportFromPem(pem);
    }
}
