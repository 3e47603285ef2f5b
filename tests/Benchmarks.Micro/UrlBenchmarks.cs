using BenchmarkDotNet.Attributes;
using BitbucketOperator.Core.Ownership;

namespace BitbucketOperator.Benchmarks.Micro;

/// <summary>Whether two webhooks deliver to the same URL.</summary>
public class UrlBenchmarks
{
    private readonly string _url = "https://ci.example.com/hooks/bitbucket?job=payment";
    private readonly string _equal = string.Concat("https://ci.example.com", "/hooks/bitbucket?job=payment");
    private readonly string _other = "https://ci.example.com/hooks/bitbucket?job=ledgers";

    [Benchmark(Baseline = true)]
    public bool Equal() => WebhookUrl.AreSame(_url, _equal);

    [Benchmark]
    public bool Different() => WebhookUrl.AreSame(_url, _other);
}
