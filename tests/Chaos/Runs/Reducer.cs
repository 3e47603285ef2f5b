using BitbucketOperator.Chaos.Schedules;

namespace BitbucketOperator.Chaos.Runs;

/// <summary>
/// Takes out of a schedule that fails whatever it takes none of to fail. Time is part of a failure, so a try that succeeds
/// proves little.
/// </summary>
/// <param name="tryAsync">Plays a schedule.</param>
/// <param name="atOnce">How many to try at the same time.</param>
internal sealed class Reducer(Func<Schedule, Task<Failure?>> tryAsync, int atOnce)
{
    private const int MaxPlays = 60;
    private int _plays;

    /// <summary>The numbers of the steps that are left, and how these fail.</summary>
    public async Task<(IReadOnlyList<int> Kept, Failure Failure)> ReduceAsync(Schedule schedule, Failure failure)
    {
        var reduced = (Kept: (IReadOnlyList<int>)[.. Enumerable.Range(0, schedule.Steps.Count)], Failure: failure);
        while (_plays < MaxPlays && await SmallerAsync(schedule, reduced.Kept) is { } smaller)
        {
            reduced = smaller;
        }

        return reduced;
    }

    private async Task<(IReadOnlyList<int> Kept, Failure Failure)?> SmallerAsync(Schedule schedule, IReadOnlyList<int> kept)
    {
        foreach (var batch in Smaller(kept).Chunk(atOnce).TakeWhile(_ => _plays < MaxPlays))
        {
            _plays += batch.Length;
            var played = await Task.WhenAll(batch.Select(async k => (Kept: k, Failure: await tryAsync(schedule.Only(k)))));
            foreach (var (smaller, failure) in played)
            {
                if (failure is not null) return (smaller, failure);
            }
        }

        return null;
    }

    private static IEnumerable<IReadOnlyList<int>> Smaller(IReadOnlyList<int> kept)
    {
        for (var length = kept.Count / 2; length > 0; length /= 2)
        {
            for (var at = 0; at + length <= kept.Count; at += length)
            {
                yield return [.. kept.Take(at), .. kept.Skip(at + length)];
            }
        }
    }
}
