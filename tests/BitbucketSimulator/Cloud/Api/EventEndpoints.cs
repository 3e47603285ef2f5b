using System.Globalization;
using System.Text.Json.Nodes;
using BitbucketOperator.BitbucketSimulator.Serving;
using BitbucketOperator.BitbucketSimulator.State;

namespace BitbucketOperator.BitbucketSimulator.Cloud.Api;

/// <summary>The public list of events, in one page.</summary>
internal static class EventEndpoints
{
    public static void Map(CloudRouter router)
    {
        router.Add("GET", "hook_events", Audience.Everyone, Need.Nothing, Index);
        router.Add("GET", "hook_events/{subject:regex(^(repository|workspace)$)}", Audience.Everyone, Need.Nothing, List);
    }

    private static Answer Index(CloudCall call)
    {
        JsonObject Links(string subject) => new()
        {
            ["links"] = new JsonObject { ["events"] = new JsonObject { ["href"] = $"{call.Backend.LinksBase}/2.0/hook_events/{subject}" } },
        };
        return Answer.Ok(new JsonObject { ["repository"] = Links("repository"), ["workspace"] = Links("workspace") });
    }

    private static Answer List(CloudCall call)
    {
        var keys = CloudEvents.Of(call.Route("subject") == "workspace", call.World.Quirks.IssueEvents);
        var values = new JsonArray([.. keys.Select(Event)]);
        return Answer.Ok(new JsonObject { ["page"] = 1, ["pagelen"] = 30, ["size"] = values.Count, ["values"] = values });
    }

    private static JsonNode Event(string key)
    {
        var parts = key.Split(':');
        var label = CultureInfo.InvariantCulture.TextInfo.ToTitleCase(parts[1].Replace('_', ' '));
        return new JsonObject
        {
            ["event"] = key,
            ["category"] = parts[0] == "repo" ? "Repository" : CultureInfo.InvariantCulture.TextInfo.ToTitleCase(parts[0]),
            ["label"] = label,
            ["description"] = $"Whenever this happens: {label}",
        };
    }
}
