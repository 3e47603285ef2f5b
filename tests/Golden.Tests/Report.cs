using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using BitbucketOperator.Core.Api;
using BitbucketOperator.Core.Api.V1Alpha1;
using BitbucketOperator.Core.Mapping;
using BitbucketOperator.Core.Ownership;
using BitbucketOperator.Core.Port;
using BitbucketOperator.Core.Validation;
using BitbucketOperator.Golden.Tests.Simulation;

namespace BitbucketOperator.Golden.Tests;

/// <summary>
/// What a step left, as users read it: lines, by names that do not change with the rest. What only the operator itself
/// reads of its status is left out; it shows in what the operator does in the next step.
/// </summary>
internal static class Report
{
    public static JsonObject Of(Settled settled, SimulatedCluster cluster, SimulatedServer server)
    {
        var report = new JsonObject();
        Add(report, "recordedAhead", settled.Ahead is { } ahead ? RecordedAhead(ahead) : null);
        Add(report, "writes", Counted(server.Writes));
        Add(report, "refused", Counted(server.Refusals));
        Add(report, "tested", Lines(server.Tests));
        Add(report, "secretsMade", Lines(cluster.SecretsMade));
        Add(report, "webhooks", Webhooks(cluster, server));
        Add(report, "status", settled.IsGone ? null : Status(cluster));
        Add(report, "events", Events(cluster.Events));
        Add(report, "wakes", Lines(cluster.Woken));
        report["requeue"] = settled.IsGone ? "resource is gone" : Requeue(settled);
        return report;
    }

    private static void Add(JsonObject report, string name, JsonNode? value)
    {
        if (value is JsonObject { Count: > 0 } or JsonArray { Count: > 0 })
        {
            report[name] = value;
        }
    }

    private static JsonObject RecordedAhead(BitbucketConnectionStatus status) => new()
    {
        ["conditions"] = Conditions(status),
        ["managedIn"] = string.Join(", ", status.Bookkeeping?.ManagedIn ?? []),
    };

    private static JsonObject Conditions(BitbucketConnectionStatus status) =>
        new(status.Conditions.Select(c => KeyValuePair.Create(c.Type, (JsonNode?)$"{c.Status} {c.Reason}: {c.Message}")));

    private static JsonObject Events(IEnumerable<(string Reason, string Text)> events)
    {
        var byReason = new JsonObject();
        foreach (var (reason, text) in events)
        {
            var key = reason;
            for (var i = 2; byReason.ContainsKey(key); i++)
            {
                key = $"{reason} {i}";
            }

            byReason[key] = text;
        }

        return byReason;
    }

    private static string Requeue(Settled settled) => settled.Last switch
    {
        { RequeueAfter: { } after } => $"{after.TotalMinutes.ToString("0.#", CultureInfo.InvariantCulture)} minutes",
        { IsSuccess: true } => "on change",
        _ => "back-off",
    };

    private static JsonArray Lines(IEnumerable<string> lines) => new([.. lines.Select(l => JsonValue.Create(l))]);

    // Equal lines come of repositories that one entry of the world stands for.
    private static JsonArray Counted(IEnumerable<string> lines) =>
        Lines(lines.CountBy(l => l, StringComparer.Ordinal).Select(l => l.Value == 1 ? l.Key : $"{l.Key} ({l.Value} times)"));

    private static JsonObject Webhooks(SimulatedCluster cluster, SimulatedServer server)
    {
        var scopes = server.Scopes.GroupBy(p => p.Value.Pattern, StringComparer.Ordinal).OrderBy(g => g.Key, StringComparer.Ordinal);
        var webhooks = new JsonObject();
        foreach (var scope in scopes)
        {
            var lines = scope.SelectMany(p => p.Value.Webhooks.Select(w => Line(w, cluster, server))).ToList();
            if (lines.Count > 0)
            {
                webhooks[scope.Key] = Counted(lines);
            }
        }

        return webhooks;
    }

    private static string Line(Webhook webhook, SimulatedCluster cluster, SimulatedServer server)
    {
        var id = server.NameOf(webhook);
        if (WebhookMarker.Of(webhook, cluster.Owner) is not { } marker)
        {
            return $"{id} of nobody";
        }

        if (marker.Owner != cluster.Owner.Id)
        {
            var owner = cluster.Others.FirstOrDefault(r => WebhookOwner.Of(SimulatedCluster.Name, r.ToModel()).Id == marker.Owner);
            return $"{id} {marker.Hook} of {(owner is null ? "another connection" : owner.ToModel().FullName)}";
        }

        var differs = cluster.Connection.Spec.Webhooks.Find(w => w.Name == marker.Hook) is { } entry
            ? Differences(webhook, entry, cluster, server).ToList()
            : ["of no entry"];
        return $"{id} {marker.Hook}{(differs.Count == 0 ? "" : $" ({string.Join(", ", differs)})")}";
    }

    private static IEnumerable<string> Differences(Webhook webhook, WebhookSpec entry, SimulatedCluster cluster, SimulatedServer server)
    {
        var events = entry.Events.Count == 0 ? WebhookEvents.DefaultsOf(server.Flavour) : entry.Events.ToHashSet(StringComparer.Ordinal);
        if (webhook.Url != entry.Url)
        {
            yield return $"url {webhook.Url}";
        }

        if (!webhook.Events.SetEquals(events))
        {
            yield return $"events {string.Join(' ', webhook.Events.Order(StringComparer.Ordinal))}";
        }

        if (webhook.Active != entry.Active)
        {
            yield return webhook.Active ? "active" : "not active";
        }

        if (webhook.SslVerification is { } verifies && verifies != entry.SslVerification)
        {
            yield return verifies ? "checks certificates" : "does not check certificates";
        }

        var secret = cluster.SecretOf(entry);
        if (webhook.Secret.IsSet != !string.IsNullOrEmpty(secret))
        {
            yield return webhook.Secret.IsSet ? "with a secret" : "without secret";
        }
        else if (webhook.Secret.Value is { } value && value.Reveal() != secret)
        {
            yield return "with another secret";
        }
    }

    private static JsonObject Status(SimulatedCluster cluster)
    {
        var status = cluster.Connection.Status;
        if (status is null)
        {
            return [];
        }

        var json = JsonSerializer.SerializeToNode(status, ApiJsonContext.Default.BitbucketConnectionStatus)!.AsObject();
        json.Remove("observedGeneration");
        json["conditions"] = Conditions(status);
        Replace(json, "permissions", status.Permissions is { } permissions
            ? new JsonObject(permissions.Select(p => KeyValuePair.Create(p.Capability, (JsonNode?)Line(p))))
            : null);
        Replace(json, "failures", status.Failures is { } failures
            ? Lines(failures.Select(f => $"{f.Count} {f.Reason} on {string.Join(", ", f.Examples)}: {f.Message}"))
            : null);
        Replace(json, "plan", status.Plan is { } plan
            ? Lines(plan.Select(p => $"{p.Action} {p.Webhook} on {Scope(p.Repository, p.Project, p.Workspace)}: {p.Reason}"))
            : null);
        ((json["bookkeeping"] as JsonObject)?["baseline"] as JsonObject)?.Remove("repositories");
        ((json["bookkeeping"] as JsonObject)?["baseline"] as JsonObject)?.Remove("listedBy");
        if ((json["bookkeeping"] as JsonObject)?["baseline"] is JsonObject { Count: 0 })
        {
            (json["bookkeeping"] as JsonObject)!.Remove("baseline");
        }

        var (ns, name) = (cluster.Connection.Metadata.NamespaceProperty, cluster.Connection.Metadata.Name);
        Replace(json, "ownerId", status.OwnerId == WebhookOwner.Of(SimulatedCluster.Name, ns, name).Id ? null : status.OwnerId);
        if (json["webhooks"] is JsonObject webhooks)
        {
            Replace(webhooks, "lastFullCheck", status.Webhooks!.LastFullCheck is { } last ? last >= cluster.Since ? "now" : "earlier" : null);
        }

        return json;
    }

    private static string Scope(string? repository, string? project, string? workspace) =>
        repository ?? (project is not null ? $"project:{project}" : $"workspace:{workspace}");

    private static string Line(PermissionStatus permission)
    {
        var counts = new[] { (permission.GrantedOn, "on"), (permission.MissingOn, "missing on") }.Where(c => c.Item1 is not null)
            .Select(c => $" {c.Item2} {c.Item1}");
        var example = permission.Example is null ? "" : $", such as {permission.Example}";
        var message = permission.Message is null ? "" : $": {permission.Message}";
        return $"{permission.State} {permission.FoundBy} [{permission.Required}]{string.Join(',', counts)}{example}{message}";
    }

    private static void Replace(JsonObject json, string name, JsonNode? value)
    {
        if (value is null)
        {
            json.Remove(name);
        }
        else
        {
            json[name] = value;
        }
    }
}
