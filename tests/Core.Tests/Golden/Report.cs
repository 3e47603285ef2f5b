using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using BitbucketOperator.Core.Api;
using BitbucketOperator.Core.Api.V1Alpha1;
using BitbucketOperator.Core.Connection;
using BitbucketOperator.Testing;
using YamlDotNet.RepresentationModel;

namespace BitbucketOperator.Core.Tests.Golden;

/// <summary>Writes what a pass left in the way in which a person reads it: a case's expected.yaml.</summary>
internal static class Report
{
    public static string Of(PassResult result, Stage stage, DateTimeOffset now)
    {
        var report = new YamlMappingNode();
        report.Add("plan", Plan(result.Plan));
        if (result.WriteAhead is { } ahead)
        {
            report.Add("writtenAhead", Lines([.. ahead.Conditions.Select(Line), $"managedIn: {string.Join(", ", ahead.Webhooks!.ManagedIn!)}"]));
        }

        if (result.Cleanup is { } cleanup)
        {
            report.Add("cleanup", $"{(cleanup.Done ? "done" : "blocked")}: {cleanup.Message}");
        }

        if (result.Status is { } status)
        {
            report.Add("status", Status(status, stage, now));
        }

        report.Add("next", Next(result));
        report.Add("events", Lines(result.Events.Select(e => $"{(e.Warning ? "Warning" : "Normal")} {e.Reason}: {e.Message}")));
        return Yaml.Write(report);
    }

    private static YamlMappingNode Plan(ConnectionPlan plan)
    {
        var node = new YamlMappingNode { { "changes", Lines(plan.Changes.Select(Line)) } };
        if (plan.RemovalsWithheld is { } why)
        {
            node.Add("removalsWithheld", why);
        }

        return node;
    }

    private static string Line(WebhookChange change)
    {
        var current = change.Current is { } webhook ? $" (webhook {webhook.Id})" : "";
        return $"{change.Kind} {change.Hook} on {change.Place.Name}{current}: {change.Reason}";
    }

    private static YamlNode Status(BitbucketConnectionStatus status, Stage stage, DateTimeOffset now)
    {
        var json = JsonSerializer.SerializeToNode(status, ApiJsonContext.Default.BitbucketConnectionStatus)!.AsObject();
        json["conditions"] = new JsonArray([.. status.Conditions.Select(c => JsonValue.Create(Line(c)))]);
        if (status.Webhooks is { LastFullCheck: { } last })
        {
            json["webhooks"]!["lastFullCheck"] = Ago(now - last);
        }

        if (status.Webhooks?.Verified is { } verified)
        {
            json["webhooks"]!["verified"] = new JsonObject
            {
                ["at"] = Ago(now - verified.At),
                ["repositories"] = verified.Repositories,
                ["set"] = string.Join(", ", stage.NamesIn(verified)),
                ["desired"] = verified.Desired == VisitSchedule.DesiredFingerprint(stage.Desired()) ? "as now" : "other",
            };
        }

        if (stage.IsOwnerDerived)
        {
            json["webhooks"]?.AsObject().Remove("owner");
        }

        if (status.Repositories is { ListedBy: { } rules, Believed: { } believed } repositories)
        {
            Believed(json["repositories"]!.AsObject(), rules == stage.ListedBy ? "as now" : "other", believed == repositories.Discovered);
        }

        return Yaml.FromJson(json);
    }

    // Worth a line only where the last listing is not the believed one.
    private static void Believed(JsonObject repositories, string rules, bool isLast)
    {
        repositories["listedBy"] = rules;
        if (isLast && rules == "as now")
        {
            repositories.Remove("listedBy");
            repositories.Remove("believed");
        }
    }

    private static string Ago(TimeSpan time) => time == TimeSpan.Zero ? "now" : $"{time.TotalMinutes.ToString(CultureInfo.InvariantCulture)} minutes ago";

    private static string Line(Condition condition) => $"{condition.Type} {condition.Status} {condition.Reason}: {condition.Message}";

    private static string Next(PassResult result)
    {
        if (result.Next is not { } next)
        {
            return "on change";
        }

        return next.After is { } after
            ? $"in {after.TotalMinutes.ToString("0.#", CultureInfo.InvariantCulture)} minutes"
            : result.Cleanup is { Done: true } ? "never" : "back-off";
    }

    private static YamlSequenceNode Lines(IEnumerable<string> lines) => new(lines.Select(l => new YamlScalarNode(l)));
}
