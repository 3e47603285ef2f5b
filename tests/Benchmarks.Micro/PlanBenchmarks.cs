using BenchmarkDotNet.Attributes;
using BitbucketOperator.Core.Model;
using BitbucketOperator.Core.Observation;
using BitbucketOperator.Core.Ownership;
using BitbucketOperator.Core.Planning;
using BitbucketOperator.Core.Port;

namespace BitbucketOperator.Benchmarks.Micro;

/// <summary>Planning one scope: the work for each repository and verification that needs no network.</summary>
public class PlanBenchmarks
{
    private static readonly WebhookScope Scope = WebhookScope.Of(Given.Repository(1));
    private DesiredWebhook[] _desired = [];
    private Webhook[] _inPlace = [];
    private Webhook[] _foreign = [];

    /// <summary>Webhooks of others in the scope.</summary>
    [Params(0, 20)]
    public int Others { get; set; }

    /// <summary>Entries of spec.webhooks.</summary>
    [Params(1, 5)]
    public int Entries { get; set; }

    [GlobalSetup]
    public void Prepare()
    {
        _desired = [.. Enumerable.Range(1, Entries).Select(i => Given.Desired($"hook-{i}"))];
        _foreign = [.. Enumerable.Range(100, Others).Select(Given.Foreign)];
        _inPlace = [.. _desired.Select(Given.InPlace), .. _foreign];
    }

    [Benchmark(Baseline = true)]
    public object InSync() => Plan(_inPlace);

    [Benchmark]
    public object AllMissing() => Plan(_foreign);

    [Benchmark]
    public object Unselected() => ScopePlanner.ForUnselected(Scope, _inPlace, Given.Owner, mayRemove: true, "bench");

    private ScopePlan Plan(Webhook[] found) =>
        ScopePlanner.ForSelected(Scope, found, _desired, Given.Owner, AdoptionRule.IfIdentical, ScopeFacts.None, mayRemove: true);
}
