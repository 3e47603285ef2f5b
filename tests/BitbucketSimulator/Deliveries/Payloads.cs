using System.Globalization;
using System.Text.Json.Nodes;
using BitbucketOperator.BitbucketSimulator.DataCenter;
using BitbucketOperator.BitbucketSimulator.State;

namespace BitbucketOperator.BitbucketSimulator.Deliveries;

/// <summary>Event bodies. From version 10 on, dates inside them are ISO text instead of milliseconds.</summary>
internal static class Payloads
{
    public static JsonObject Push(World world, Repository repository, string branch, User? actor, Shapes shapes, DateTimeOffset now)
    {
        var reference = $"refs/heads/{branch}";
        return new JsonObject
        {
            ["eventKey"] = "repo:refs_changed",
            ["date"] = OffsetWithoutColon(now),
            ["actor"] = actor is null ? new JsonObject { ["name"] = "pusher", ["id"] = 0, ["type"] = "NORMAL" } : shapes.User(actor),
            ["repository"] = shapes.Repository(repository),
            ["changes"] = new JsonArray(new JsonObject
            {
                ["ref"] = new JsonObject { ["id"] = reference, ["displayId"] = branch, ["type"] = "BRANCH" },
                ["refId"] = reference,
                ["fromHash"] = Hash(repository.Id, now.Ticks - 1),
                ["toHash"] = Hash(repository.Id, now.Ticks),
                ["type"] = "UPDATE",
            }),
            ["toCommit"] = new JsonObject
            {
                ["id"] = Hash(repository.Id, now.Ticks),
                ["message"] = $"Change on {branch}",
                ["authorTimestamp"] = Timestamp(world, now),
                ["committerTimestamp"] = Timestamp(world, now),
            },
        };
    }

    private static JsonValue Timestamp(World world, DateTimeOffset time) => world.Version.WritesIsoPayloadDates()
        ? JsonValue.Create(time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture))!
        : JsonValue.Create(time.ToUnixTimeMilliseconds());

    private static string OffsetWithoutColon(DateTimeOffset time) =>
        time.ToUniversalTime().ToString("yyyy-MM-dd'T'HH:mm:ss", CultureInfo.InvariantCulture) + "+0000";

    private static string Hash(int id, long salt) => $"{id:x8}{salt:x16}".PadRight(40, '0');
}
