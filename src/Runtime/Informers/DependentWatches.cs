using BitbucketOperator.Runtime.Client;
using BitbucketOperator.Runtime.Metrics;
using BitbucketOperator.Runtime.Model;
using Microsoft.Extensions.Logging;

namespace BitbucketOperator.Runtime.Informers;

/// <summary>The loops behind every <see cref="DependentWatch"/>.</summary>
internal sealed class DependentWatches(
    KubernetesApi api,
    OperatorOptions options,
    RuntimeMetrics metrics,
    TimeProvider clock,
    ILoggerFactory loggers,
    IEnumerable<DependentWatch> watches)
{
    /// <summary>One reflector per namespace for each.</summary>
    public IEnumerable<IReflectorStatus> Reflectors => watches.SelectMany(watch => options.Scopes.Select(scope => Create(watch, scope)));

    private Reflector<PartialObject> Create(DependentWatch watch, string? scope) => new(
        MetadataSource.Of(watch.Group, watch.Version, watch.Plural, scope, watch.LabelSelector),
        api,
        new VersionSink(watch.Changed),
        options,
        metrics,
        clock,
        loggers.CreateLogger("BitbucketOperator.Runtime.Watch"));
}
