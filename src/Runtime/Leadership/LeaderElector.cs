using BitbucketOperator.Runtime.Client;
using BitbucketOperator.Runtime.Model;
using k8s.Models;
using Microsoft.Extensions.Logging;

namespace BitbucketOperator.Runtime.Leadership;

/// <summary>
/// Leads while it holds the Lease. A held lease costs one PUT per third of its duration; failed renewals are repeated until
/// the renew deadline, then the work is cancelled. On a regular stop the work ends first, then the lease is given up.
/// </summary>
[EntityRbac("coordination.k8s.io", ["leases"], ["get", "create", "update"], Scope = RbacScope.OwnNamespace,
    Reason = "One replica leads at a time")]
internal sealed partial class LeaderElector(
    KubernetesApi api, OperatorOptions options, WriteFence fence, TimeProvider clock, ILogger<LeaderElector> logger)
{
    private readonly LeaderElectionOptions _election = options.LeaderElection;
    private readonly LeaseObserver _observer = new(options.LeaderElection, clock);
    private V1Lease? _held;
    private Moment _renewed = new(0, default);
    private string? _foundHolder;
    private bool _mustWait;
    private volatile bool _leads;

    /// <summary>Whether this process leads now.</summary>
    public bool Leads => _leads;

    private string Namespace => _election.LeaseNamespace ?? options.OperatorNamespace;

    private string CollectionPath => ResourcePath.Collection("coordination.k8s.io", "v1", Namespace, "leases");

    private string LeasePath => ResourcePath.Object("coordination.k8s.io", "v1", Namespace, "leases", _election.LeaseName);

    /// <summary>
    /// Runs <paramref name="work"/> each time the lease is acquired; its token is cancelled when the lease is lost or
    /// <paramref name="cancellationToken"/> is. Returns once cancelled; throws what the work throws, the lease kept.
    /// </summary>
    public async Task RunAsync(Func<CancellationToken, Task> work, CancellationToken cancellationToken)
    {
        while (await AcquireAsync(cancellationToken))
        {
            Log.Acquired(logger, _election.Identity);
            fence.Open(_renewed, _mustWait);
            _leads = true;
            try
            {
                await LeadAsync(work, cancellationToken);
            }
            finally
            {
                fence.Close();
                _leads = false;
            }
        }
    }

    private async Task LeadAsync(Func<CancellationToken, Task> work, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var running = Task.Run(() => work(stop.Token), CancellationToken.None);
        var held = await RenewWhileAsync(running);
        if (!held)
        {
            fence.Close();
        }

        await stop.CancelAsync();

        // Work that did not end in order may still go on: the lease is left to run out then.
        await running;
        if (held)
        {
            fence.Close();
            await ReleaseAsync();
        }
    }

    // True when the work ended and the lease is still ours, false when the lease is lost. The work may take its time
    // to stop: the lease is renewed until then, whoever asked it to stop.
    private async Task<bool> RenewWhileAsync(Task work)
    {
        var wait = RenewInterval();
        while (await PauseAsync(wait, work))
        {
            if (await TryRenewAsync() is not { } renewed)
            {
                Log.Lost(logger, _election.Identity);
                return false;
            }

            wait = renewed ? RenewInterval() : _election.RetryPeriod;
            var left = _election.RenewDeadline - clock.GetElapsedTime(_renewed.Timestamp);
            wait = wait < left ? wait : left;
        }

        return true;
    }

    // A renewal must have time to be repeated before the deadline.
    private TimeSpan RenewInterval()
    {
        var third = _election.LeaseDuration / 3;
        var half = _election.RenewDeadline / 2;
        return third < half ? third : half;
    }

    // False when the work ended meanwhile. Clocks that contradict each other are a reason to renew at once, but only once.
    private async Task<bool> PauseAsync(TimeSpan wait, Task work)
    {
        if (wait > TimeSpan.Zero)
        {
            using var ended = new CancellationTokenSource();
            var doubted = fence.Doubted;
            await Task.WhenAny(work, Task.Delay(wait, clock, ended.Token), doubted.IsCompleted ? work : doubted);
            await ended.CancelAsync();
        }

        return !work.IsCompleted;
    }

    // True: renewed; false: failed but not too late yet; null: lost.
    private async Task<bool?> TryRenewAsync()
    {
        var left = _election.RenewDeadline - clock.GetElapsedTime(_renewed.Timestamp);
        if (left <= TimeSpan.Zero || _held is null)
        {
            return null;
        }

        try
        {
            using var deadline = new CancellationTokenSource(left, clock);
            return await RenewAsync(_held, deadline.Token) ? true : null;
        }
        catch (Exception e)
        {
            Log.RenewFailed(logger, e.Message);
            return clock.GetElapsedTime(_renewed.Timestamp) < _election.RenewDeadline ? false : null;
        }
    }

    // False when another holds the lease, or held it meanwhile: what is remembered may not be true then.
    private async Task<bool> RenewAsync(V1Lease held, CancellationToken cancellationToken)
    {
        try
        {
            await PutAsync(_observer.Renewal(held), cancellationToken);
        }
        catch (KubernetesApiException e) when (e.IsConflict || e.IsNotFound)
        {
            if (!await TryTakeAsync(cancellationToken) || (_foundHolder is not null && _foundHolder != _election.Identity))
            {
                return false;
            }
        }

        fence.Renew(_renewed);
        return true;
    }

    // False when cancelled.
    private async Task<bool> AcquireAsync(CancellationToken cancellationToken)
    {
        Log.Waiting(logger, Namespace, _election.LeaseName);
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                if (await TryTakeAsync(cancellationToken))
                {
                    return true;
                }
            }
            catch (Exception e) when (!cancellationToken.IsCancellationRequested)
            {
                Log.AcquireFailed(logger, Namespace, _election.LeaseName, e.Message);
            }
            catch (OperationCanceledException)
            {
                break;
            }

            var wait = _election.RetryPeriod * (1 + (0.2 * Random.Shared.NextDouble()));
            await Task.Delay(wait, clock, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        return false;
    }

    private async Task<bool> TryTakeAsync(CancellationToken cancellationToken)
    {
        try
        {
            var lease = await api.FindAsync(LeasePath, KindsJson.Default.V1Lease, cancellationToken);
            _foundHolder = lease is null ? null : lease.Spec?.HolderIdentity ?? "";
            if (lease is null)
            {
                var sent = fence.Now();
                _held = await api.CreateAsync(
                    CollectionPath, _observer.Claim(null), KindsJson.Default.V1Lease, cancellationToken);
                (_renewed, _mustWait) = (sent, false);
                return true;
            }

            if (!_observer.CanTake(lease))
            {
                return false;
            }

            // Before the request: when its answer is lost, the next attempt finds ourselves.
            if (_foundHolder != _election.Identity)
            {
                _mustWait = _foundHolder != "";
            }

            await PutAsync(_observer.Claim(lease), cancellationToken);
            return true;
        }
        catch (KubernetesApiException e) when (e.IsConflict)
        {
            return false;
        }
    }

    // Time counts from before the request: others may have seen the renewal earlier than its answer arrived.
    private async Task PutAsync(V1Lease lease, CancellationToken cancellationToken)
    {
        var sent = fence.Now();
        _held = await api.ReplaceAsync(LeasePath, lease, KindsJson.Default.V1Lease, cancellationToken);
        _renewed = sent;
    }

    private async Task ReleaseAsync()
    {
        if (_held is null)
        {
            return;
        }

        try
        {
            using var timeout = new CancellationTokenSource(_election.RetryPeriod, clock);
            await PutAsync(_observer.Release(_held), timeout.Token);
            Log.Released(logger, _election.Identity);
        }
        catch (Exception e)
        {
            Log.ReleaseFailed(logger, e.Message);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(40, LogLevel.Information, "Waiting for the lease {Namespace}/{Name}", EventName = "LeaseWaiting")]
        public static partial void Waiting(ILogger logger, string @namespace, string name);

        [LoggerMessage(41, LogLevel.Information, "Leading as {Identity}", EventName = "LeaseAcquired")]
        public static partial void Acquired(ILogger logger, string identity);

        [LoggerMessage(42, LogLevel.Warning, "Stopped leading as {Identity}: the lease could not be kept", EventName = "LeaseLost")]
        public static partial void Lost(ILogger logger, string identity);

        [LoggerMessage(43, LogLevel.Warning, "The lease was not renewed: {Reason}", EventName = "LeaseRenewFailed")]
        public static partial void RenewFailed(ILogger logger, string reason);

        [LoggerMessage(44, LogLevel.Warning,
            "The lease {Namespace}/{Name} cannot be read or written: {Reason}",
            EventName = "LeaseUnavailable")]
        public static partial void AcquireFailed(ILogger logger, string @namespace, string name, string reason);

        [LoggerMessage(45, LogLevel.Information, "Gave up the lease of {Identity}", EventName = "LeaseReleased")]
        public static partial void Released(ILogger logger, string identity);

        [LoggerMessage(46, LogLevel.Warning, "The lease was not given up and will run out: {Reason}", EventName = "LeaseReleaseFailed")]
        public static partial void ReleaseFailed(ILogger logger, string reason);
    }
}
