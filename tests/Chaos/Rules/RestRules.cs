using BitbucketOperator.Chaos.World;
using BitbucketOperator.Core.Api;
using BitbucketOperator.Core.Api.V1Alpha1;
using BitbucketOperator.Testing.Servers;

namespace BitbucketOperator.Chaos.Rules;

/// <summary>How a healed world has to be in the end.</summary>
internal static class RestRules
{
    /// <summary>What is not as it must be; empty at rest.</summary>
    public static async Task<IReadOnlyList<string>> ViolationsAsync(ChaosWorld world)
    {
        var statuses = await Task.WhenAll(world.Connections.Select(async c => OfStatus(c, await world.ReadAsync(c))));
        return [.. world.Servers.SelectMany(s => OfServer(world, s)), .. statuses.SelectMany(s => s)];
    }

    /// <summary>What is not as it must be when all connections are gone.</summary>
    public static IReadOnlyList<string> Leftovers(ChaosWorld world) => [.. world.Servers.SelectMany(s => OfServer(world, s))];

    private static IEnumerable<string> OfServer(ChaosWorld world, PlayedServer server)
    {
        var hooks = server.Hooks;
        var found = hooks.Where(h => !world.Foreign.ContainsKey(h.Id)).ToList();
        var expected = world.Connections
            .Where(c => c.Server == server && !c.Deleted)
            .SelectMany(c => c.Places.Select(p => (Place: p, c.Fields)))
            .ToList();
        foreach (var right in expected.Where(e => found.RemoveFirst(h => h.PlaceId == e.Place && h.Fields == e.Fields) is null))
        {
            yield return $"{server.NameOf(right.Place)} lacks {right.Fields}";
        }

        foreach (var surplus in found.Where(h => !world.Unseen.Contains(h.Id)))
        {
            yield return $"{server.NameOf(surplus.PlaceId)} must not have {surplus.Fields}";
        }

        var all = hooks.ToDictionary(h => h.Id, StringComparer.Ordinal);
        foreach (var foreign in world.Foreign.Values.Where(f => server.Hosting == HostingOf(f) && all.GetValueOrDefault(f.Id) != f))
        {
            yield return $"a webhook of somebody else was {foreign} and is {all.GetValueOrDefault(foreign.Id)?.ToString() ?? "gone"}";
        }
    }

    private static Hook? RemoveFirst(this List<Hook> hooks, Predicate<Hook> which)
    {
        var at = hooks.FindIndex(which);
        if (at < 0)
        {
            return null;
        }

        var hook = hooks[at];
        hooks.RemoveAt(at);
        return hook;
    }

    // Only Cloud has UUIDs.
    private static Hosting HostingOf(Hook hook) => hook.Id.StartsWith('{') ? Hosting.Cloud : Hosting.DataCenter;

    private static List<string> OfStatus(PlayedConnection wanted, BitbucketConnection? connection)
    {
        if (wanted.Deleted || connection is null)
        {
            return wanted.Deleted == (connection is null) ? [] : [$"{wanted.Name} is {(connection is null ? "gone" : "still there")}"];
        }

        if (connection.Status is not { } status || status.ObservedGeneration != connection.Metadata.Generation)
        {
            var seen = connection.Status?.ObservedGeneration;
            return [$"{wanted.Name} is at generation {connection.Metadata.Generation}, and its status at {seen}"];
        }

        var (ready, places) = (status.Conditions.Find(c => c.Type == ConditionTypes.Ready), wanted.Places.Count);
        var now = TimeProvider.System.GetUtcNow();
        List<string> violations = [.. ConditionInvariants.Violations(connection, now).Select(v => $"{wanted.Name}: {v}")];
        if (ready?.Status != ConditionState.True)
        {
            violations.Add($"{wanted.Name} is not Ready: {ready?.Reason} {ready?.Message}");
        }

        if (status.Webhooks?.ReadyOfDesired() != $"{places}/{places}")
        {
            violations.Add($"{wanted.Name} counts {status.Webhooks?.ReadyOfDesired()} webhooks, and there must be {places}");
        }

        return violations;
    }
}
