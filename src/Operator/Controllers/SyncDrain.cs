using BitbucketOperator.Core.Port;
using BitbucketOperator.Core.Schedule;

namespace BitbucketOperator.Controllers;

/// <summary>Runs all syncs of one connection that are due, one after the other or side by side, for those who wait for the outcome.</summary>
internal static class SyncDrain
{
    private static readonly WorkClass[] Classes = Enum.GetValues<WorkClass>();

    /// <summary>Ends when none is due, or the connection pauses.</summary>
    /// <param name="connection">Whose.</param>
    /// <param name="sync">Runs one.</param>
    /// <param name="clock">Tells what is due.</param>
    /// <param name="parallel">How many at a time.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>Why the connection pauses; null when it does not.</returns>
    public static async Task<Core.Port.Fault?> RunAsync(
        ConnectionState connection, WebhookSync sync, TimeProvider clock, int parallel, CancellationToken cancellationToken)
    {
        Core.Port.Fault? pause = null;
        await Task.WhenAll(Enumerable.Range(0, parallel).Select(_ => WorkAsync()));
        return pause;

        async Task WorkAsync()
        {
            while (pause is null && Take() is ({ } item, { } work))
            {
                var result = new SyncResult([]);
                try
                {
                    result = await sync.RunAsync(connection, work, item, cancellationToken);
                    pause ??= result.Pause;
                }
                finally
                {
                    connection.Sync.Done(item, result, clock.GetUtcNow());
                }
            }
        }

        (SyncItem? Item, SyncWork? Work) Take() => Classes
            .Select(c => (Item: connection.Sync.TryTake(c, clock.GetUtcNow(), out var work), Work: work)).FirstOrDefault(t => t.Item is not null);
    }
}
