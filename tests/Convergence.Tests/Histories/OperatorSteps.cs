using BitbucketOperator.BitbucketSimulator.Faults;
using BitbucketOperator.Convergence.Tests.World;

namespace BitbucketOperator.Convergence.Tests.Histories;

internal enum Trouble
{
    RateLimited,
    RateLimitedForLong,
    ServerError,
    BadGateway,
    Unavailable,
    NotFound,
    Unauthorized,
    Forbidden,
    Conflict,
    Reset,
    EmptyReply,
    Truncated,
    BrokenJson,
    WebPage,
    LostAnswer,
    LostConnection,
    PagingWithoutNext,
    PagingNotIncreasing,
    PagingToAnotherHost,
}

internal enum Requests
{
    Any,
    Listings,
    HookListings,
    HookWrites,
}

/// <summary>What goes wrong in one pass.</summary>
/// <param name="Trouble">How.</param>
/// <param name="On">With which requests.</param>
/// <param name="After">How many of these pass first.</param>
/// <param name="Count">How many it happens to.</param>
internal sealed record PassFault(Trouble Trouble, Requests On, int After, int Count)
{
    public override string ToString() => $"{Trouble} of {On} after {After}, {Count} times";

    public Fault ToFault(bool cloud)
    {
        var fault = Of(Trouble) with { After = After, Count = Count };
        return On switch
        {
            Requests.Listings => fault with { Method = "GET", Path = cloud ? "/2.0/repositories/*" : "**/repos" },
            Requests.HookListings => fault with { Method = "GET", Path = cloud ? "**/hooks" : "**/webhooks" },
            Requests.HookWrites => fault with { Method = "POST,PUT,DELETE" },
            _ => fault,
        };
    }

    private static Fault Of(Trouble trouble) => trouble switch
    {
        Trouble.RateLimited => new Fault { Kind = FaultKind.RateLimited },
        Trouble.RateLimitedForLong => new Fault { Kind = FaultKind.RateLimited, RetryAfter = "1200" },
        Trouble.ServerError => Status(500),
        Trouble.BadGateway => Status(502),
        Trouble.Unavailable => new Fault { Kind = FaultKind.Maintenance },
        Trouble.NotFound => Status(404) with { Body = "<html/>", ContentType = "text/html" },
        Trouble.Unauthorized => Status(401),
        Trouble.Forbidden => Status(403),
        Trouble.Conflict => Status(409),
        Trouble.Reset => new Fault { Kind = FaultKind.Reset },
        Trouble.EmptyReply => new Fault { Kind = FaultKind.EmptyReply },
        Trouble.Truncated => new Fault { Kind = FaultKind.Truncated },
        Trouble.BrokenJson => new Fault { Kind = FaultKind.BrokenJson },
        Trouble.WebPage => new Fault { Kind = FaultKind.Html },
        Trouble.LostAnswer => Status(504) with { AfterProcessing = true },
        Trouble.LostConnection => new Fault { Kind = FaultKind.Reset, AfterProcessing = true },
        Trouble.PagingWithoutNext => new Fault { Kind = FaultKind.PagingWithoutNext },
        Trouble.PagingNotIncreasing => new Fault { Kind = FaultKind.PagingNotIncreasing },
        _ => new Fault { Kind = FaultKind.PagingToAnotherHost },
    };

    private static Fault Status(int status) => new() { Kind = FaultKind.Status, Status = status, Body = "{}", ContentType = "application/json" };
}

/// <summary>The process dies in the midst of a pass.</summary>
/// <param name="After">How many requests the server still answers.</param>
/// <param name="AnswerLost">It does the work of one more.</param>
internal sealed record Crash(int After, bool AnswerLost)
{
    public override string ToString() => $"dies after {After} requests{(AnswerLost ? " and one without answer" : "")}";

    public IEnumerable<Fault> ToFaults()
    {
        var dead = new Fault { Kind = FaultKind.Status, Status = 503, After = After };
        return AnswerLost ? [dead with { AfterProcessing = true, Count = 1 }, dead] : [dead];
    }
}

/// <summary>The operator looks at the connection.</summary>
internal sealed record Pass(IReadOnlyList<PassFault> Faults, Crash? Crash) : Step
{
    public override Task ActAsync(Scene scene) => scene.RunAsync(Faults.Select(f => f.ToFault(scene.IsCloud)), Crash);

    public override void ApplyTo(Scene scene) => throw new NotSupportedException("A pass takes time.");

    public override string ToString() =>
        string.Join("; ", [$"Pass", .. Faults.Select(f => f.ToString()), .. Crash is null ? Array.Empty<string>() : [Crash.ToString()]]);
}

/// <summary>The operator cleans up after the resource was deleted.</summary>
internal sealed record CleanUp(IReadOnlyList<PassFault> Faults, Crash? Crash)
{
    public Task<bool> RunAsync(Scene scene) => scene.RunAsync(Faults.Select(f => f.ToFault(scene.IsCloud)), Crash, cleanUp: true);

    public override string ToString() =>
        string.Join("; ", [$"CleanUp", .. Faults.Select(f => f.ToString()), .. Crash is null ? Array.Empty<string>() : [Crash.ToString()]]);
}

internal sealed record Restart : Step
{
    public override void ApplyTo(Scene scene) => scene.Operator.Restart();
}

/// <summary>
/// Another replica leads from now on. What the former leader sent last arrives after the new one has been through everything: one of
/// our webhooks is as it was.
/// </summary>
internal sealed record HandOver(int Which) : Step
{
    public override async Task ActAsync(Scene scene)
    {
        var late = Scene.Pick([.. scene.Server.Hooks.Where(Marks.IsOurs)], Which);
        scene.Operator.HandOver();
        await scene.RunAsync([]);
        if (late is not null && scene.Server.Hooks.Any(h => h.Id == late.Id))
        {
            scene.Server.ChangeHook(late);
            scene.Note($"a write of the former leader reaches {scene.Server.NameOf(late.PlaceId)} {late.Id}");
        }

        scene.Operator.Clock.Advance(TimeSpan.FromSeconds(30));
        await scene.RunAsync([]);
    }

    public override void ApplyTo(Scene scene) => throw new NotSupportedException("A new leader takes time.");
}

/// <summary>Somebody deletes every inventory while no process runs: that costs requests, and nothing else.</summary>
internal sealed record LoseInventories : Step
{
    public override void ApplyTo(Scene scene)
    {
        scene.Operator.Restart();
        scene.Operator.Inventories.Lose();
    }
}

/// <summary>So much time goes by that every webhook is due.</summary>
internal sealed record Wait : Step
{
    public override void ApplyTo(Scene scene) => scene.Operator.Clock.Advance(TimeSpan.FromHours(3));
}

/// <summary>The resource is made again from its manifest, as after the loss of a cluster: its status is gone.</summary>
internal sealed record LoseStatus : Step
{
    public override void ApplyTo(Scene scene)
    {
        scene.Resource.MakeAgain();
        scene.Operator.Restart();
        scene.Operator.Inventories.Lose();
        scene.Lose(_ => true);
        foreach (var scope in scene.Server.ProjectLevel)
        {
            scene.LoseAt(scope);
        }
    }
}
