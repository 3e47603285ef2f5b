using System.Diagnostics;

namespace BitbucketOperator.Runtime.Tests;

/// <summary>Waits for what must come; fails with its name when it does not.</summary>
internal static class Eventually
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    public static Task IsTrueAsync(string what, Func<bool> reached) => IsTrueAsync(what, () => Task.FromResult(reached()));

    public static async Task IsTrueAsync(string what, Func<Task<bool>> reached)
    {
        var waited = Stopwatch.StartNew();
        while (!await reached())
        {
            (waited.Elapsed < Limit).ShouldBeTrue($"Did not come within {Limit.TotalSeconds} s: {what}");
            await Task.Delay(10, TestContext.Current.CancellationToken);
        }
    }
}
