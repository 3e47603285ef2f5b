using BenchmarkDotNet.Attributes;
using BitbucketOperator.Runtime.Queue;

namespace BitbucketOperator.Benchmarks.Micro;

/// <summary>The queue of reconciles: each key is added, taken and given back once.</summary>
public class QueueBenchmarks
{
    private const int Keys = 2000;
    private string[] _keys = [];

    [Params(1, 50, 2000)]
    public int Namespaces { get; set; }

    [GlobalSetup]
    public void Prepare() => _keys = [.. Enumerable.Range(0, Keys).Select(i => $"{i % Namespaces}/{i}")];

    [Benchmark(OperationsPerInvoke = Keys)]
    public async Task AddTakeDone()
    {
        using var queue = new WorkQueue<string>(workers: 32, key => key[..key.IndexOf('/', StringComparison.Ordinal)], TimeProvider.System);
        foreach (var key in _keys)
        {
            queue.Add(key);
        }

        for (var i = 0; i < Keys; i++)
        {
            queue.Done(await queue.TakeAsync(CancellationToken.None), requeueAfter: null);
        }
    }
}
