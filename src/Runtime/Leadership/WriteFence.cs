using BitbucketOperator.Runtime.Client;
using BitbucketOperator.Runtime.Model;

namespace BitbucketOperator.Runtime.Leadership;

/// <summary>
/// Open while the Lease is certainly valid: counted on the monotonic clock from when the last renewal was sent, less the margin
/// that a write may need until the server acts on it. So it closes by itself while the process is paused (SIGSTOP, a stalled
/// node). When the wall clock has moved differently (a suspended machine, a clock that was set), it is closed until the next
/// renewal, which the elector then makes at once. A leader that did not get the Lease from its holder first waits for the margin.
/// No server checks this: what is paused after asking and before sending still gets through, so writes stay convergent.
/// </summary>
public sealed class WriteFence : IWriteFence
{
    private static readonly TimeSpan ClockTolerance = TimeSpan.FromSeconds(1);
    private readonly LeaderElectionOptions _election;
    private readonly TimeProvider _clock;
    private volatile Tenure? _tenure;

    internal WriteFence(OperatorOptions options, TimeProvider clock) => (_election, _clock) = (options.LeaderElection, clock);

    /// <inheritdoc/>
    public bool Leads => !_election.Enabled || Certain() is not null;

    /// <inheritdoc/>
    public TimeSpan? SinceTakeOver => _tenure is { } tenure && tenure.Wait > TimeSpan.Zero ? _clock.GetElapsedTime(tenure.Since) : null;

    /// <summary>Ends when the clocks contradict each other; renewed with the Lease.</summary>
    internal Task Doubted => _tenure?.Doubt.Task ?? Task.CompletedTask;

    /// <inheritdoc/>
    public async ValueTask<bool> MayWriteAsync(CancellationToken cancellationToken)
    {
        while (_election.Enabled)
        {
            if (Certain() is not { } tenure)
            {
                return false;
            }

            var wait = tenure.Wait - _clock.GetElapsedTime(tenure.Since);
            if (wait <= TimeSpan.Zero)
            {
                return true;
            }

            await Task.Delay(wait, _clock, cancellationToken);
        }

        return true;
    }

    /// <summary>The moment that a request of the elector is sent at.</summary>
    internal Moment Now() => new(_clock.GetTimestamp(), _clock.GetUtcNow());

    /// <summary>This process leads.</summary>
    /// <param name="sent">When the request that took the Lease was sent.</param>
    /// <param name="mustWait">Whether writes of a former leader may still be under way.</param>
    internal void Open(Moment sent, bool mustWait) =>
        _tenure = new(sent, Since: _clock.GetTimestamp(), mustWait ? _election.WriteMargin : TimeSpan.Zero);

    /// <summary>The Lease was renewed.</summary>
    internal void Renew(Moment sent)
    {
        if (_tenure is { } tenure)
        {
            _tenure = new(sent, tenure.Since, tenure.Wait);
        }
    }

    /// <summary>This process does not lead any more.</summary>
    internal void Close() => _tenure = null;

    private Tenure? Certain()
    {
        if (_tenure is not { } tenure)
        {
            return null;
        }

        var (renewed, elapsed) = (tenure.Renewed, _clock.GetElapsedTime(tenure.Renewed.Timestamp));
        if ((_clock.GetUtcNow() - renewed.Wall - elapsed).Duration() > ClockTolerance)
        {
            tenure.Doubt.TrySetResult();
            return null;
        }

        return elapsed + _election.WriteMargin <= _election.LeaseDuration ? tenure : null;
    }

    // Replaced as a whole, so that its parts always belong together.
    private sealed record Tenure(Moment Renewed, long Since, TimeSpan Wait)
    {
        public TaskCompletionSource Doubt { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}

/// <summary>One moment on both clocks.</summary>
internal sealed record Moment(long Timestamp, DateTimeOffset Wall);
