using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using BitbucketOperator.Core.Api;
using BitbucketOperator.Core.Api.V1Alpha1;
using BitbucketOperator.Golden.Tests;
using BitbucketOperator.Testing;

namespace BitbucketOperator.Packaging.Tests.GitOps;

/// <summary>What Argo CD and Flux make of what the operator writes.</summary>
public sealed partial class HealthTests
{
    private static readonly string CasesFolder = SourceTree.PathOf("tests", "Golden.Tests", "Cases");

    private static readonly List<Reason> AllReasons =
        [.. typeof(Reasons).GetFields(BindingFlags.Public | BindingFlags.Static).Select(f => (Reason)f.GetValue(null)!)];

    [Fact]
    public async Task EveryReason_IsShownWithItsMessage_ByTheStateOfReady()
    {
        var cases = AllReasons.SelectMany(r => Enum.GetValues<ConditionState>().Select(state => (Reason: r.Name, State: state))).ToList();
        var health = await ArgoCd.HealthOfAsync(cases.Select(c => Connection(Status(Condition("Ready", c.State, c.Reason, $"about {c.Reason}")))));
        health.Zip(cases).ShouldAllBe(h => h.First == new ArgoHealth(
            h.Second.State == ConditionState.True ? "Healthy" : h.Second.State == ConditionState.False ? "Degraded" : "Progressing",
            $"about {h.Second.Reason}"));
        health.Count.ShouldBeGreaterThan(150);
    }

    [Fact]
    public async Task EveryReasonOfStalled_IsDegraded()
    {
        var cases = AllReasons.ConvertAll(r => Connection(Status(
            Condition("Ready", ConditionState.False, r.Name, $"about {r.Name}"), Condition("Stalled", ConditionState.True, r.Name, "stalled"))));
        (await ArgoCd.HealthOfAsync(cases)).ShouldBe(AllReasons.Select(r => new ArgoHealth("Degraded", $"about {r.Name}")));
    }

    [Fact]
    public async Task SituationsWithoutAReason()
    {
        var ready = Status(Condition("Ready", ConditionState.True, "Succeeded", "fine"));
        var old = ready.DeepClone().AsObject();
        old["observedGeneration"] = 2;
        var again = Status(Condition("Ready", ConditionState.True, "Succeeded", "fine"), Condition("Reconciling", ConditionState.True, "Progressing", "at it"));
        var blocked = Status(Condition("Ready", ConditionState.False, "CleanupBlocked", "the server is gone"));
        (await ArgoCd.HealthOfAsync(
        [
            Connection(null), Connection([]), Connection(old), Connection(again),
            Connection(ready, suspend: true), Connection(null, suspend: true),
            Connection(ready, deleted: true), Connection(blocked, deleted: true), Connection(ready, suspend: true, deleted: true),
        ])).Select(h => h.Status).ShouldBe(
            ["Progressing", "Progressing", "Progressing", "Progressing", "Suspended", "Suspended", "Progressing", "Degraded", "Progressing"]);
    }

    [Fact]
    public async Task GoldenStatuses_LookTheSameToArgoCdAndFlux_WithTheMessageOfReady()
    {
        var cases = GoldenCases().ToList();
        cases.Count.ShouldBeGreaterThan(50);
        var health = await ArgoCd.HealthOfAsync(cases.Select(c => c.Connection));
        foreach (var ((name, connection), shown) in cases.Zip(health))
        {
            string[] fits = Flux(connection) switch
            {
                KStatusState.Current => ["Healthy"],
                KStatusState.Failed => ["Degraded"],
                // Flux waits for a failure that is tried again, until its time-out; Argo CD shows it at once.
                _ => ["Progressing", "Degraded", "Suspended"],
            };
            fits.ShouldContain(shown.Status, $"{name}: {shown}");
            if (shown.Status is "Healthy" or "Degraded")
            {
                shown.Message.ShouldBe(MessageOfReady(connection), name);
            }
        }
    }

    private static string MessageOfReady(JsonObject connection) =>
        connection["status"]!["conditions"]!.AsArray().Single(c => c!["type"]!.GetValue<string>() == "Ready")!["message"]!.GetValue<string>();

    private static KStatusState Flux(JsonObject connection) =>
        KStatus.Of(connection.Deserialize(ApiJsonContext.Default.BitbucketConnection)!);

    /// <summary>The connection of each golden case, with the conditions that its last reconcile leaves.</summary>
    private static IEnumerable<(string Name, JsonObject Connection)> GoldenCases()
    {
        foreach (var file in Directory.GetFiles(CasesFolder, "*.yaml", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            var (given, expectation) = Case(file);
            var baseline = expectation.Baseline is { } name ? Case(Path.Combine(CasesFolder, name + ".yaml")).Expectation.Full(baseline: null)[0] : null;
            // Nothing is left of a connection whose clean-up is done.
            if (expectation.Full(baseline)[^1]["status"]?["conditions"] is not JsonObject conditions)
            {
                continue;
            }

            JsonObject[] steps = [given, .. given["then"]?.AsArray().Select(s => s!.AsObject()) ?? []];
            yield return (
                Path.GetRelativePath(CasesFolder, file),
                Connection(
                    Status([.. conditions.Select(c => FromLine($"{c.Key} {c.Value}"))]),
                    suspend: steps.Any(s => s["spec"]?["suspend"]?.ToString() == "true"),
                    deleted: steps.Any(s => s["deleted"]?.ToString() == "true")));
        }
    }

    private static (JsonObject Given, Expectation Expectation) Case(string file) => File.ReadAllText(file).Split("\n---\n", 2) is [var given, var expected]
        ? (Yaml.ToJson(Yaml.Documents(given)[0])!.AsObject(), Expectation.Read(expected))
        : throw new InvalidDataException($"{file} has no second document");

    private static JsonObject FromLine(string line)
    {
        var parts = ConditionLine().Match(line).Groups;
        return Condition(parts["type"].Value, Enum.Parse<ConditionState>(parts["state"].Value), parts["reason"].Value, parts["message"].Value);
    }

    private static JsonObject Connection(JsonObject? status, bool suspend = false, bool deleted = false) => new()
    {
        ["metadata"] = new JsonObject { ["name"] = "platform", ["generation"] = 3, ["deletionTimestamp"] = deleted ? "2026-01-31T12:00:00Z" : null },
        ["spec"] = new JsonObject { ["suspend"] = suspend },
        ["status"] = status?.DeepClone(),
    };

    private static JsonObject Status(params JsonNode[] conditions) => new() { ["observedGeneration"] = 3, ["conditions"] = new JsonArray(conditions) };

    private static JsonObject Condition(string type, ConditionState state, string reason, string message) =>
        new() { ["type"] = type, ["status"] = state.ToString(), ["reason"] = reason, ["message"] = message, ["lastTransitionTime"] = "2026-01-31T12:00:00Z" };

    [GeneratedRegex(@"^(?<type>\w+) (?<state>\w+) (?<reason>\w+): (?<message>.*)$", RegexOptions.Singleline | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex ConditionLine();
}
