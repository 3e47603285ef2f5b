using System.Diagnostics.CodeAnalysis;

namespace BitbucketOperator.Runtime.Queue;

/// <summary>A turn of an owner: leave to work on one item of that class.</summary>
/// <param name="Owner">Whose turn it is.</param>
/// <param name="WorkClass">The class of work that the turn is for.</param>
public readonly record struct Turn<TOwner>(TOwner Owner, int WorkClass)
    where TOwner : notnull
{
    internal long Ticket { get; init; }
}

/// <summary>
/// Hands out turns to owners that have work. Classes of work share the turns by weight (smooth weighted round robin; a class
/// without work lends its share), within a class tenants take turns, within a tenant its owners; so between two turns of a
/// tenant that always has work, every other tenant of the class gets at most one. Who is newly ready comes next, for one turn.
/// <para>
/// An owner keeps its place while it is ready and has at most <c>maxInFlightPerOwner</c> turns out at once, over all classes; and
/// its tenant has at most what <see cref="TenantShare"/> gives it, so that slow work of one does not keep the others waiting.
/// A parked owner gets none until the delay has passed. Whoever takes a turn must call <see cref="Done"/>. An owner is known
/// from its first <see cref="SetReady"/> until <see cref="Remove"/>; turns that are out then are still given back.
/// </para>
/// All members are thread-safe; each costs O(log n) and a look at the tenants that have turns out. Nothing is polled.
/// </summary>
[SuppressMessage("Naming", "CA1711", Justification = "A queue is what it is, of turns rather than of a collection.")]
public sealed class FairQueue<TOwner> : IDisposable
    where TOwner : notnull
{
    private static readonly TimeSpan LongestTimer = TimeSpan.FromDays(1);
    private readonly int _maxInFlight;
    private readonly TimeProvider _clock;
    private readonly Lock _gate = new();
    private readonly WorkClassState[] _classes;
    private readonly Dictionary<TOwner, Member> _members = [];
    private readonly Dictionary<string, Tenant> _tenants = new(StringComparer.Ordinal);
    private readonly SortedSet<Member> _parked = new(Member.ByParkedUntil);
    private readonly Dictionary<long, (Tenant Tenant, long At)> _out = [];
    private readonly HashSet<Tenant> _busy = [];
    private readonly TenantShare _share;
    private readonly Takers<Turn<TOwner>> _takers;
    private ITimer? _timer;
    private int _withWork;
    private long _ids;

    /// <summary>Makes an empty queue.</summary>
    /// <param name="weights">The share of each class; classes are the indices.</param>
    /// <param name="maxInFlightPerOwner">Turns of one owner that are out at once, at most.</param>
    /// <param name="takers">How many take turns at the same time.</param>
    /// <param name="clock">Measures how long owners are parked and turns last.</param>
    public FairQueue(IReadOnlyList<int> weights, int maxInFlightPerOwner, int takers, TimeProvider clock)
    {
        ArgumentNullException.ThrowIfNull(weights);
        ArgumentOutOfRangeException.ThrowIfLessThan(weights.Count, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(weights.Min(), 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(maxInFlightPerOwner, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(takers, 1);
        (_maxInFlight, _clock, _share) = (maxInFlightPerOwner, clock, new TenantShare(takers));
        _classes = [.. weights.Select(weight => new WorkClassState(weight))];
        _takers = new(_gate, TryTake);
    }

    /// <summary>How long the oldest turn that is out has been out; zero when none is.</summary>
    public TimeSpan OldestInFlight
    {
        get
        {
            lock (_gate)
            {
                var oldest = long.MaxValue;
                foreach (var (_, at) in _out.Values)
                {
                    oldest = Math.Min(oldest, at);
                }

                return oldest == long.MaxValue ? TimeSpan.Zero : _clock.GetElapsedTime(oldest);
            }
        }
    }

    /// <summary>Owners that have work of the class and could get another turn, those that are parked included.</summary>
    public int Waiting(int workClass)
    {
        lock (_gate)
        {
            return _classes[workClass].Waiting;
        }
    }

    /// <summary>The owner has, or has no, work of the class now. Said again it changes nothing.</summary>
    public void SetReady(TOwner owner, string tenant, int workClass, bool isReady)
    {
        lock (_gate)
        {
            if (!_members.TryGetValue(owner, out var member))
            {
                if (!isReady)
                {
                    return;
                }

                member = Add(owner);
            }

            member.IsKnown = true;
            Join(member, tenant);
            member.Ready[workClass] = isReady;
            Refresh(member);
            _takers.Serve();
        }
    }

    /// <summary>No turn for the owner before the delay has passed, whatever an earlier one was.</summary>
    public void Park(TOwner owner, TimeSpan delay)
    {
        lock (_gate)
        {
            var now = _clock.GetTimestamp();
            var until = now + (long)Math.Ceiling(Math.Max(0, delay.TotalSeconds) * _clock.TimestampFrequency);
            var member = _members.GetValueOrDefault(owner) ?? Add(owner);
            SetParked(member, until > now ? until : 0);
            DropIfForgotten(member);
            _takers.Serve();
        }
    }

    /// <summary>The owner may have turns again, however long it was parked for.</summary>
    public void Unpark(TOwner owner)
    {
        lock (_gate)
        {
            if (_members.TryGetValue(owner, out var member))
            {
                SetParked(member, until: 0);
                DropIfForgotten(member);
                _takers.Serve();
            }
        }
    }

    /// <summary>The owner is gone.</summary>
    public void Remove(TOwner owner)
    {
        lock (_gate)
        {
            if (_members.TryGetValue(owner, out var member))
            {
                Forget(member);
            }
        }
    }

    /// <summary>Forgets every owner; takers go on waiting.</summary>
    public void Clear()
    {
        lock (_gate)
        {
            foreach (var member in _members.Values)
            {
                Forget(member);
            }

            foreach (var workClass in _classes)
            {
                workClass.Credit = 0;
            }
        }
    }

    /// <summary>Waits for the next turn; its taker must call <see cref="Done"/>. A cancelled wait takes none.</summary>
    public ValueTask<Turn<TOwner>> TakeAsync(CancellationToken cancellationToken) => _takers.TakeAsync(cancellationToken);

    /// <summary>Gives a turn back; done twice it changes nothing.</summary>
    public void Done(Turn<TOwner> turn)
    {
        lock (_gate)
        {
            if (!_out.Remove(turn.Ticket, out var held))
            {
                return;
            }

            // A member stays as long as turns of it are out.
            var member = _members[turn.Owner];
            member.InFlight--;
            Count(held.Tenant, -1);
            Refresh(member);
            Show(held.Tenant);
            ShowBusy();
            DropIfForgotten(member);
            _takers.Serve();
        }
    }

    /// <summary>Stops the timer.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _timer?.Dispose();
        }
    }

    private bool TryTake(out Turn<TOwner> turn)
    {
        if (NextClass() is not { } index)
        {
            turn = default;
            return false;
        }

        var member = _classes[index].Tenants.Next().Owners[index].Next();
        turn = new(member.Owner, index) { Ticket = ++_ids };
        _out.Add(turn.Ticket, (member.Tenant!, _clock.GetTimestamp()));
        member.InFlight++;
        Count(member.Tenant!, 1);
        Refresh(member);
        ShowBusy();
        return true;
    }

    // Each class with work gains its weight, and the richest pays for the turn what all gained: shares are exact over a cycle.
    private int? NextClass()
    {
        var (best, sum) = (-1, 0);
        for (var i = 0; i < _classes.Length; i++)
        {
            if (_classes[i].Tenants.Takeable == 0)
            {
                continue;
            }

            sum += _classes[i].Weight;
            _classes[i].Credit += _classes[i].Weight;
            best = best < 0 || _classes[i].Credit > _classes[best].Credit ? i : best;
        }

        if (best < 0)
        {
            return null;
        }

        _classes[best].Credit -= sum;
        return best;
    }

    private Member Add(TOwner owner)
    {
        var member = new Member(owner, ++_ids, _classes.Length);
        _members.Add(owner, member);
        return member;
    }

    private void Join(Member member, string tenant)
    {
        if (member.Tenant?.Name == tenant)
        {
            return;
        }

        Leave(member);
        if (!_tenants.TryGetValue(tenant, out var joined))
        {
            _tenants[tenant] = joined = new Tenant(tenant, _classes.Length);
        }

        joined.Members++;
        member.Tenant = joined;
    }

    // Takes it out of every ring, and its tenant too when it was the last.
    private void Leave(Member member)
    {
        if (member.Tenant is not { } tenant)
        {
            return;
        }

        tenant.Members--;
        for (var i = 0; i < _classes.Length; i++)
        {
            tenant.Owners[i].Remove(member.Seats[i]);
        }

        CountWork(tenant);
        Show(tenant);
        for (var i = 0; tenant.Members == 0 && i < _classes.Length; i++)
        {
            _classes[i].Tenants.Remove(tenant.Seats[i]);
        }

        DropIfEmpty(tenant);
        member.Tenant = null;
    }

    private void DropIfEmpty(Tenant tenant)
    {
        if (tenant is { Members: 0, InFlight: 0 })
        {
            _tenants.Remove(tenant.Name);
        }
    }

    // A tenant's turns count for it as long as they are out, whoever left meanwhile.
    private void Count(Tenant tenant, int turns)
    {
        tenant.InFlight += turns;
        if (tenant.InFlight > 0)
        {
            _busy.Add(tenant);
        }
        else
        {
            _busy.Remove(tenant);
            DropIfEmpty(tenant);
        }
    }

    private void CountWork(Tenant tenant)
    {
        var hasWork = Array.Exists(tenant.Owners, o => o.Takeable > 0);
        if (hasWork != tenant.HasWork)
        {
            tenant.HasWork = hasWork;
            _withWork += hasWork ? 1 : -1;
            ShowBusy();
        }
    }

    // How much a tenant may have depends on what the others have, and on whether one waits.
    private void ShowBusy()
    {
        foreach (var tenant in _busy)
        {
            Show(tenant);
        }
    }

    // Brings rings and counts up to date with what the member is.
    private void Refresh(Member member)
    {
        var isFree = member.InFlight < _maxInFlight;
        for (var i = 0; i < _classes.Length; i++)
        {
            var waits = member.Ready[i] && isFree;
            if (waits != member.Waits[i])
            {
                member.Waits[i] = waits;
                _classes[i].Waiting += waits ? 1 : -1;
            }

            member.Tenant?.Owners[i].Show(member.Seats[i], waits && member.ParkedUntil == 0);
        }

        if (member.Tenant is { } tenant)
        {
            CountWork(tenant);
            Show(tenant);
        }
    }

    private void Show(Tenant tenant)
    {
        var mayTake = _share.MayTake(tenant.InFlight, _out.Count, othersWait: _withWork > (tenant.HasWork ? 1 : 0));
        for (var i = 0; i < _classes.Length; i++)
        {
            _classes[i].Tenants.Show(tenant.Seats[i], mayTake && tenant.Owners[i].Takeable > 0);
        }
    }

    private void Forget(Member member)
    {
        Array.Clear(member.Ready);
        member.IsKnown = false;
        SetParked(member, until: 0);
        Leave(member);
        DropIfForgotten(member);
    }

    private void DropIfForgotten(Member member)
    {
        if (member is { IsKnown: false, InFlight: 0, ParkedUntil: 0 })
        {
            _members.Remove(member.Owner);
        }
    }

    private void SetParked(Member member, long until)
    {
        // The set is ordered by the time: it must not change inside.
        _parked.Remove(member);
        member.ParkedUntil = until;
        if (until != 0)
        {
            _parked.Add(member);
        }

        Refresh(member);
        Arm();
    }

    private void Arm()
    {
        if (_parked.Min is not { } first)
        {
            return;
        }

        var now = _clock.GetTimestamp();
        var wait = first.ParkedUntil > now ? _clock.GetElapsedTime(now, first.ParkedUntil) : TimeSpan.Zero;
        _timer ??= _clock.CreateTimer(_ => ReleaseDue(), state: null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _timer.Change(wait < LongestTimer ? wait : LongestTimer, Timeout.InfiniteTimeSpan);
    }

    private void ReleaseDue()
    {
        lock (_gate)
        {
            while (_parked.Min is { } first && first.ParkedUntil <= _clock.GetTimestamp())
            {
                SetParked(first, until: 0);
                DropIfForgotten(first);
            }

            Arm();
            _takers.Serve();
        }
    }

    private sealed class WorkClassState(int weight)
    {
        public int Weight => weight;

        public int Credit { get; set; }

        public int Waiting { get; set; }

        public TurnRing<Tenant> Tenants { get; } = new();
    }

    private sealed class Tenant
    {
        public Tenant(string name, int classes)
        {
            Name = name;
            Owners = [.. Enumerable.Range(0, classes).Select(_ => new TurnRing<Member>())];
            Seats = [.. Enumerable.Range(0, classes).Select(_ => new TurnRing<Tenant>.Seat(this))];
        }

        public string Name { get; }

        public int Members { get; set; }

        /// <summary>Its turns that are out.</summary>
        public int InFlight { get; set; }

        /// <summary>Whether it could have a turn, but for its share.</summary>
        public bool HasWork { get; set; }

        public TurnRing<Member>[] Owners { get; }

        public TurnRing<Tenant>.Seat[] Seats { get; }
    }

    private sealed class Member
    {
        public static readonly Comparer<Member> ByParkedUntil =
            Comparer<Member>.Create((a, b) => (a.ParkedUntil, a._id).CompareTo((b.ParkedUntil, b._id)));

        private readonly long _id;

        public Member(TOwner owner, long id, int classes)
        {
            (Owner, _id) = (owner, id);
            Ready = new bool[classes];
            Waits = new bool[classes];
            Seats = [.. Enumerable.Range(0, classes).Select(_ => new TurnRing<Member>.Seat(this))];
        }

        public TOwner Owner { get; }

        public Tenant? Tenant { get; set; }

        public bool[] Ready { get; }

        /// <summary>For each class, whether it is counted as waiting.</summary>
        public bool[] Waits { get; }

        public TurnRing<Member>.Seat[] Seats { get; }

        public int InFlight { get; set; }

        /// <summary>False before the first SetReady and after Remove: then only turns that are out and parking keep it.</summary>
        public bool IsKnown { get; set; }

        /// <summary>0 when it is not parked.</summary>
        public long ParkedUntil { get; set; }
    }
}
