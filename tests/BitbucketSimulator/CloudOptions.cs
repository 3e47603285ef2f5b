using BitbucketOperator.BitbucketSimulator.Cloud;
using BitbucketOperator.BitbucketSimulator.State;

namespace BitbucketOperator.BitbucketSimulator;

/// <summary>How a simulator of Cloud starts. Everything about its behaviour can be changed later.</summary>
public sealed record CloudOptions : CommonOptions
{
    /// <summary>Initial state, applied first.</summary>
    public CloudSeed? Seed { get; init; }

    /// <summary>Projects and repositories to make up, after the seed.</summary>
    public CloudGeneration? Generate { get; init; }

    /// <summary>State to go on with, for a server that comes back; the seed is then applied on top.</summary>
    public CloudWorld? World { get; init; }
}
