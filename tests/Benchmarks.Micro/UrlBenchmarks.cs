using BenchmarkDotNet.Attributes;
using BitbucketOperator.Core.Planning;

namespace BitbucketOperator.Benchmarks.Micro;

/// <summary>Whether two webhooks deliver to the same URL.</summary>
public class UrlBenchmarks
{
    private readonly string _url = "https://ci.example.com/hooks/bitbucket?job=payment";
    private readonly string _equal = string.Concat("https://ci.example.com", "/hooks/bitbucket?job=payment");
    private readonly string _other = "https://ci.example.com/hooks/bitbucket?job=ledgers";

    [Benchmark(Baseline = true)]
    public bool Equal() => ScopePlanner.SameUrl(_url, _equal);

    [Benchmark]
    public bool Different() => ScopePlanner.SameUrl(_url, _other);
}
