using System.Runtime.CompilerServices;
using System.Text.Json;
using BitbucketOperator.Core.Api;
using BitbucketOperator.Core.Api.V1Alpha1;
using BitbucketOperator.Core.Tests.Golden;
using BitbucketOperator.Testing;

namespace BitbucketOperator.Core.Tests;

/// <summary>
/// Each folder below Cases is a connection, the world that a pass finds, and what it makes of it. A new folder is a new
/// case; UPDATE_GOLDEN=1 writes its expected.yaml.
/// </summary>
public sealed class GoldenTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 31, 12, 0, 0, TimeSpan.Zero);

    public static TheoryData<string> Cases => [.. Directory.GetDirectories(CasesFolder).Select(d => Path.GetFileName(d)!).Order(StringComparer.Ordinal)];

    public static TheoryData<string> PlanCases =>
        [.. Directory.GetDirectories(CasesFolder).Where(d => IsPlan(d)).Select(d => Path.GetFileName(d)!).Order(StringComparer.Ordinal)];

    private static string CasesFolder { get; } = Path.Combine(Path.GetDirectoryName(Here())!, "Cases");

    private static bool Updates => Environment.GetEnvironmentVariable("UPDATE_GOLDEN") == "1";

    [Theory]
    [MemberData(nameof(Cases))]
    public void Case_IsAsExpected(string name)
    {
        var (connection, world, stage) = Read(name);
        var result = new Pass(world, stage, connection, Now).Run();
        CheckStatus(connection, result.WriteAhead, Now);
        CheckStatus(connection, result.Status, Now);
        var actual = Report.Of(result, stage, Now);
        actual.ShouldNotContain("s3cr3t", customMessage: "a secret is told");

        var file = Path.Combine(CasesFolder, name, "expected.yaml");
        if (Updates)
        {
            File.WriteAllText(file, actual);
        }

        var expected = File.Exists(file) ? File.ReadAllText(file) : "";
        (expected == actual).ShouldBeTrue($"{name}/expected.yaml differs (- expected, + actual):\n{LineDiff.Of(expected, actual)}");
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void SecondPass_OverWhatTheFirstLeft_WritesNothing(string name)
    {
        var (connection, world, stage) = Read(name);
        var first = new Pass(world, stage, connection, Now).Run();
        for (var moves = 0; moves < 2 && first is { Status: { } left, Next.After: { Ticks: 0 } }; moves++)
        {
            // A webhook that moves takes a pass more.
            connection.Status = Copy(left);
            first = new Pass(world, stage, connection, Now).Run();
        }

        if (first.Status is null)
        {
            return;
        }

        var later = Now.AddMinutes(1);
        connection.Status = Copy(first.Status);
        var second = new Pass(world, stage, connection, later).Run();
        CheckStatus(connection, second.Status, later);
        if (connection.Spec.Mode == Mode.Enforce)
        {
            second.Plan.Changes.ShouldAllBe(c => world.Refused.Exists(r => r.Concerns(c)));
        }

        var (before, after) = (Json(first.Status), Json(second.Status!));
        (before == after).ShouldBeTrue($"{name}: the status of the second pass differs (- first, + second):\n{LineDiff.Of(before, after)}");
        second.Events.ShouldBeEmpty();
    }

    [Theory]
    [MemberData(nameof(PlanCases))]
    public void EnforceAfterPlan_DoesExactlyWhatWasListed(string name)
    {
        var (connection, world, stage) = Read(name);
        var planned = new Pass(world, stage, connection, Now).Run().Status!;
        connection.Status = Copy(planned);
        connection.Spec.Mode = Mode.Enforce;
        foreach (var repository in world.Repositories.Values.OfType<WorldRepository>())
        {
            // Another mode is another wish: all is looked at.
            repository.Remembered = null;
        }

        var enforced = new Pass(world, stage, connection, Now).Run();
        var changes = enforced.Plan.Changes.ToList();
        if (enforced.Next is { After: { Ticks: 0 } })
        {
            connection.Status = Copy(enforced.Status!);
            enforced = new Pass(world, stage, connection, Now).Run();
            changes.AddRange(enforced.Plan.Changes);
        }

        var done = changes.Select(c => $"{c.Kind} {c.Hook} on {c.Place.Name}: {c.Reason}").Order(StringComparer.Ordinal).ToList();
        var listed = (planned.Plan ?? []).Select(p => $"{p.Action} {p.Webhook} on {Connection.StatusPlaces.Place(p)}: {p.Reason}").Order(StringComparer.Ordinal).ToList();
        done.Count.ShouldBe(listed.Count + (planned.PlanNotListed ?? 0));
        listed.ShouldBeSubsetOf(done);
        enforced.Status!.Plan.ShouldBeNull();
    }

    [Fact]
    public void Cases_AreFound() => Cases.Count.ShouldBeGreaterThan(100);

    private static (BitbucketConnection Connection, World World, Stage Stage) Read(string name)
    {
        string Text(string file) => File.ReadAllText(Path.Combine(CasesFolder, name, file));
        var (connection, world) = (Yaml.ReadConnection(Text("connection.yaml")), World.Read(Text("world.yaml")));
        var stage = new Stage(world, connection);
        connection.Metadata.CreationTimestamp ??= Now.AddDays(-10).UtcDateTime;
        connection.Status?.Webhooks?.Verified = stage.Verified(Now);
        if (connection.Status?.Repositories is { } repositories)
        {
            stage.Believe(repositories);
        }

        return (connection, world, stage);
    }

    // A server that cannot be reached now is not reached by the other mode either.
    private static bool IsPlan(string folder) =>
        File.ReadAllText(Path.Combine(folder, "connection.yaml")).Contains("mode: Plan", StringComparison.Ordinal)
        && World.Read(File.ReadAllText(Path.Combine(folder, "world.yaml"))).Server.Fault is null;

    private static void CheckStatus(BitbucketConnection connection, BitbucketConnectionStatus? status, DateTimeOffset now)
    {
        if (status is not null)
        {
            ConditionInvariants.Check(
                new BitbucketConnection { Metadata = connection.Metadata, Spec = connection.Spec, Status = status }, now);
        }
    }

    // The values that move when nothing else does are not reason enough to write.
    private static string Json(BitbucketConnectionStatus status)
    {
        var copy = Copy(status);
        copy.Webhooks?.LastFullCheck = null;
        copy.Webhooks?.Verified?.At = default;
        return JsonSerializer.Serialize(copy, Indented.BitbucketConnectionStatus);
    }

    private static BitbucketConnectionStatus Copy(BitbucketConnectionStatus status) =>
        JsonSerializer.Deserialize(JsonSerializer.Serialize(status, Indented.BitbucketConnectionStatus), Indented.BitbucketConnectionStatus)!;

    private static ApiJsonContext Indented { get; } = new(new JsonSerializerOptions(ApiJsonContext.Default.Options) { WriteIndented = true });

    private static string Here([CallerFilePath] string path = "") => path;
}
