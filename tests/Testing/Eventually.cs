namespace BitbucketOperator.Testing;

/// <summary>
/// How everything below tests/ waits: for a transition, by its name, without a word about how long it takes. Compiled into
/// each of these programs; what else waits for a length of time is banned there.
/// </summary>
internal static class Eventually
{
    /// <summary>A safety net: reached only by what never comes, however busy the machine is.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromMinutes(3);

    // The one place that lets time pass.
#pragma warning disable RS0030
    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan Longest = TimeSpan.FromMilliseconds(100);

    /// <summary>Waits until something is so.</summary>
    /// <exception cref="TimeoutException">It did not come; the message names it.</exception>
    public static Task IsTrueAsync(string transition, Func<bool> reached, Func<string>? state = null, CancellationToken cancellationToken = default) =>
        IsTrueAsync(transition, () => Task.FromResult(reached()), state, cancellationToken);

    /// <inheritdoc cref="IsTrueAsync(string, Func{bool}, Func{string}?, CancellationToken)"/>
    public static async Task IsTrueAsync(string transition, Func<Task<bool>> reached, Func<string>? state = null, CancellationToken cancellationToken = default)
    {
        if (!await IsTrueWithinAsync(Limit, reached, cancellationToken))
        {
            throw new TimeoutException($"Did not come within {Limit.TotalMinutes:0} minutes: {transition}. {state?.Invoke()}".TrimEnd());
        }
    }

    /// <summary>Waits until something is so, and tells whether it came in time: for what a program does next when it does not.</summary>
    public static async Task<bool> IsTrueWithinAsync(TimeSpan limit, Func<Task<bool>> reached, CancellationToken cancellationToken = default)
    {
        var start = TimeProvider.System.GetTimestamp();
        for (var pause = Shortest; !await reached(); pause = pause * 1.5 < Longest ? pause * 1.5 : Longest)
        {
            if (TimeProvider.System.GetElapsedTime(start) > limit)
            {
                return false;
            }

            await Task.Delay(pause, cancellationToken);
        }

        return true;
    }

    /// <summary>Waits for the end of a task; <paramref name="meanwhile"/> is done again and again until then, such as turning a clock.</summary>
    /// <exception cref="TimeoutException">It did not end; the message names it.</exception>
    public static async Task EndsAsync(string transition, Task task, Action? meanwhile = null)
    {
        await IsTrueAsync(transition, () =>
        {
            meanwhile?.Invoke();
            return task.IsCompleted;
        });
        await task;
    }

    /// <inheritdoc cref="EndsAsync(string, Task, Action?)"/>
    public static async Task<T> EndsAsync<T>(string transition, Task<T> task, Action? meanwhile = null)
    {
        await EndsAsync(transition, (Task)task, meanwhile);
        return await task;
    }

    /// <summary>Lasts until it is cancelled, and then ends without an exception: for work that goes on until it is cancelled.</summary>
    public static async Task CancelledAsync(CancellationToken cancellationToken) =>
        await Task.Delay(Timeout.Infinite, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    /// <summary>Cancelled when the safety net is reached, or a limit of the program's own: for an API that is awaited with a token.</summary>
    public static CancellationTokenSource Patience(TimeSpan? limit = null, CancellationToken cancellationToken = default)
    {
        var source = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        source.CancelAfter(limit ?? Limit);
        return source;
    }
#pragma warning restore RS0030
}
