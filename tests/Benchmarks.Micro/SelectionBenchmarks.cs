using BenchmarkDotNet.Attributes;
using BitbucketOperator.Core.Discovery;
using BitbucketOperator.Core.Model;
using BitbucketOperator.Core.Port;

namespace BitbucketOperator.Benchmarks.Micro;

/// <summary>Applying spec.discovery to a listing.</summary>
public class SelectionBenchmarks
{
    private static readonly DiscoveryRules NoRules = new();
    private static readonly DiscoveryRules Rules = new() { Include = ["TEAM*/*"], Exclude = ["*/sandbox-*", "TEAM07/*"] };
    private Repository[] _repositories = [];

    [Params(10, 100, 1_000, 10_000, 100_000)]
    public int Repositories { get; set; }

    [GlobalSetup]
    public void Prepare() => _repositories = Given.Repositories(Repositories);

    [Benchmark(Baseline = true)]
    public object WithoutRules() => RepositorySelection.Of(NoRules, _repositories);

    [Benchmark]
    public object WithThreePatterns() => RepositorySelection.Of(Rules, _repositories);
}
