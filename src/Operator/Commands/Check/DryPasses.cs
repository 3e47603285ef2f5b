using System.Text.Json;
using BitbucketOperator.Bitbucket;
using BitbucketOperator.Controllers;
using BitbucketOperator.Core;
using BitbucketOperator.Core.Api;
using BitbucketOperator.Core.Api.V1Alpha1;
using BitbucketOperator.Core.Connection;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace BitbucketOperator.Commands.Check;

/// <summary>What a pass found that wrote nothing.</summary>
/// <param name="Pass">The pass.</param>
/// <param name="Status">The status that the resource would get.</param>
/// <param name="Generated">The Secrets that the operator would make.</param>
internal sealed record DryResult(ConnectionPass Pass, BitbucketConnectionStatus Status, IReadOnlyList<GeneratedSecret> Generated);

/// <summary>The operator's own passes, in mode Plan whatever the spec says: nothing is written, neither to Bitbucket nor to a cluster.</summary>
internal sealed class DryPasses : IAsyncDisposable
{
    private readonly RunOptions _options;
    private readonly ServiceProvider _services;

    /// <param name="options">How Bitbucket may be talked to.</param>
    /// <param name="progress">Told of each request.</param>
    public DryPasses(RunOptions options, Progress progress)
    {
        _options = options;
        var services = new ServiceCollection().AddBitbucket(options.Bitbucket);
        services.ConfigureHttpClientDefaults(client => client.AddHttpMessageHandler(() => new RequestWatch(progress)));
        _services = services.BuildServiceProvider();
    }

    /// <summary>One pass.</summary>
    /// <param name="connection">The resource; not changed.</param>
    /// <param name="owner">Whose its webhooks are.</param>
    /// <param name="rivals">The other connections that want the same webhooks.</param>
    /// <param name="references">Where its Secrets and ConfigMaps come from.</param>
    /// <param name="cancellationToken">Stops the pass.</param>
    /// <param name="narrow">Changes what is looked at, in a copy of the spec and status.</param>
    public async Task<DryResult> RunAsync(
        BitbucketConnection connection,
        WebhookOwner owner,
        IReadOnlyList<Rival> rivals,
        IReferenceSource references,
        CancellationToken cancellationToken,
        Action<BitbucketConnection>? narrow = null)
    {
        var planned = Planned(connection);
        narrow?.Invoke(planned);
        var dry = new DryReferences(references);
        var passes = new ConnectionPasses(
            new ConnectionPreparer(dry, _options.Policy),
            new ConnectionObserver(_options.Bitbucket),
            new ConnectionApplier(_options.Bitbucket, NullLogger<ConnectionApplier>.Instance),
            new DeliveryObserver(_options.Bitbucket),
            _services.GetRequiredService<IBitbucketConnector>(),
            TimeProvider.System);
        var memory = new ConnectionMemory { Rivals = rivals };
        var pass = await passes.RunAsync(planned, owner, memory, _ => throw new InvalidOperationException("A pass in mode Plan changes nothing"), cancellationToken);
        return new DryResult(pass, ConnectionSummary.Of(pass).Status, dry.Generated);
    }

    public ValueTask DisposeAsync() => _services.DisposeAsync();

    private static BitbucketConnection Planned(BitbucketConnection connection)
    {
        var spec = JsonSerializer.SerializeToUtf8Bytes(connection.Spec, ApiJsonContext.Default.BitbucketConnectionSpec);
        var copy = new BitbucketConnection
        {
            Metadata = connection.Metadata,
            Spec = JsonSerializer.Deserialize(spec, ApiJsonContext.Default.BitbucketConnectionSpec)!,
            Status = connection.Status,
        };
        copy.Metadata.Uid ??= "";
        copy.Spec.Mode = Mode.Plan;
        copy.Spec.Suspend = false;

        // A test is sent to the receiver, which is a write of a kind.
        copy.Spec.Webhooks.ForEach(w => w.TestPing = false);
        return copy;
    }
}

/// <summary>Reads what another source has; Secrets that it lacks and the operator would make are made up and go nowhere.</summary>
internal sealed class DryReferences(IReferenceSource source) : IReferenceSource
{
    private readonly List<GeneratedSecret> _generated = [];

    /// <summary>The Secrets that the operator would make.</summary>
    public IReadOnlyList<GeneratedSecret> Generated => _generated;

    public Task<ReferencedData> SecretAsync(string @namespace, string name, CancellationToken cancellationToken) =>
        source.SecretAsync(@namespace, name, cancellationToken);

    public Task<ReferencedData> ConfigMapAsync(string @namespace, string name, CancellationToken cancellationToken) =>
        source.ConfigMapAsync(@namespace, name, cancellationToken);

    public async Task<ReferencedData> FindOrMakeSecretAsync(GeneratedSecret wanted, CancellationToken cancellationToken)
    {
        var found = await source.SecretAsync(wanted.Namespace, wanted.Name, cancellationToken);
        if (found.Data is not null)
        {
            return found;
        }

        _generated.Add(wanted);
        return found with { Data = SecretMaker.Make(wanted).Data.AsReadOnly() };
    }
}
