using BitbucketOperator.Runtime.Model;
using BitbucketOperator.Runtime.Reconcile;
using Microsoft.Extensions.Time.Testing;

namespace BitbucketOperator.Runtime.Tests;

public sealed class RunningReconcilesTests
{
    private static readonly EntityKey One = new("ns", "one");
    private readonly FakeTimeProvider _clock = new();
    private readonly RunningReconciles _running;

    public RunningReconcilesTests() => _running = new(TimeSpan.FromMinutes(2), _clock);

    [Fact]
    public async Task Deadline_CancelsARunThatIsNotOutdated()
    {
        await using var run = _running.Begin(One, isCancellable: true, default);
        _clock.Advance(TimeSpan.FromSeconds(119));
        run.Token.IsCancellationRequested.ShouldBeFalse();

        _clock.Advance(TimeSpan.FromSeconds(1));

        (run.IsCancelled, run.IsOutdated).ShouldBe((true, false));
    }

    [Fact]
    public async Task Change_CancelsTheRunOfItsObjectAlone()
    {
        await using var one = _running.Begin(One, isCancellable: true, default);
        await using var two = _running.Begin(new("ns", "two"), isCancellable: true, default);

        _running.Replace(One, _ => { });
        _running.Replace(new("ns", "none"), _ => { });

        (one.IsCancelled, one.IsOutdated).ShouldBe((true, true));
        two.IsCancelled.ShouldBeFalse();
    }

    [Fact]
    public async Task ReconcileThatTheChangeMadeDue_IsNotCancelledForIt()
    {
        await using var former = _running.Begin(One, isCancellable: true, default);
        RunningReconciles.Run? next = null;
        _running.Replace(One, key =>
        {
            former.IsCancelled.ShouldBeTrue();

            // Its worker may be as quick as this.
            next = _running.Begin(key, isCancellable: true, default);
        });

        next!.IsCancelled.ShouldBeFalse("nothing would follow");
        await next.DisposeAsync();
    }

    [Fact]
    public async Task Stop_IsNotTakenForAChange()
    {
        using var stop = new CancellationTokenSource();
        await using var run = _running.Begin(One, isCancellable: true, stop.Token);

        await stop.CancelAsync();

        run.Token.IsCancellationRequested.ShouldBeTrue();
        run.IsCancelled.ShouldBeFalse();
    }

    [Fact]
    public async Task RunThatHasEnded_OrMustNotBeCancelled_IsLeftAlone()
    {
        var ended = _running.Begin(One, isCancellable: true, default);
        await ended.DisposeAsync();
        await using var telling = _running.Begin(One, isCancellable: false, default);

        _running.Replace(One, _ => { });

        ended.IsOutdated.ShouldBeFalse();
        telling.IsOutdated.ShouldBeFalse();
    }

    [Fact]
    public async Task ObjectThatNeverStopsChanging_IsCancelledThreeTimesInARow()
    {
        bool[] expected = [true, true, true, false, true, true, true, false];
        foreach (var isCancelled in expected)
        {
            await using var run = _running.Begin(One, isCancellable: true, default);
            _running.Replace(One, _ => { });
            run.IsOutdated.ShouldBe(isCancelled);
        }
    }
}
