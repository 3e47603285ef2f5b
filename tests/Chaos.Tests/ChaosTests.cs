using BitbucketOperator.Chaos.Runs;
using BitbucketOperator.Chaos.World;
using BitbucketOperator.Testing.Cluster;

[assembly: AssemblyFixture(typeof(BitbucketOperator.Chaos.Tests.ChaosFixture))]

namespace BitbucketOperator.Chaos.Tests;

/// <summary>A control plane for all schedules.</summary>
public sealed class ChaosFixture : IAsyncLifetime
{
    internal ChaosCluster Cluster { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Cluster = await ChaosCluster.StartAsync();

    public ValueTask DisposeAsync() => Cluster.DisposeAsync();
}

/// <summary>A few schedules of <c>make chaos</c>, the same each time, on the binary of <see cref="OperatorProcess.Binary"/>.</summary>
public sealed class ChaosTests(ChaosFixture fixture)
{
    private const int AtOnce = 3;

    [Fact]
    public Task Schedules_ComeToRest() => PlayAsync(schedules: 6, outages: false);

    [Fact(DisableParallelization = true)]
    public Task OutagesOfTheControlPlane_ComeToRest()
    {
        Assert.SkipUnless(fixture.Cluster.Cluster.IsOurs, "it stops the API server, and the cluster of KUBECONFIG is not ours to stop");
        return PlayAsync(schedules: AtOnce, outages: true);
    }

    private async Task PlayAsync(int schedules, bool outages)
    {
        var said = new List<string>();
        var options = new ChaosOptions
        {
            Schedules = schedules,
            Seed = 1,
            Worlds = AtOnce,
            Outages = outages,
            Reduce = false,
            Output = SourceTree.PathOf("artifacts", "chaos"),
            Say = line =>
            {
                lock (said) said.Add(line);
            },
        };
        var failures = await new ChaosRun(fixture.Cluster, options).RunAsync(TestContext.Current.CancellationToken);
        failures.ShouldBeEmpty(string.Join('\n', said));
    }
}
