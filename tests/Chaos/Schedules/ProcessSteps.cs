using BitbucketOperator.Chaos.World;
using BitbucketOperator.Testing.Cluster;

namespace BitbucketOperator.Chaos.Schedules;

/// <summary>What happens to one replica.</summary>
internal abstract record ReplicaStep(int Replica) : Step
{
    protected Replica Of(ChaosWorld world) => world.ReplicaList[Replica];
}

/// <summary>A replica is killed, and started again after a while.</summary>
internal sealed record Kill(int Replica) : ReplicaStep(Replica)
{
    protected override string Words => $"kill -9 of replica {Replica}";

    public override Task ActAsync(ChaosWorld world) => Of(world).KillAsync();

    public override Task UndoAsync(ChaosWorld world)
    {
        Of(world).EnsureRunning();
        return Task.CompletedTask;
    }
}

/// <summary>A replica is asked to end, and started again after a while.</summary>
internal sealed record Terminate(int Replica) : ReplicaStep(Replica)
{
    protected override string Words => $"SIGTERM to replica {Replica}";

    public override async Task ActAsync(ChaosWorld world)
    {
        // One that is paused could not end.
        await Of(world).ResumeAsync();
        await Of(world).TerminateAsync();
    }

    public override Task UndoAsync(ChaosWorld world)
    {
        Of(world).EnsureRunning();
        return Task.CompletedTask;
    }
}

/// <summary>A replica stands still, for longer than its Lease at times.</summary>
internal sealed record Pause(int Replica) : ReplicaStep(Replica)
{
    protected override string Words => $"SIGSTOP to replica {Replica}";

    public override Task ActAsync(ChaosWorld world) => Of(world).PauseAsync();

    public override Task UndoAsync(ChaosWorld world) => Of(world).ResumeAsync();
}

/// <summary>A replica reaches the API server no more.</summary>
internal sealed record Partition(int Replica) : ReplicaStep(Replica)
{
    protected override string Words => $"replica {Replica} is cut off from the API server";

    public override Task ActAsync(ChaosWorld world)
    {
        Of(world).Proxy.Unreachable = true;
        Of(world).Proxy.CutAll();
        return Task.CompletedTask;
    }

    public override Task UndoAsync(ChaosWorld world)
    {
        Of(world).Proxy.Unreachable = false;
        return Task.CompletedTask;
    }
}

/// <summary>Connections to the API server break: all of them, or a watch in the middle of a line.</summary>
internal sealed record CutWatches(int Replica, bool InLine) : ReplicaStep(Replica)
{
    protected override string Words =>
        InLine ? $"a watch of replica {Replica} breaks in the middle of a line" : $"all requests of replica {Replica} break";

    public override Task ActAsync(ChaosWorld world)
    {
        if (InLine) Of(world).Proxy.CutNextLine();
        else Of(world).Proxy.CutAll();
        return Task.CompletedTask;
    }
}

/// <summary>The watches of a replica stay open and bring nothing.</summary>
internal sealed record Silence(int Replica) : ReplicaStep(Replica)
{
    protected override string Words => $"the watches of replica {Replica} fall silent";

    public override Task ActAsync(ChaosWorld world)
    {
        Of(world).Proxy.SilenceOpenStreams();
        return Task.CompletedTask;
    }

    public override Task UndoAsync(ChaosWorld world)
    {
        Of(world).Proxy.CutAll();
        return Task.CompletedTask;
    }
}

internal enum ApiRequests
{
    Any,
    Writes,
    Lists,
    Watches,
    Leases,
    Status,
}

/// <summary>The API server refuses some requests of a replica.</summary>
/// <param name="Replica">Which.</param>
/// <param name="Status">How it answers.</param>
/// <param name="On">What.</param>
/// <param name="OneIn">How many of these go wrong.</param>
/// <param name="Done">It does the work first, and its answer is lost.</param>
internal sealed record ApiRefuses(int Replica, int Status, ApiRequests On, int OneIn, bool Done) : ReplicaStep(Replica)
{
    protected override string Words =>
        $"the API server answers {Status} to one in {OneIn} of {On} of replica {Replica}{(Done ? ", having done it" : "")}";

    public override Task ActAsync(ChaosWorld world)
    {
        var seen = 0;
        var reason = Status switch { 409 => "Conflict", 410 => "Expired", 429 => "TooManyRequests", _ => "InternalError" };
        var fault = ApiFault.Of(Status, reason, "out of order") with { RetryAfter = Status == 429 ? "1" : null, AfterProcessing = Done };
        Of(world).Decide(r => Concerns(r) && Interlocked.Increment(ref seen) % OneIn == 0 ? fault : null);
        return Task.CompletedTask;
    }

    public override Task UndoAsync(ChaosWorld world)
    {
        Of(world).Decide(_ => null);
        return Task.CompletedTask;
    }

    private bool Concerns(Passed request) => On switch
    {
        ApiRequests.Writes => request.Method is not "GET",
        ApiRequests.Lists => request.Method is "GET" && !request.IsWatch,
        ApiRequests.Watches => request.IsWatch,
        ApiRequests.Leases => request.Url.Contains("/leases", StringComparison.Ordinal),
        ApiRequests.Status => request.Url.Contains("/status", StringComparison.Ordinal),
        _ => !(Done && request.IsWatch),
    };
}
