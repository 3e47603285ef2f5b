using System.Threading.Channels;
using BitbucketOperator.Bitbucket.RateLimiting;
using BitbucketOperator.Runtime.Client;
using BitbucketOperator.Runtime.Hosting;
using BitbucketOperator.Runtime.Model;
using Microsoft.Extensions.Logging;

namespace BitbucketOperator.Controllers;

/// <summary>
/// Keeps the state of the rate limiters over restarts and changes of the leader: read before the first request to Bitbucket, written
/// every minute while requests are sent, within seconds after the first request of an account or a 429, and before the Lease is given
/// up. That last record is marked final: nothing was sent after it. The next leader takes the mark away before it sends anything,
/// and has to charge nothing but what was counted. Without it, limiters start cold: nothing else depends on it, so that no failure
/// here is more than a line in the log.
/// </summary>
internal sealed partial class RateLimitKeeper : ILeaderHandover, ILeaderWork, ILeaderMemory
{
    private static readonly TimeSpan Regularly = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan AtMost = TimeSpan.FromSeconds(5);
    private readonly RateLimiters _limiters;
    private readonly RateLimitStore _store;
    private readonly ClusterIdentity _cluster;
    private readonly TimeProvider _clock;
    private readonly ILogger<RateLimitKeeper> _logger;
    private readonly Channel<bool> _urgent = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private byte[]? _idKey;
    private long _urgencies;
    private long _saved;
    private bool _isFinal;
    private bool _isStored;
    private bool _isBroken;

    public RateLimitKeeper(
        RateLimiters limiters, RateLimitStore store, ClusterIdentity cluster, TimeProvider clock, ILogger<RateLimitKeeper> logger)
    {
        (_limiters, _store, _cluster, _clock, _logger) = (limiters, store, cluster, clock, logger);
        limiters.Urgent = () =>
        {
            Interlocked.Increment(ref _urgencies);
            _urgent.Writer.TryWrite(true);
        };
    }

    // A pause is news, although nothing is sent after it.
    private long Changes => _limiters.Requests + Interlocked.Read(ref _urgencies);

    public async Task TakeOverAsync(CancellationToken cancellationToken)
    {
        _saved = Changes;
        _isFinal = false;
        await TryAsync(LoadAsync, cancellationToken);
    }

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            await WaitAsync(cancellationToken);
            await TryAsync(token => SaveAsync(isFinal: false, token), cancellationToken);
            await Task.Delay(AtMost, _clock, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    public Task HandOverAsync(CancellationToken cancellationToken) => TryAsync(token => SaveAsync(isFinal: true, token), cancellationToken);

    public void Forget() => _limiters.Forget();

    private async Task WaitAsync(CancellationToken cancellationToken)
    {
        using var minute = new CancellationTokenSource(Regularly, _clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, minute.Token);
        try
        {
            await _urgent.Reader.ReadAsync(either.Token);
        }
        catch (OperationCanceledException)
        {
            // A minute has passed, or the work ends.
        }
    }

    private async Task LoadAsync(CancellationToken cancellationToken)
    {
        var document = await _store.ReadAsync(cancellationToken);
        var key = await IdKeyAsync(cancellationToken);
        _isStored = document is not null;
        if (document is null)
        {
            return;
        }

        if (RateLimitDocument.Read(document) is not { } records)
        {
            Log.Unreadable(_logger, _store.Place);
            return;
        }

        IReadOnlyList<RateLimitRecord> unmarked = [.. records.Select(r => r with { IsFinal = false })];
        try
        {
            // A mark that stays would tell the next leader that this one sent nothing.
            if (records.Any(r => r.IsFinal)) await _store.WriteAsync(RateLimitDocument.Write(unmarked), cancellationToken);
        }
        catch
        {
            _limiters.Import(unmarked, key);
            throw;
        }

        _limiters.Import(records, key);
        Log.Loaded(_logger, records.Count, _store.Place);
    }

    private async Task SaveAsync(bool isFinal, CancellationToken cancellationToken)
    {
        var changes = Changes;
        if (changes == _saved && (_isFinal || !isFinal))
        {
            return;
        }

        var records = _limiters.Export(await IdKeyAsync(cancellationToken), isFinal);
        if (records.Count > 0 || _isStored)
        {
            await _store.WriteAsync(RateLimitDocument.Write(records), cancellationToken);
        }

        (_saved, _isFinal, _isStored) = (changes, isFinal, records.Count > 0);
    }

    private async Task<byte[]> IdKeyAsync(CancellationToken cancellationToken) => _idKey ??= await _cluster.KeyAsync("rate-limits", cancellationToken);

    private async Task TryAsync(Func<CancellationToken, Task> act, CancellationToken cancellationToken)
    {
        try
        {
            await act(cancellationToken);
            _isBroken = false;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // What is not written is charged as if all had been sent that may be.
        }
        catch (NotLeadingException)
        {
            // The next leader has read it by now, or will read what was written before.
        }
        catch (Exception e)
        {
            if (!_isBroken)
            {
                Log.Unavailable(_logger, _store.Place, e.Message);
            }

            _isBroken = true;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(120, LogLevel.Information, "Rate limits of {Records} accounts were read from ConfigMap {Place}", EventName = "RateLimitsRead")]
        public static partial void Loaded(ILogger logger, int records, string place);

        [LoggerMessage(121, LogLevel.Warning,
            "Rate limits start cold: ConfigMap {Place} is not readable and will be replaced. Was it edited, or written by a newer version?",
            EventName = "RateLimitsUnreadable")]
        public static partial void Unreadable(ILogger logger, string place);

        [LoggerMessage(122, LogLevel.Warning,
            "Rate limits are not kept over a restart: ConfigMap {Place} cannot be read or written: {Reason}. "
            + "Allow get, create and update of it in a Role, as the chart does",
            EventName = "RateLimitsNotKept")]
        public static partial void Unavailable(ILogger logger, string place, string reason);
    }
}
