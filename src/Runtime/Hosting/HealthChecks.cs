using BitbucketOperator.Runtime.Model;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace BitbucketOperator.Runtime.Hosting;

/// <summary>
/// Healthy while every watch loop shows signs of life; an unreachable API server does not justify a restart.
/// Degraded, naming the objects, while a pass takes unusually long.
/// </summary>
internal sealed class LivenessCheck(OperatorService service, OperatorOptions options) : IHealthCheck
{
    // Longest regular pause: a silent watch, then a request that times out, then the wait before the next attempt.
    private readonly TimeSpan _limit = options.WatchSilenceDeadline + options.WatchBackoffCap + TimeSpan.FromMinutes(2);

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var dead = service.Reflectors.Where(r => r.SinceLastBeat > _limit).Select(r => r.Name).ToList();
        if (dead.Count > 0)
        {
            return Task.FromResult(HealthCheckResult.Unhealthy($"No sign of life from the watch on {string.Join(", ", dead)}."));
        }

        var slow = service.InWorkLongerThan(options.StuckAfter);
        return Task.FromResult(slow.Count == 0
            ? HealthCheckResult.Healthy()
            : HealthCheckResult.Degraded($"Unusually long in work: {string.Join(", ", slow.Take(10))}."));
    }
}

/// <summary>Healthy once every store is filled, on the leader and on the standby alike.</summary>
internal sealed class ReadinessCheck(OperatorService service) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var missing = service.Reflectors.Where(r => !r.Synced.IsCompleted).Select(r => r.Name).ToList();
        if (missing.Count > 0)
        {
            return Task.FromResult(HealthCheckResult.Unhealthy($"Not listed yet: {string.Join(", ", missing)}."));
        }

        return Task.FromResult(HealthCheckResult.Healthy(service.Leads ? "Leading." : "Standing by."));
    }
}
