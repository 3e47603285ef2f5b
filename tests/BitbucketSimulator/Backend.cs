using BitbucketOperator.BitbucketSimulator.Deliveries;
using BitbucketOperator.BitbucketSimulator.Faults;
using BitbucketOperator.BitbucketSimulator.State;

namespace BitbucketOperator.BitbucketSimulator;

/// <summary>What every part of one running simulator shares.</summary>
internal sealed class Backend(World world, SimulatorOptions options)
{
    public World World => world;

    public TimeProvider Clock => options.TimeProvider;

    public SimulatorOptions Options => options;

    public RequestLog Requests { get; } = new(options.RequestLogCapacity);

    public FaultEngine Faults { get; } = new(options.RandomSeed);

    public DeliveryService Deliveries => field ??= new DeliveryService(this);

    /// <summary>Empty or /something, never with a slash at the end.</summary>
    public string ContextPath { get; } = NormalPath(options.ContextPath);

    /// <summary>Scheme, host and port; known once the listener is up.</summary>
    public string Origin { get; set; } = "";

    public string LinksBase => (world.Quirks.LinksBase ?? Origin + ContextPath).TrimEnd('/');

    private static string NormalPath(string path)
    {
        var trimmed = path.Trim('/');
        return trimmed.Length == 0 ? "" : "/" + trimmed;
    }
}
