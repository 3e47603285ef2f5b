using BitbucketOperator.Testing.Cluster;

[assembly: AssemblyFixture(typeof(BitbucketOperator.Operator.Tests.ClusterFixture))]
[assembly: Xunit.v3.Parallelization(Mode = Xunit.Sdk.ParallelMode.All, MaxThreads = 3)]

namespace BitbucketOperator.Operator.Tests;

/// <summary>One API server for all tests of this program, and what operators wrote to it.</summary>
public sealed class ClusterFixture : OperatorCluster, IAsyncLifetime
{
    private HttpClient _client = null!;

    /// <summary>What operators wrote to the API server.</summary>
    internal WrittenObjects Written { get; private set; } = null!;

    async ValueTask IAsyncLifetime.InitializeAsync()
    {
        await InitializeAsync();
        _client = Cluster.CreateClient();
        Written = new WrittenObjects(_client);
    }

    public override async ValueTask DisposeAsync()
    {
        await Written.DisposeAsync();
        _client.Dispose();
        await base.DisposeAsync();
        Written.ShouldHaveHeldNoSecret();
    }
}
