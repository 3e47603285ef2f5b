using System.Buffers;
using System.Globalization;
using System.IO.Pipelines;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using BitbucketOperator.Runtime.Client;
using BitbucketOperator.Runtime.Metrics;
using BitbucketOperator.Runtime.Model;
using Microsoft.Extensions.Logging;

namespace BitbucketOperator.Runtime.Informers;

/// <summary>What a reflector lists and watches.</summary>
internal sealed record ReflectorSource<TItem>(
    string Resource,
    string Path,
    string? Scope,
    string? LabelSelector,
    string ListAccept,
    string WatchAccept,
    JsonTypeInfo<TItem> TypeInfo,
    Func<TItem, PartialMetadata> Identity)
    where TItem : class
{
    /// <summary>The resource, and the namespace where it is one.</summary>
    public string Name { get; } = Scope is null ? Resource : $"{Resource} in {Scope}";
}

/// <summary>
/// Keeps a sink equal to a collection on the server: a paged list, then watches resumed from the last version seen. Lists
/// again only when the server cannot serve that version. Runs until cancelled, whatever happens; the back-off ends when a
/// watch brings something, not when a list succeeds.
/// </summary>
internal sealed partial class Reflector<TItem>(
    ReflectorSource<TItem> source,
    KubernetesApi api,
    IReflectorSink<TItem> sink,
    OperatorOptions options,
    RuntimeMetrics metrics,
    TimeProvider clock,
    ILogger logger) : IReflectorStatus
    where TItem : class
{
    /// <summary>How many watches from one version may bring only invalid JSON before that version is given up.</summary>
    private const int MaxGarbledWatches = 4;
    private static readonly TimeSpan ShortWatch = TimeSpan.FromSeconds(1);
    private readonly TaskCompletionSource _synced = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Backoff _backoff = new(TimeSpan.FromMilliseconds(100), options.WatchBackoffCap);
    private string? _resourceVersion;
    private int _failures;
    private long _lastBeat = clock.GetTimestamp();
    private long _lastHeard = clock.GetTimestamp();

    public string Name => source.Name;

    public string Resource => source.Resource;

    /// <summary>Completes with the first full list.</summary>
    public Task Synced => _synced.Task;

    /// <summary>Time since the loop last showed a sign of life.</summary>
    public TimeSpan SinceLastBeat => clock.GetElapsedTime(Volatile.Read(ref _lastBeat));

    /// <summary>Time since the server last sent anything.</summary>
    public TimeSpan SinceLastHeard => clock.GetElapsedTime(Volatile.Read(ref _lastHeard));

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            Beat();
            var wait = await AttemptAsync(cancellationToken);
            if (wait > TimeSpan.Zero)
            {
                await Task.Delay(wait, clock, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    // Returns how long to wait before the next attempt.
    private async Task<TimeSpan> AttemptAsync(CancellationToken cancellationToken)
    {
        try
        {
            if (_resourceVersion is null)
            {
                await ListAsync(cancellationToken);
            }

            var started = clock.GetTimestamp();
            var (progressed, silent) = await WatchAsync(cancellationToken);
            metrics.WatchRestarted(source.Resource, silent ? "silent" : "closed");
            if (progressed || clock.GetElapsedTime(started) >= ShortWatch)
            {
                _failures = 0;
                return TimeSpan.Zero;
            }

            return _backoff.Delay(++_failures);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return TimeSpan.Zero;
        }
        catch (KubernetesApiException e) when (e.IsVersionUnknown && _resourceVersion is not null)
        {
            Log.Expired(logger, source.Name);
            metrics.WatchRestarted(source.Resource, "expired");
            _resourceVersion = null;
            return ++_failures > 1 ? _backoff.Delay(_failures) : TimeSpan.Zero;
        }
        catch (Exception e)
        {
            return AfterError(e);
        }
    }

    private TimeSpan AfterError(Exception error)
    {
        var wait = _backoff.Delay(++_failures);
        if (error is KubernetesApiException { RetryAfter: { } asked } && asked > wait)
        {
            wait = asked < TimeSpan.FromMinutes(1) ? asked : TimeSpan.FromMinutes(1);
        }

        if (error is JsonException && _failures % MaxGarbledWatches == 0)
        {
            _resourceVersion = null;
        }

        Log.Failed(logger, source.Name, error.Message, wait.TotalSeconds);
        metrics.WatchRestarted(source.Resource, "failed");
        return wait;
    }

    private async Task ListAsync(CancellationToken cancellationToken)
    {
        var items = new List<TItem>();
        var unreadable = new HashSet<EntityKey>();
        ListMetadata page;
        string? next = null;
        do
        {
            page = await ListPageAsync(next, items, unreadable, cancellationToken);
            next = page.Continue;
            Hear();
        }
        while (!string.IsNullOrEmpty(next));

        var version = page.ResourceVersion ?? throw new JsonException("The list has no resourceVersion.");
        sink.Replace(source.Scope, items, unreadable, version);
        _resourceVersion = version;
        Log.Listed(logger, source.Name, items.Count, version);
        _synced.TrySetResult();
    }

    private async Task<ListMetadata> ListPageAsync(
        string? next, List<TItem> items, HashSet<EntityKey> unreadable, CancellationToken cancellationToken)
    {
        var query = $"?limit={options.ListPageSize}{Selector()}";
        if (!string.IsNullOrEmpty(next))
        {
            query += $"&continue={Uri.EscapeDataString(next)}";
        }

        using var silence = new CancellationTokenSource(options.WatchSilenceDeadline, clock);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, silence.Token);
        using var response = await api.OpenAsync(source.Path + query, source.ListAccept, linked.Token);
        var parser = new ListParser(item => TakeListed(item, items, unreadable));
        await ReadBodyAsync(response, pipe => parser.ReadAsync(pipe, linked.Token), cancellationToken);
        return parser.Metadata ?? throw new JsonException("The list has no metadata.");
    }

    private void TakeListed(in ReadOnlySequence<byte> body, List<TItem> items, HashSet<EntityKey> unreadable)
    {
        var (item, identity, defect) = ItemReader.Read(body, source.TypeInfo);
        if (item is not null)
        {
            items.Add(item);
            return;
        }

        Log.Unreadable(logger, source.Name, NameOf(identity), defect?.Message);
        if (identity?.Name is not null)
        {
            unreadable.Add(KeyOf(identity));
        }
    }

    // Returns whether the watch brought anything, and whether the server fell silent; else it closed the watch.
    private async Task<(bool Progressed, bool Silent)> WatchAsync(CancellationToken cancellationToken)
    {
        using var silence = new CancellationTokenSource(options.WatchSilenceDeadline, clock);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, silence.Token);
        var progressed = false;
        try
        {
            using var response = await api.OpenAsync(source.Path + WatchQuery(), source.WatchAccept, linked.Token);
            Hear();
            await ReadBodyAsync(response, pipe => LineReader.ReadAsync(pipe, OnLine, linked.Token), cancellationToken);
        }
        catch (OperationCanceledException) when (silence.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            Log.Silent(logger, source.Name, options.WatchSilenceDeadline.TotalSeconds);
            return (progressed, true);
        }

        return (progressed, false);

        void OnLine(ReadOnlySequence<byte> line)
        {
            Handle(WatchEvent<TItem>.Parse(line, source.TypeInfo));
            progressed = true;
            _failures = 0;
            Hear();
            silence.CancelAfter(options.WatchSilenceDeadline);
        }
    }

    private async Task ReadBodyAsync(HttpResponseMessage response, Func<PipeReader, Task> read, CancellationToken cancellationToken)
    {
        await using var stream = await response.Content.ReadAsStreamAsync(cancellationToken);
        var pipe = PipeReader.Create(stream, new StreamPipeReaderOptions(bufferSize: 32 * 1024, minimumReadSize: 4096));
        try
        {
            await read(pipe);
        }
        catch (IOException e) when (!cancellationToken.IsCancellationRequested)
        {
            Log.Broken(logger, source.Name, e.Message);
            throw;
        }
        finally
        {
            await pipe.CompleteAsync();
        }
    }

    private void Handle(WatchEvent<TItem> change)
    {
        switch (change)
        {
            case { Kind: WatchEventKind.Error, Status: var status }:
                throw KubernetesApiException.From((System.Net.HttpStatusCode)(status?.Code ?? 500), status, "The watch ended with an error.");
            case { Kind: WatchEventKind.Added or WatchEventKind.Modified, Item: { } item }:
                sink.Upsert(item);
                break;
            case { Kind: WatchEventKind.Deleted }:
                Remove(change);
                break;
            case { Defect: { } defect }:
                Log.Unreadable(logger, source.Name, NameOf(change.Identity), defect.Message);
                break;
        }

        var seen = change.Item is null ? change.Identity : source.Identity(change.Item);
        _resourceVersion = seen?.ResourceVersion ?? _resourceVersion;
    }

    private void Remove(WatchEvent<TItem> change)
    {
        var identity = change.Item is null ? change.Identity : source.Identity(change.Item);
        if (identity?.Name is not null)
        {
            sink.Remove(KeyOf(identity));
        }
    }

    private string WatchQuery()
    {
        // Watches of all processes and kinds must not end together.
        var seconds = options.WatchTimeout.TotalSeconds * (1 - (0.1 * Random.Shared.NextDouble()));
        var timeout = Math.Max(1, (int)seconds).ToString(CultureInfo.InvariantCulture);
        return $"?watch=true&allowWatchBookmarks=true&timeoutSeconds={timeout}"
            + $"&resourceVersion={Uri.EscapeDataString(_resourceVersion ?? "")}{Selector()}";
    }

    private string Selector() =>
        string.IsNullOrEmpty(source.LabelSelector) ? "" : $"&labelSelector={Uri.EscapeDataString(source.LabelSelector)}";

    private void Beat() => Volatile.Write(ref _lastBeat, clock.GetTimestamp());

    private void Hear()
    {
        Beat();
        Volatile.Write(ref _lastHeard, clock.GetTimestamp());
    }

    private static EntityKey KeyOf(PartialMetadata identity) => new(identity.Namespace ?? "", identity.Name ?? "");

    private static string NameOf(PartialMetadata? identity) =>
        identity?.Name is null ? "(no name)" : KeyOf(identity).ToString();

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Debug, "Listed {Count} {Resource} at version {Version}", EventName = "Listed")]
        public static partial void Listed(ILogger logger, string resource, int count, string version);

        [LoggerMessage(2, LogLevel.Debug,
            "The server does not know the version of the watch any more on {Resource}: listing again",
            EventName = "WatchExpired")]
        public static partial void Expired(ILogger logger, string resource);

        [LoggerMessage(3, LogLevel.Warning,
            "Cannot list or watch {Resource}: {Reason}; trying again in {Seconds:0.0} s",
            EventName = "WatchFailed")]
        public static partial void Failed(ILogger logger, string resource, string reason, double seconds);

        [LoggerMessage(4, LogLevel.Warning,
            "The watch on {Resource} was silent for {Seconds:0} s: opening it again",
            EventName = "WatchSilent")]
        public static partial void Silent(ILogger logger, string resource, double seconds);

        [LoggerMessage(5, LogLevel.Debug, "The connection of {Resource} broke: {Reason}", EventName = "WatchBroken")]
        public static partial void Broken(ILogger logger, string resource, string reason);

        [LoggerMessage(6, LogLevel.Error,
            "{Resource} {Name} cannot be read and is left out until it changes: {Reason}",
            EventName = "ObjectUnreadable")]
        public static partial void Unreadable(ILogger logger, string resource, string name, string? reason);
    }
}

/// <summary>What health checks and metrics look at.</summary>
internal interface IReflectorStatus
{
    string Name { get; }

    Task Synced { get; }

    TimeSpan SinceLastBeat { get; }

    string Resource { get; }

    TimeSpan SinceLastHeard { get; }

    Task RunAsync(CancellationToken cancellationToken);
}
