using System.Collections.Concurrent;

namespace BitbucketOperator.Bitbucket.RateLimiting;

/// <summary>Lets so many requests pass to each host at a time, whichever connection they come from.</summary>
internal sealed class HostGates(int places)
{
    private readonly ConcurrentDictionary<string, SemaphoreSlim> _gates = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Waits for a place at the host of <paramref name="uri"/>; disposing the result gives it back.</summary>
    public async ValueTask<Place> EnterAsync(Uri uri, CancellationToken cancellationToken)
    {
        var gate = _gates.GetOrAdd(uri.Authority, static (_, places) => new SemaphoreSlim(places, places), places);
        await gate.WaitAsync(cancellationToken);
        return new(gate);
    }

    /// <summary>A place at a host.</summary>
    internal readonly struct Place(SemaphoreSlim gate) : IDisposable
    {
        public void Dispose() => gate.Release();
    }
}
