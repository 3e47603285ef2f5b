using BitbucketOperator.Chaos.Rules;
using BitbucketOperator.Chaos.World;

namespace BitbucketOperator.Chaos.Runs;

/// <summary>Brings a world back into order and waits until it is at rest.</summary>
internal static class Rest
{
    /// <summary>
    /// A Lease of 30 s, an interval of 1 min, and a busy machine. A listing without an end uses up Cloud's limit: discovery goes on when a
    /// quarter of it has come back, after 4 min.
    /// </summary>
    public static readonly TimeSpan Limit = TimeSpan.FromMinutes(6);

    /// <summary>Makes good what steps leave behind: all processes run, no server misbehaves, deleted connections are made again.</summary>
    public static async Task HealAsync(ChaosWorld world)
    {
        world.Note("heals");
        foreach (var server in world.Servers)
        {
            server.Faults.Clear();
        }

        foreach (var replica in world.ReplicaList)
        {
            await replica.ResumeAsync();
            replica.EnsureRunning();
        }

        foreach (var connection in world.Connections.Where(c => c.Deleted))
        {
            await GoneAsync(world, connection);
            connection.Deleted = false;
            await world.ApplyAsync(connection);
            world.Note($"made {connection.Name} again");
        }
    }

    /// <summary>Waits until every webhook and every status is as it must be.</summary>
    /// <exception cref="BrokenRuleException">They are not in time.</exception>
    public static async Task ReachedAsync(ChaosWorld world)
    {
        IReadOnlyList<string> violations = [];
        if (!await Eventually.IsTrueWithinAsync(Limit, async () => (violations = await RestRules.ViolationsAsync(world)).Count == 0))
        {
            throw new BrokenRuleException([$"not at rest after {Limit.TotalMinutes:0} minutes:", .. violations]);
        }

        world.Note("at rest");
    }

    /// <summary>Asks for a reconcile of some connections; each has to answer.</summary>
    public static async Task AskAsync(ChaosWorld world, IEnumerable<PlayedConnection> connections)
    {
        foreach (var connection in connections)
        {
            var request = Guid.NewGuid().ToString("N");
            await world.RequestAsync(connection, request);
            world.Note($"a reconcile of {connection.Name} is asked for");
            var answered = await Eventually.IsTrueWithinAsync(
                Limit, async () => (await world.ReadAsync(connection))?.Status?.LastHandledReconcileAt == request);
            if (!answered)
            {
                throw new BrokenRuleException([$"{connection.Name} did not answer a request within {Limit.TotalMinutes:0} minutes"]);
            }
        }
    }

    /// <summary>Deletes all connections; nothing but other people's webhooks may be left.</summary>
    public static async Task ClearAsync(ChaosWorld world)
    {
        foreach (var connection in world.Connections)
        {
            connection.Deleted = true;
            await world.DeleteAsync(connection);
        }

        foreach (var connection in world.Connections)
        {
            await GoneAsync(world, connection);
        }

        if (RestRules.Leftovers(world) is { Count: > 0 } left)
        {
            throw new BrokenRuleException(["after the deletion of all connections:", .. left]);
        }
    }

    private static async Task GoneAsync(ChaosWorld world, PlayedConnection connection)
    {
        if (!await Eventually.IsTrueWithinAsync(Limit, async () => await world.ReadAsync(connection) is null))
        {
            throw new BrokenRuleException([$"the deletion of {connection.Name} did not end within {Limit.TotalMinutes:0} minutes"]);
        }
    }
}
