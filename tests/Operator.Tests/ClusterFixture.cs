using BitbucketOperator.Testing.Cluster;

[assembly: AssemblyFixture(typeof(BitbucketOperator.Operator.Tests.ClusterFixture))]
[assembly: Xunit.v3.Parallelization(Mode = Xunit.Sdk.ParallelMode.All, MaxThreads = 3)]

namespace BitbucketOperator.Operator.Tests;

/// <summary>One API server for all tests of this program.</summary>
public sealed class ClusterFixture : OperatorCluster, IAsyncLifetime;
