using BitbucketOperator.BitbucketSimulator.Control;
using BitbucketOperator.BitbucketSimulator.DataCenter;
using BitbucketOperator.BitbucketSimulator.Deliveries;
using BitbucketOperator.BitbucketSimulator.Faults;
using BitbucketOperator.BitbucketSimulator.Serving;
using BitbucketOperator.BitbucketSimulator.State;

namespace BitbucketOperator.BitbucketSimulator;

/// <summary>A running Bitbucket Data Center that is not one, and the handle to its inside.</summary>
public sealed class Simulator : IAsyncDisposable
{
    private readonly Backend _backend;
    private readonly Stage _stage;

    private Simulator(Backend backend, Stage stage) => (_backend, _stage) = (backend, stage);

    /// <summary>Address of the Bitbucket side, context path included, no slash at its end but for an empty path.</summary>
    public Uri BaseUrl => new(_backend.Origin + _backend.ContextPath);

    /// <summary>Address of the control side, always plain http.</summary>
    public Uri ControlUrl => _stage.ControlUrl;

    /// <summary>Certificate of the authority that signed the server's; empty without TLS.</summary>
    public string CaPem => _stage.CaPem;

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

        var backend = new Backend(world, options);
        var stage = await Stage.StartAsync(backend, app => DataCenterApplication.Map(app, backend), app => ControlApplication.Map(app, backend), cancel);
        return new Simulator(backend, stage);
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
    public HttpClient CreateClient(string? bearer = null, (string Name, string Password)? basic = null) => _stage.CreateClient(BaseUrl, bearer, basic);

    public async ValueTask DisposeAsync()
    {
        await _stage.DisposeAsync();
        _backend.Deliveries.Dispose();
    }
}
