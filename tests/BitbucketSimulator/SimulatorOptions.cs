using BitbucketOperator.BitbucketSimulator.State;

namespace BitbucketOperator.BitbucketSimulator;

/// <summary>How a simulator of Data Center starts. Everything about its behaviour can be changed later.</summary>
public sealed record SimulatorOptions : CommonOptions
{
    /// <summary>Path that everything is served below, for example <c>/bitbucket</c>.</summary>
    public string ContextPath { get; init; } = "";

    /// <summary>Version to play; null takes the seed's, or 9.4.2.</summary>
    public string? Version { get; init; }

    /// <summary>Initial state, applied first.</summary>
    public Seed? Seed { get; init; }

    /// <summary>Projects and repositories to make up, after the seed.</summary>
    public Generation? Generate { get; init; }

    /// <summary>State to go on with, for a server that comes back; the seed is then applied on top.</summary>
    public World? World { get; init; }
}
