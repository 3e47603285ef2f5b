using BitbucketOperator.Testing.Servers;
using BitbucketOperator.Convergence.Tests.World;
using BitbucketOperator.Core.Api.V1Alpha1;
using CsCheck;

namespace BitbucketOperator.Convergence.Tests.Histories;

/// <summary>Makes up histories.</summary>
internal static class Generators
{
    private static readonly Gen<int> Any = Gen.Int[0, 11];
    private static readonly Gen<int> Rarely = Gen.Int[0, 5];

    private static readonly Gen<bool> MostlyTrue = Rarely.Select(n => n != 5);

    private static readonly Gen<SetEntry> Entry = Gen.Select(
        Gen.Int[0, Words.Entries.Length - 1], Gen.Int[0, Words.Urls - 1], Gen.Int[0, 2], MostlyTrue, MostlyTrue, Gen.Int[0, Words.Secrets], Gen.Int[0, 3],
        (name, url, events, active, ssl, secret, level) => new SetEntry(name, url, events, active, ssl, secret, level));

    private static readonly Gen<SetDiscovery> Discovery = Gen.Select(
        Gen.Frequency((2, Gen.Const(0)), (3, Gen.Int[1, 15])),
        Gen.Frequency((3, Gen.Const(0)), (2, Gen.Int[1, 31])),
        Gen.Frequency((2, Gen.Const(0)), (3, Gen.Int[1, 15])),
        Gen.Bool,
        MostlyTrue,
        (projects, include, exclude, archived, forks) => new SetDiscovery(projects, include, exclude, archived, forks));

    private static readonly Gen<SetupRepository> Repository =
        Gen.Select(Any, Rarely, Rarely, (project, archived, fork) => new SetupRepository(project, archived == 5, fork == 5));

    private static readonly Gen<Setup> Setups = Gen.Select(
        Gen.OneOf(Gen.Const(2), Gen.Const(100)), Gen.Int[1, 3], Repository.Array[1, 6], Entry.Array[0, 3], Discovery, Gen.Int[0, 7],
        (page, projects, repositories, entries, discovery, projectLevel) => new Setup(page, projects, repositories, entries, discovery, projectLevel));

    private static readonly Gen<PassFault> Fault = Gen.Select(
        Gen.Enum<Trouble>(), Gen.Enum<Requests>(), Gen.Int[0, 8], Gen.Int[1, 3], (trouble, on, after, count) => new PassFault(trouble, on, after, count));

    private static readonly Gen<PassFault[]> Faults = Gen.Frequency((3, Gen.Const(Array.Empty<PassFault>())), (3, Fault.Array[1, 2]));

    private static readonly Gen<Crash?> Crashes = Gen.Frequency(
        (2, Gen.Const((Crash?)null)), (1, Gen.Select(Gen.Int[0, 30], Gen.Bool, (after, lost) => (Crash?)new Crash(after, lost))));

    private static readonly Gen<Pass> Passes = Gen.Select(Faults, Crashes, (faults, crash) => new Pass(faults, crash));

    private static readonly Gen<Step> SpecEdits = Gen.Frequency(
        (3, As(Entry)),
        (2, As(Any.Select(n => new RemoveEntry(n)))),
        (6, As(Gen.Select(Any, Gen.Enum<EntryField>(), Any, (which, field, value) => new EditEntry(which, field, value)))),
        (2, As(Gen.Int[1, Words.Secrets].Select(n => new WriteSecret(n)))),
        (1, As(Gen.Int[1, Words.Secrets].Select(n => new DeleteSecret(n)))),
        (4, As(Discovery)),
        (1, As(Gen.Int[1, 63].Select(n => new NameRepositories(n)))),
        (1, As(Gen.Enum<Adoption>().Select(a => new SetAdoption(a)))));

    private static readonly Gen<Step> HookEdits = Gen.Frequency(
        (6, As(Gen.Select(Any, Gen.Enum<HookEdit>(), Any, (which, edit, value) => new ChangeOurs(which, edit, value)))),
        (2, As(Gen.Select(Any, Any, (which, to) => new CopyOurs(which, to < 8 ? null : to)))),
        (2, As(Any.Select(n => new DeleteHook(n)))),
        (3, As(Gen.Select(
            Any, Rarely, Any, Gen.Enum<Foreign>(), (scope, projectLevel, entry, kind) => new AddForeign(scope, projectLevel == 5, entry, kind)))));

    private static readonly Gen<Step> RepositoryEdits = Gen.Frequency(
        (5, As(Gen.Select(Any, Gen.Enum<RepositoryChange>(), Any, (which, change, value) => new ChangeRepository(which, change, value)))),
        (2, As(Gen.Select(Any, Any, Gen.Bool, (project, slug, fork) => new AddRepository(project, slug, fork)))),
        (1, As(Gen.Select(Any, Any, (which, to) => new RenameProject(which, to)))));

    private static readonly Gen<Step> RightEdits = Gen.Frequency(
        (2, As(Gen.Bool.Select(m => new SetManages(m)))),
        (1, As(Gen.Bool.Select(r => new RevokeToken(r)))),
        (3, As(Gen.Select(Any, Gen.Bool, (which, manages) => new SetManagesAbove(which, manages)))),
        (2, As(Gen.Select(Any, Gen.Enum<RepoRight>(), (repository, right) => new SetRight(repository, right)))));

    private static readonly Gen<Step> OperatorEvents = Gen.Frequency(
        (2, As(Gen.Const(new Restart()))),
        (2, As(Any.Select(n => new HandOver(n)))),
        (2, As(MostlyTrue.Select(l => new SetLimit(l)))),
        (3, As(Gen.Const(new Wait()))),
        (1, As(Gen.Const(new LoseInventories()))),
        (1, As(Gen.Const(new LoseStatus()))));

    private static readonly Gen<Step> Steps = Gen.Frequency(
        (9, As(Passes)), (5, SpecEdits), (5, HookEdits), (3, RepositoryEdits), (2, RightEdits), (3, OperatorEvents));

    private static readonly Gen<CleanUp[]?> Deletions = Gen.Frequency(
        (3, Gen.Const((CleanUp[]?)null)),
        (1, Gen.Select(Faults, Crashes, (faults, crash) => new CleanUp(faults, crash)).Array[0, 2].Select(c => (CleanUp[]?)c)));

    /// <summary>A history of 5 to 25 steps.</summary>
    public static Gen<History> Histories { get; } =
        Gen.Select(Setups, Steps.Array[5, 25], Deletions, (setup, steps, deletion) => new History(setup, steps, deletion));

    private static Gen<Step> As<T>(Gen<T> gen)
        where T : Step => gen.Select(step => (Step)step);
}
