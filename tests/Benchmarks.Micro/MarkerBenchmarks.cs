using BenchmarkDotNet.Attributes;
using BitbucketOperator.Core.Ownership;
using BitbucketOperator.Core.Port;

namespace BitbucketOperator.Benchmarks.Micro;

/// <summary>The text by which the operator knows its webhooks.</summary>
public class MarkerBenchmarks
{
    private static readonly WebhookMarker Marker = new(Given.Owner.Id, "ci", "3f9a1c2b7d8e9f00");
    private static readonly string Text = Marker.ToString();
    private static readonly Webhook Foreign = Given.Foreign(7);

    [Benchmark]
    public string Format() => Marker.ToString();

    [Benchmark]
    public string FormatForCloud() => Marker.Description(Given.Owner);

    [Benchmark]
    public object? Parse() => WebhookMarker.Parse(Text);

    [Benchmark]
    public object? ParseForeign() => WebhookMarker.HookOf(Foreign, Given.Owner);
}
