using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using BitbucketOperator.Core.Api.V1Alpha1;
using BitbucketOperator.Core.Model;
using BitbucketOperator.Golden.Tests.Given;
using BitbucketOperator.Testing;

namespace BitbucketOperator.Golden.Tests;

/// <summary>
/// Each file below Cases is a connection, the world that is found, and what the operator's reconciler makes of it until all
/// has settled. A new file is a new case; UPDATE_GOLDEN=1 writes what is expected below the line ---.
/// </summary>
public sealed class GoldenTests
{
    private const string Separator = "\n---\n";
    private const int MostInReady = 120;

    private static readonly ConcurrentDictionary<string, Lazy<Task<JsonObject>>> Baselines = new(StringComparer.Ordinal);

    public static TheoryData<string> Cases => [.. Names];

    public static TheoryData<string> PlanCases =>
    [
        .. Names.Where(n => File.ReadAllText(FileOf(n)).Contains("mode: Plan", StringComparison.Ordinal))
            .Where(n => Read(n).Steps[^1] is { Connection: { Spec.Mode: Mode.Plan, Metadata.DeletionTimestamp: null }, World.Server.Fault: null }),
    ];

    private static string Folder { get; } = Path.GetDirectoryName(Here())!;

    private static string CasesFolder { get; } = Path.Combine(Folder, "Cases");

    private static bool Updates => Environment.GetEnvironmentVariable("UPDATE_GOLDEN") == "1";

    private static IReadOnlyList<string> Names { get; } =
    [
        .. Directory.GetFiles(CasesFolder, "*.yaml", SearchOption.AllDirectories)
            .Select(f => Path.GetRelativePath(CasesFolder, f)[..^".yaml".Length]).Order(StringComparer.Ordinal),
    ];

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Case_IsAsExpected(string name)
    {
        var (given, steps, expectation) = Read(name);
        var actual = await ReportsAsync(steps);
        var baseline = expectation.Baseline is { } known ? await BaselineAsync(known) : null;
        if (Updates)
        {
            await File.WriteAllTextAsync(
                FileOf(name), given + Separator + Expectation.Write(actual, expectation.Baseline, baseline), TestContext.Current.CancellationToken);
            return;
        }

        var expected = expectation.Full(baseline);
        Compare(name, expected, actual);
    }

    [Theory]
    [MemberData(nameof(PlanCases))]
    public async Task EnforceAfterPlan_DoesExactlyWhatWasListed(string name)
    {
        var steps = Read(name).Steps;
        using var run = new Run(steps);
        foreach (var step in steps)
        {
            await run.SettleAsync(step);
        }

        var planned = run.Cluster.Connection.Status!;
        await run.SettleAsync(steps[^1].Enforced());
        run.Server.Writes.Count.ShouldBe((planned.Plan?.Count ?? 0) + (planned.PlanNotListed ?? 0));
        var listed = (planned.Plan ?? []).Select(p => (Verb(p.Action), p.Repository ?? p.Project ?? p.Workspace)).Order().ToList();
        if (planned.PlanNotListed is null)
        {
            run.Server.Changes.Select(c => (c.Verb, (string?)c.Scope)).Order().ShouldBe(listed);
        }

        run.Cluster.Connection.Status!.Plan.ShouldBeNull();

        static string Verb(string action) => action switch
        {
            "Create" => "create",
            "Remove" => "delete",
            _ => "update",
        };
    }

    [Fact]
    public void Cases_AreFound() => Names.Count.ShouldBeGreaterThan(200);

    [Fact]
    public async Task Ready_IsShort()
    {
        var tooLong = new List<string>();
        foreach (var name in Names)
        {
            var expectation = Read(name).Expectation;
            var baseline = expectation.Baseline is { } known ? await BaselineAsync(known) : null;
            foreach (var report in expectation.Full(baseline))
            {
                var messages = new[] { report["status"], report["recordedAhead"] }.Select(s => (string?)s?["conditions"]?["Ready"])
                    .Append((string?)report["earlier"]).OfType<string>().Select(m => m[(m.IndexOf(": ", StringComparison.Ordinal) + 2)..]);
                tooLong.AddRange(messages.Where(m => m.Length > MostInReady).Select(m => $"{name}: {m.Length} characters: {m}"));
            }
        }

        tooLong.ShouldBeEmpty($"Ready has at most {MostInReady} characters; details belong into the other conditions and status.failures");
    }

    [Fact]
    public void FullCases_AreFew()
    {
        var full = Names.Count(n => !File.ReadAllText(FileOf(n)).Contains(Separator + "baseline: ", StringComparison.Ordinal));
        full.ShouldBeLessThanOrEqualTo(45, "a case says how it differs from a baseline, so that a new field of status changes few files");
    }

    private static async Task<IReadOnlyList<JsonObject>> ReportsAsync(IReadOnlyList<Step> steps)
    {
        using var run = new Run(steps);
        var reports = new List<JsonObject>();
        string? earlier = null;
        foreach (var step in steps)
        {
            var settled = await run.SettleAsync(step);
            var report = (JsonObject)Expectation.Plain(Report.Of(settled, run.Cluster, run.Server));
            if (step.IsEarlier)
            {
                var ready = run.Cluster.Connection.Status!.Conditions[0];
                earlier = ready.Status == ConditionState.True ? null : $"{ready.Status} {ready.Reason}: {ready.Message}";
            }
            else
            {
                if (earlier is not null)
                {
                    report.Insert(0, "earlier", earlier);
                    earlier = null;
                }

                report.ToJsonString().ShouldNotContain("s3cr3t", customMessage: "the report contains a secret");
                reports.Add(report);
            }

            if (!settled.IsGone)
            {
                (await run.OnceMoreAsync()).ShouldBeEmpty("a second reconcile over the same world writes nothing");
            }
        }

        return reports;
    }

    private static Task<JsonObject> BaselineAsync(string name) => Baselines.GetOrAdd(name, _ => new Lazy<Task<JsonObject>>(async () =>
    {
        var (_, steps, expectation) = Read(name);
        if (expectation.Baseline is not null)
        {
            throw new InvalidDataException($"{name} is a baseline and must be in full");
        }

        return Updates ? (await ReportsAsync(steps))[0] : expectation.Full(baseline: null)[0];
    })).Value;

    private static void Compare(string name, IReadOnlyList<JsonObject> expected, IReadOnlyList<JsonObject> actual)
    {
        for (var i = 0; i < Math.Max(expected.Count, actual.Count); i++)
        {
            var (wanted, found) = (expected.ElementAtOrDefault(i) ?? [], actual.ElementAtOrDefault(i) ?? []);
            JsonNode.DeepEquals(wanted, found).ShouldBeTrue(
                $"{name}{(actual.Count > 1 ? $", step {i + 1}," : "")} differs (- expected, + "
                    + $"actual):\n{LineDiff.Of(Expectation.Text(Expectation.Ordered(wanted, found)), Expectation.Text(found))}");
        }
    }

    private static (string Given, IReadOnlyList<Step> Steps, Expectation Expectation) Read(string name)
    {
        var parts = File.ReadAllText(FileOf(name)).Split(Separator, 2);
        var steps = CaseFile.Read(parts[0], shared => File.ReadAllText(Path.Combine(Folder, "Shared", shared + ".yaml")));
        return (parts[0].TrimEnd('\n'), steps, Expectation.Read(parts.ElementAtOrDefault(1) ?? ""));
    }

    private static string FileOf(string name) => Path.Combine(CasesFolder, name + ".yaml");

    private static string Here([CallerFilePath] string path = "") => path;
}
