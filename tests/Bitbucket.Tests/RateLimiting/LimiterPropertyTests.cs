using BitbucketOperator.Bitbucket.RateLimiting;
using BitbucketOperator.Core.Port;
using CsCheck;
using Microsoft.Extensions.Time.Testing;

namespace BitbucketOperator.Bitbucket.Tests.RateLimiting;

/// <summary>What holds whatever happens. The first history is one that once failed; the others are random.</summary>
public sealed class LimiterPropertyTests
{
    private const string Seed = "baxyEGikZT91";
    private static readonly byte[] IdKey = [1, 2, 3];

    private static readonly Gen<Step> Steps = Gen.Select(Gen.Enum<What>(), Gen.Int[1, 30], Gen.Int[0, 100], (what, count, part) => new Step(what, count, part));
    private static readonly Gen<Step[]> Histories = Steps.Array[50, 250];

    private enum What
    {
        Wait,
        WaitLong,
        Reserve,
        Send,
        SendMore,
        Discover,
        Refuse,
        GiveBack,
        Restart,
        HandOver,
        Saturate,
    }

    // The same histories each time, and others with CsCheck_Iter.
    [Fact]
    public void OwnRequests_NeverExceedTheShareInAnyHourAcrossRestarts()
    {
        static void Check(Step[] history)
        {
            var world = new History(RatePolicy.Cloud(125, 0.8));
            foreach (var step in history) world.Play(step);
            MostInAnHour(world.Sent).ShouldBeLessThanOrEqualTo(100);
        }

        if (Environment.GetEnvironmentVariable("CsCheck_Iter") is not null)
        {
            Histories.Sample(Check, threads: 1);
            return;
        }

        // The second sends its first request after a time that nothing was on record of any more.
        foreach (var seed in new[] { Seed, "8dochP3EwJa1" }) Histories.Sample(Check, seed: seed, iter: 1, threads: 1);
        foreach (var i in Enumerable.Range(0, 150))
        {
            Histories.Sample(Check, seed: new PCG(stream: 1, seed: (ulong)i).ToString(), iter: 1, threads: 1);
        }
    }

    [Fact]
    public void PauseLetsOneProbeThrough_UntilOneIsAccepted() => Histories.Sample(
        history =>
        {
            foreach (var policy in new[] { RatePolicy.Cloud(125, 0.8), RatePolicy.DataCenter(0.8) })
            {
                var world = new History(policy);
                foreach (var step in history) world.Play(step);
                world.MostProbesAtOnce.ShouldBeLessThanOrEqualTo(1);
                world.SentInPause.ShouldBe(0);
            }
        },
        seed: Seed,
        iter: 50,
        threads: 1);

    [Fact]
    public void Reservation_TakesWhatIsThereAndGivesBackWhatWasNotSent() => Gen.Select(Gen.Int[1, 300], Gen.Int[0, 300], Gen.Int[0, 250]).Sample(
        (cost, sent, before) =>
        {
            var limiters = new RateLimiters(8, new FakeTimeProvider());
            var account = limiters.Rent(LimitedWorld.KeyOf(LimitedWorld.Cloud));
            using var earlier = account.TryReserve(new(Math.Min(before, 190), 0), WorkClass.Missing, out _);
            var tokens = limiters.States[0].Tokens!.Value;

            var reservation = account.TryReserve(new(cost, cost), WorkClass.Missing, out var wait);

            // What is larger than the bucket, which has room for 196, starts when that is full.
            (reservation is not null).ShouldBe(tokens >= Math.Min(cost, 196));
            (wait > TimeSpan.Zero).ShouldBe(reservation is null);
            if (reservation is null)
            {
                limiters.States.ShouldAllBe(s => s.Tokens == (s.Group == "webhooks" ? tokens : 196), "all groups or none");
                return;
            }

            limiters.States[0].Tokens.ShouldBe(tokens - cost);
            for (var i = 0; i < sent; i++) account.Start(RequestGroup.Webhooks, reservation).Accepted();
            reservation.Dispose();
            reservation.Dispose();
            limiters.States[0].Tokens.ShouldBe(tokens - sent);
            limiters.States[1].Tokens.ShouldBe(196);
        },
        seed: Seed,
        iter: 500,
        threads: 1);

    private static int MostInAnHour(List<DateTimeOffset> sent)
    {
        var most = 0;
        for (int first = 0, last = 0; last < sent.Count; last++)
        {
            while (sent[last] - sent[first] >= TimeSpan.FromHours(1)) first++;
            most = Math.Max(most, last - first + 1);
        }

        return most;
    }

    private sealed record Step(What What, int Count, int Part);

    /// <summary>A process, and those before it: exported at its start and every minute, and at times restarted or handed over.</summary>
    private sealed class History(RatePolicy policy)
    {
        private readonly FakeTimeProvider _time = new();
        private readonly List<Reservation> _reservations = [];
        private readonly List<Attempt> _open = [];
        private IReadOnlyList<RateLimitRecord> _exported = [];
        private AccountLimiter _account = null!;
        private RateLimiters? _limiters;

        public List<DateTimeOffset> Sent { get; } = [];

        public int MostProbesAtOnce { get; private set; }

        public int SentInPause { get; private set; }

        public void Play(Step step)
        {
            if (_limiters is null) Restart();
            switch (step.What)
            {
                case What.Wait: Wait(TimeSpan.FromSeconds(step.Count * 2)); break;
                case What.WaitLong: Wait(TimeSpan.FromMinutes(step.Count)); break;
                case What.Reserve: Reserve(step.Count); break;
                case What.Send: Send(step.Part, step.Count, Answer); break;
                case What.SendMore: Send(step.Part, step.Count + 20, Answer); break;
                case What.Discover: Start(null, Answer); break;
                case What.Refuse: Send(
                    step.Part, 1 + (step.Count / 10), attempt => attempt.Refused(step.Part < 30 ? TimeSpan.FromSeconds(step.Part) : null)); break;
                case What.GiveBack: GiveBack(step.Part); break;
                case What.Restart: Restart(TimeSpan.FromMinutes(step.Part < 80 ? step.Count / 10.0 : step.Count * 4)); break;
                case What.HandOver: HandOver(TimeSpan.FromSeconds(step.Part)); break;
                case What.Saturate: Saturate(step.Count); break;
                default: throw new InvalidOperationException();
            }
        }

        private void Saturate(int minutes)
        {
            for (var i = 0; i < minutes * 2; i++)
            {
                Wait(TimeSpan.FromSeconds(30));
                var more = true;
                for (var item = 0; more && item < 60; item++)
                {
                    using var reservation = _account.TryReserve(new(2, 0), WorkClass.Missing, out _);
                    more = reservation is not null;
                    for (var j = 0; more && j < 2; j++) Start(reservation, Answer);
                }
            }
        }

        private void Answer(Attempt attempt) => attempt.Accepted();

        private void Reserve(int count)
        {
            if (_account.TryReserve(new(count, 0), WorkClass.Changed, out _) is { } reservation) _reservations.Add(reservation);
        }

        private void Send(int part, int count, Action<Attempt> answer)
        {
            if (_reservations.Count == 0) return;
            var reservation = _reservations[part * (_reservations.Count - 1) / 100];
            for (var i = 0; i < count; i++) Start(reservation, answer);
            // What goes beyond a reservation in the last minute before a crash is the one thing that nobody knows.
            _exported = _limiters!.Export(IdKey);
        }

        private void Start(Reservation? reservation, Action<Attempt> answer)
        {
            var paused = _limiters!.States.Any(s => s.Group is "webhooks" or "all" && s.Paused > TimeSpan.Zero);
            try
            {
                var attempt = _account.Start(RequestGroup.Webhooks, reservation);
                Sent.Add(_time.GetUtcNow());
                if (paused && !attempt.IsProbe) SentInPause++;
                _open.Add(attempt);
                MostProbesAtOnce = Math.Max(MostProbesAtOnce, _open.Count(a => a.IsProbe));
                // Some answers come late.
                if (_open.Count < 4) return;
                answer(_open[0]);
                _open.RemoveAt(0);
            }
            catch (FaultException exception)
            {
                exception.Fault.Reason.Name.ShouldBe("RateLimited");
                exception.Fault.RetryAfter!.Value.ShouldBeGreaterThan(TimeSpan.Zero);
                while (_open.Count > 0)
                {
                    answer(_open[0]);
                    _open.RemoveAt(0);
                }
            }
        }

        private void GiveBack(int part)
        {
            if (_reservations.Count == 0) return;
            var index = part * (_reservations.Count - 1) / 100;
            _reservations[index].Dispose();
            _reservations.RemoveAt(index);
        }

        private void Wait(TimeSpan time)
        {
            for (var left = time; left > TimeSpan.Zero; left -= TimeSpan.FromMinutes(1))
            {
                _time.Advance(left < TimeSpan.FromMinutes(1) ? left : TimeSpan.FromMinutes(1));
                _exported = _limiters!.Export(IdKey);
            }
        }

        // Its work has ended: all is answered, and nothing is set aside.
        private void HandOver(TimeSpan down)
        {
            _reservations.ForEach(r => r.Dispose());
            _open.ForEach(Answer);
            _exported = _limiters!.Export(IdKey, isFinal: true);
            Restart(down);
        }

        private void Restart(TimeSpan down = default)
        {
            _time.Advance(down);
            _reservations.Clear();
            _open.Clear();
            _limiters = new(8, _time);
            _limiters.Import(_exported, IdKey);
            _limiters.Urgent = () => _exported = _limiters.Export(IdKey);
            _account = _limiters.Rent(LimitedWorld.KeyOf(policy));

            // What a process may send is on record before it sends anything.
            _exported = _limiters.Export(IdKey);
        }
    }
}
