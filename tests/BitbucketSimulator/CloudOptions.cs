using BitbucketOperator.BitbucketSimulator.Cloud;

namespace BitbucketOperator.BitbucketSimulator;

/// <summary>How a simulator of Cloud starts. Everything about its behaviour can be changed later.</summary>
public sealed record CloudOptions : CommonOptions
{
    /// <summary>State to go on with, for a server that comes back; the seed is then applied on top.</summary>
    public CloudWorld? World { get; init; }
}
