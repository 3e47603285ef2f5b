using BitbucketOperator.BitbucketSimulator.Faults;
using BitbucketOperator.Chaos.World;
using BitbucketOperator.Core.Api.V1Alpha1;
using BitbucketOperator.Testing.Servers;

namespace BitbucketOperator.Chaos.Schedules;

internal enum BitbucketRequests
{
    Any,
    Listings,
    HookListings,
    HookWrites,
}

/// <summary>What happens to one Bitbucket server.</summary>
internal abstract record ServerStep(int Server) : Step
{
    protected PlayedServer Of(ChaosWorld world) => world.Servers[Server];

    protected string Name => Server == 0 ? "Data Center" : "Cloud";
}

/// <summary>A Bitbucket server answers wrongly, late or not at all.</summary>
/// <param name="Server">Which.</param>
/// <param name="Kind">How.</param>
/// <param name="Status">The code, where it is one.</param>
/// <param name="On">To what.</param>
/// <param name="Chance">In percent, for each of these requests.</param>
/// <param name="Done">It does the work first.</param>
internal sealed record BitbucketFails(int Server, FaultKind Kind, int Status, BitbucketRequests On, int Chance, bool Done)
    : ServerStep(Server)
{
    protected override string Words =>
        $"{Name} answers {Chance} % of {On} with {(Kind == FaultKind.Status ? Status : Kind)}{(Done ? ", having done the work" : "")}";

    public override Task ActAsync(ChaosWorld world)
    {
        Of(world).Faults.Add(ToFault(Of(world).Hosting == Hosting.Cloud));
        return Task.CompletedTask;
    }

    public override Task UndoAsync(ChaosWorld world)
    {
        Of(world).Faults.Remove(Id);
        return Task.CompletedTask;
    }

    private string Id => $"{At} {Kind} {Status} {On}";

    private Fault ToFault(bool cloud)
    {
        var fault = new Fault
        {
            Id = Id,
            Kind = Kind,
            Status = Status,
            Body = "{}",
            ContentType = "application/json",
            LatencyMilliseconds = Kind == FaultKind.Latency ? Status : 0,
            Probability = Chance / 100.0,
            AfterProcessing = Done,
        };
        return On switch
        {
            BitbucketRequests.Listings => fault with { Method = "GET", Path = cloud ? "/2.0/repositories/*" : "**/repos" },
            BitbucketRequests.HookListings => fault with { Method = "GET", Path = cloud ? "**/hooks" : "**/webhooks" },
            BitbucketRequests.HookWrites => fault with { Method = "POST,PUT,DELETE" },
            _ => fault,
        };
    }
}

/// <summary>The server limits requests for a while.</summary>
internal sealed record Limit(int Server) : ServerStep(Server)
{
    private const int AtOnce = 6;
    private const int AnHour = 2000;

    protected override string Words => $"{Name} limits requests";

    public override Task ActAsync(ChaosWorld world)
    {
        Of(world).Limit(Of(world).Hosting == Hosting.Cloud ? AnHour : AtOnce);
        return Task.CompletedTask;
    }

    public override Task UndoAsync(ChaosWorld world)
    {
        Of(world).Limit(null);
        return Task.CompletedTask;
    }
}

/// <summary>The account loses rights for a while: on a place above the repositories, or on a repository.</summary>
internal sealed record TakeRight(int Server, int Which, bool ProjectLevel, RepoRight Left) : ServerStep(Server)
{
    protected override string Words =>
        ProjectLevel ? $"{Name}: no rights on project or workspace {Which}" : $"{Name}: {Left} on repository {Which}";

    public override Task ActAsync(ChaosWorld world)
    {
        var server = Of(world);
        if (ProjectLevel)
        {
            server.SetManagesAbove(Pick(server.ProjectLevel, Which)!, manages: false);
        }
        else if (Pick(server.Repositories, Which) is { } repository)
        {
            server.SetRight(repository.Id, Left);
            if (Left == RepoRight.None)
            {
                world.Unseen.UnionWith(world.OursOn(server).Where(h => h.PlaceId == repository.Id).Select(h => h.Id));
            }
        }

        return Task.CompletedTask;
    }

    public override Task UndoAsync(ChaosWorld world)
    {
        var server = Of(world);
        foreach (var scope in server.ProjectLevel)
        {
            server.SetManagesAbove(scope, manages: true);
        }

        server.GrantAll();
        return Task.CompletedTask;
    }
}

internal enum Drift
{
    Url,
    Events,
    Active,
    Ssl,
    Secret,
    Delete,
    Copy,
}

/// <summary>A person changes one of our webhooks.</summary>
internal sealed record ChangeHook(int Server, int Which, Drift Drift) : ServerStep(Server)
{
    protected override string Words => $"{Name}: {Drift} of webhook {Which}";

    public override Task ActAsync(ChaosWorld world)
    {
        var server = Of(world);
        if (Pick(world.OursOn(server), Which) is not { } hook)
        {
            return Task.CompletedTask;
        }

        world.Note($"{Drift} of {hook.Id} on {server.NameOf(hook.PlaceId)}");
        if (Drift == Drift.Delete) server.RemoveHook(hook.Id);
        else if (Drift == Drift.Copy) server.AddHook(hook.PlaceId, hook.Title, hook.Marker, hook.Fields);
        else server.ChangeHook(hook with { Fields = Changed(server, hook.Fields) });
        return Task.CompletedTask;
    }

    private HookFields Changed(PlayedServer server, HookFields fields) => Drift switch
    {
        Drift.Url => fields with { Url = "https://elsewhere.example.com/" },
        Drift.Events => fields with { Events = server.EventSets[0] == fields.Events ? server.EventSets[1] : server.EventSets[0] },
        Drift.Active => fields with { Active = !fields.Active },
        // On Cloud nobody can tell a secret from the one that the mark speaks of.
        Drift.Secret when server.Hosting != Hosting.Cloud => fields with { Secret = "a-secret-of-somebody" },
        _ => fields with { Ssl = !fields.Ssl },
    };
}

/// <summary>Somebody else makes a webhook, which has nothing to do with ours.</summary>
internal sealed record AddForeign(int Server, int Which) : ServerStep(Server)
{
    protected override string Words => $"{Name}: somebody else's webhook on place {Which}";

    public override Task ActAsync(ChaosWorld world)
    {
        var server = Of(world);
        var place = Pick([.. server.Repositories.Select(r => r.Id), .. server.ProjectLevel], Which)!;
        var before = server.Hooks.Select(h => h.Id).ToHashSet(StringComparer.Ordinal);
        var url = $"https://somebody-{before.Count}.example.com/";
        var fields = new HookFields(url, server.EventSets[1], Active: false, Ssl: true, Secret: null);
        server.AddHook(place, "somebody's", marker: null, fields);
        var made = server.Hooks.Single(h => !before.Contains(h.Id) && h.Fields == fields);
        world.Foreign.Add(made.Id, made);
        return Task.CompletedTask;
    }
}

internal enum RepositoryChange
{
    Add,
    Remove,
    Rename,
    Archive,
    Reopen,
}

/// <summary>A person makes a repository, or changes one.</summary>
internal sealed record ChangeRepository(int Server, int Which, RepositoryChange Change) : ServerStep(Server)
{
    protected override string Words => $"{Name}: {Change} repository {Which}";

    public override Task ActAsync(ChaosWorld world)
    {
        var server = Of(world);
        var fresh = $"repo-{(int)At.TotalMilliseconds}";
        if (Change == RepositoryChange.Add)
        {
            if (server.IsFree("PLAT", fresh)) server.AddRepository("PLAT", fresh, archived: false, fork: false);
            return Task.CompletedTask;
        }

        if (Pick([.. server.Repositories.Where(r => !PlayedConnection.KeptSlugs.Contains(r.Slug))], Which) is { } repository)
        {
            world.Note($"{Change} {repository.Path}");
            ApplyTo(world, server, repository, fresh);
        }

        return Task.CompletedTask;
    }

    private void ApplyTo(ChaosWorld world, PlayedServer server, Repo repository, string fresh)
    {
        switch (Change)
        {
            case RepositoryChange.Rename when server.IsFree(repository.Project, fresh):
                server.MoveRepository(repository.Id, repository.Project, fresh);
                break;
            case RepositoryChange.Archive or RepositoryChange.Reopen:
                server.Archive(repository.Id, Change == RepositoryChange.Archive);
                break;
            case RepositoryChange.Remove when server.Repositories.Count(r => r.Project == repository.Project) > 1:
                server.RemoveRepository(repository.Id);
                foreach (var gone in world.Foreign.Values.Where(h => h.PlaceId == repository.Id).ToList())
                {
                    world.Foreign.Remove(gone.Id);
                }

                break;
        }
    }
}
