using BenchmarkDotNet.Attributes;
using BitbucketOperator.Core.Discovery;
using BitbucketOperator.Core.Port;

namespace BitbucketOperator.Benchmarks.Micro;

/// <summary>Patterns of spec.discovery, the last of them made to be slow.</summary>
public class GlobBenchmarks
{
    private readonly RepositoryName _name = new("PLATFORM", "payment-service-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa");
    private Glob _glob = new("");

    [Params("PLATFORM/*", "*/payment-*", "**", "*a*a*a*a*a*a*a*b")]
    public string Pattern { get; set; } = "";

    [GlobalSetup]
    public void Prepare() => _glob = new Glob(Pattern);

    [Benchmark]
    public object Compile() => new Glob(Pattern);

    [Benchmark]
    public bool Match() => _glob.Matches(_name);

    [Benchmark]
    public bool TakesWholeProject() => _glob.TakesAllOf("PLATFORM");
}
