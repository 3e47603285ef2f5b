using CsCheck;

namespace BitbucketOperator.Manifests.Tests;

/// <summary>Random input, the same in every run, so that a change is not refused for a fault that was there before.</summary>
internal static class Samples
{
    /// <summary>Checks as many samples as are asked for; with CsCheck_Iter set, as many new ones as that says.</summary>
    public static async Task CheckAsync<T>(Gen<T> some, int count, Func<T, Task> check, Func<T, string>? print = null)
    {
        const int Threads = 4;
        if (Environment.GetEnvironmentVariable("CsCheck_Iter") is not null)
        {
            await some.SampleAsync(check, threads: Threads, print: print);
            return;
        }

        await Parallel.ForEachAsync(
            Enumerable.Range(0, count),
            new ParallelOptions { MaxDegreeOfParallelism = Threads, CancellationToken = TestContext.Current.CancellationToken },
            async (i, _) => await check(some.Generate(new PCG(stream: 1, seed: (ulong)i), null, out var _)));
    }
}
