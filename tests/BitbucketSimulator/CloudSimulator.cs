using BitbucketOperator.BitbucketSimulator.Cloud;
using BitbucketOperator.BitbucketSimulator.Cloud.Api;
using BitbucketOperator.BitbucketSimulator.Cloud.Control;
using BitbucketOperator.BitbucketSimulator.Deliveries;
using BitbucketOperator.BitbucketSimulator.Faults;
using BitbucketOperator.BitbucketSimulator.Serving;
using BitbucketOperator.BitbucketSimulator.State;

namespace BitbucketOperator.BitbucketSimulator;

/// <summary>A running Bitbucket Cloud that is not one, and the handle to its inside.</summary>
public sealed class CloudSimulator : IAsyncDisposable
{
    private readonly CloudBackend _backend;
    private readonly Stage _stage;

    private CloudSimulator(CloudBackend backend, Stage stage) => (_backend, _stage) = (backend, stage);

    /// <summary>What <c>https://api.bitbucket.org/2.0</c> is to the real one; no slash at its end.</summary>
    public Uri ApiUrl => new(_backend.Origin + "/2.0");

    /// <summary>The OAuth token endpoint, which the real one has on another host.</summary>
    public Uri TokenUrl => new(_backend.Origin + TokenEndpoint.Path);

    /// <summary>Address of the control side, always plain http.</summary>
    public Uri ControlUrl => _stage.ControlUrl;

    /// <summary>Certificate of the authority that signed the server's; empty without TLS.</summary>
    public string CaPem => _stage.CaPem;

    /// <summary>What was asked, and totals.</summary>
    public RequestLog Requests => _backend.Requests;

    public Counters Counters => _backend.Requests.Counters;

    public FaultEngine Faults => _backend.Faults;

    /// <summary>The state itself, to hand to another simulator that goes on with it. Do not touch it while this one runs.</summary>
    public CloudWorld World => _backend.World;

    /// <summary>Starts both sides and returns when they listen.</summary>
    public static async Task<CloudSimulator> StartAsync(CloudOptions? options = null, CancellationToken cancel = default)
    {
        options ??= new CloudOptions();
        var world = options.World ?? new CloudWorld(options.TimeProvider);
        if (options.SeedFile is not null) CloudSeedApplier.Apply(world, CloudSeed.ReadFile(options.SeedFile));
        if (options.Seed is not null) CloudSeedApplier.Apply(world, options.Seed);
        if (options.Generate is not null) CloudSeedApplier.Generate(world, options.Generate);

        var backend = new CloudBackend(world, options);
        var stage = await Stage.StartAsync(backend, app => CloudApplication.Map(app, backend), app => CloudControl.Map(app, backend), cancel);
        return new CloudSimulator(backend, stage);
    }

    /// <summary>Reads state while no request runs.</summary>
    public T Read<T>(Func<CloudWorld, T> read) => _backend.Locked(read);

    /// <summary>Changes state while no request runs.</summary>
    public void Change(Action<CloudWorld> change)
    {
        lock (_backend.World.Gate) change(_backend.World);
    }

    /// <summary>Adds a seed to the state.</summary>
    public void Apply(CloudSeed seed) => Change(world => CloudSeedApplier.Apply(world, seed));

    /// <summary>Pushes to <c>workspace/slug</c> and waits for the deliveries.</summary>
    public Task<IReadOnlyList<Delivery>> PushAsync(string path, string branch = "main", string? user = null, CancellationToken cancel = default) =>
        _backend.Deliveries.PushAsync(path, branch, user, cancel);

    /// <summary>
    /// A client that trusts this server, follows no redirects, and sends the given login with every request. Addresses are
    /// relative to <see cref="ApiUrl"/>, as in <c>repositories/acme</c>.
    /// </summary>
    public HttpClient CreateClient(string? bearer = null, (string Name, string Password)? basic = null) => _stage.CreateClient(ApiUrl, bearer, basic);

    public async ValueTask DisposeAsync()
    {
        await _stage.DisposeAsync();
        _backend.Deliveries.Dispose();
    }
}
