using BitbucketOperator.Convergence.Tests.Histories;
using BitbucketOperator.Convergence.Tests.Rules;
using BitbucketOperator.Core.Api.V1Alpha1;
using CsCheck;

namespace BitbucketOperator.Convergence.Tests;

/// <summary>
/// Whatever happens to a connection, once all is well again the operator comes to rest within a few reconciles with exactly the
/// desired webhooks, and never touches those of others. By default 150 histories are played for each flavour, the same ones in
/// every run, so that a change is not refused for a fault that was there before. CsCheck_Iter plays as many random ones:
/// <c>CsCheck_Iter=3000 dotnet run --project tests/Convergence.Tests</c>. A failing history is printed with its seed, and
/// reduced; to play it alone:
/// <c>CsCheck_Seed=... CsCheck_Iter=1 dotnet run --project tests/Convergence.Tests -- --filter-method '*ComesToRest'</c>.
/// </summary>
public sealed class ConvergenceTests(ITestOutputHelper output)
{
    private const int FixedHistories = 150;
    private const int Threads = 2;

    [Theory]
    [InlineData(Hosting.DataCenter)]
    [InlineData(Hosting.Cloud)]
    public async Task AnyHistory_OnceHealed_ComesToRest(Hosting hosting)
    {
        if (Environment.GetEnvironmentVariable("CsCheck_Iter") is null)
        {
            await Parallel.ForEachAsync(
                Enumerable.Range(0, FixedHistories),
                new ParallelOptions { MaxDegreeOfParallelism = Threads, CancellationToken = TestContext.Current.CancellationToken },
                async (i, _) => await PlayAsync(hosting, new PCG(stream: 1, seed: (ulong)i).ToString(), iterations: 1, threads: 1));
            return;
        }

        await PlayAsync(hosting, seed: null, iterations: -1, Threads, output.WriteLine);
    }

    // What was renamed or moved since the last discovery, and deleted before the next.
    [Theory]
    [InlineData(Hosting.DataCenter, false, false)]
    [InlineData(Hosting.DataCenter, true, false)]
    [InlineData(Hosting.DataCenter, true, true)]
    [InlineData(Hosting.Cloud, false, false)]
    [InlineData(Hosting.Cloud, true, false)]
    [InlineData(Hosting.Cloud, true, true)]
    public async Task DeletedBeforeANewNameIsKnown_NothingIsLeft(Hosting hosting, bool restarted, bool inventoriesLost)
    {
        foreach (var projects in new[] { 0, FirstTwo })
        {
            foreach (var renamed in NewNames)
            {
                // Nothing tells of one repository that moved away from others when all that was known is lost.
                if (inventoriesLost && renamed is ChangeRepository)
                {
                    continue;
                }

                Step[] then = [.. restarted ? [new Restart()] : Array.Empty<Step>(), .. inventoriesLost ? [new LoseInventories()] : Array.Empty<Step>()];
                await Story.PlayAsync(hosting, new History(SetupOf(projects), [Passes, Passes, new Unexcused(renamed), .. then], []));
            }
        }
    }

    [Theory]
    [InlineData(Hosting.DataCenter, false)]
    [InlineData(Hosting.DataCenter, true)]
    [InlineData(Hosting.Cloud, false)]
    [InlineData(Hosting.Cloud, true)]
    public async Task LeftOutBeforeANewNameIsKnown_NothingIsLeft(Hosting hosting, bool restarted)
    {
        foreach (var renamed in NewNames)
        {
            Step[] then = [.. restarted ? [new Restart()] : Array.Empty<Step>(), new SetDiscovery(2, 0, 0, Archived: false, Forks: true)];
            await Story.PlayAsync(hosting, new History(SetupOf(FirstTwo), [Passes, Passes, new Unexcused(renamed), .. then], Deletion: null));
        }
    }

    private const int FirstTwo = 3;

    private static Pass Passes => new([], null);

    private static Step[] NewNames =>
    [
        new RenameProject(1, 3),
        new ChangeRepository(0, RepositoryChange.Move, 0),
        new ChangeRepository(0, RepositoryChange.Rename, 3),
    ];

    // Two repositories in PLAT, one in TOOLS, none in LABS, which the server names first.
    private static Setup SetupOf(int discoveredProjects) => new(
        PageSize: 2,
        Projects: 3,
        [new(0, false, false), new(0, false, false), new(1, false, false)],
        [new(Name: 0, Url: 0, Events: 0, Active: true, Ssl: true, Secret: 0, Level: 0)],
        new SetDiscovery(discoveredProjects, 0, 0, Archived: false, Forks: true),
        ManagesAbove: 0);

    private static async Task PlayAsync(Hosting hosting, string? seed, int iterations, int threads, Action<string>? writeLine = null)
    {
        History? failing = null;
        try
        {
            await Generators.Histories.SampleAsync(
                history => Story.PlayAsync(hosting, history),
                writeLine,
                seed,
                iterations,
                threads: threads,
                print: history => (failing = history).ToString());
        }
        catch (CsCheckException e) when (failing is not null)
        {
            var reduced = await new Reducer(hosting).ReduceAsync(failing);
            throw new BrokenRuleException(
                $"{e.Message.Split('\n')[0]}\n{(reduced is { } found ? $"reduced to\n{found.History}\nwhich fails with\n{found.Failure}" : e.ToString())}");
        }
    }

    /// <summary>A step after which webhooks that went somewhere else must be found nevertheless.</summary>
    private sealed record Unexcused(Step Step) : Step
    {
        public override void ApplyTo(Scene scene)
        {
            Step.ApplyTo(scene);
            scene.Lost.Clear();
        }
    }
}
