using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using BitbucketOperator.Runtime.Client;
using BitbucketOperator.Runtime.Metrics;
using BitbucketOperator.Runtime.Model;
using Microsoft.Extensions.Logging;
using k8s;
using k8s.Models;

namespace BitbucketOperator.Runtime.Events;

/// <summary>Writes events one after the other, in the background.</summary>
[EntityRbac("", ["events"], ["create", "patch"], Reason = "Tells what happened to a connection, and counts repetitions in the same event")]
internal sealed partial class EventRecorder(
    KubernetesApi api, OperatorOptions options, IWriteFence fence, RuntimeMetrics metrics, TimeProvider clock, ILogger<EventRecorder> logger)
{
    private const int MaxMessageBytes = 1024;
    private const int MaxWaiting = 1000;
    private readonly EventCorrelator _correlator = new(clock);
    private readonly Channel<Pending> _pending = Channel.CreateBounded<Pending>(
        new BoundedChannelOptions(MaxWaiting) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true },
        dropped =>
        {
            metrics.EventDropped("queue_full");
            Log.Dropped(logger, dropped.Reason, dropped.Subject.Kind, dropped.Subject.Name);
        });

    public Task PublishAsync(
        IKubernetesObject<V1ObjectMeta> entity, string reason, string message, EventType type, CancellationToken cancellationToken)
    {
        // What happened while this process led may be told later, as on a stop; what a former leader takes for true may not.
        if (!fence.Leads)
        {
            Log.Fenced(logger, reason, entity.Kind, entity.Metadata.Name);
            return Task.CompletedTask;
        }

        var subject = new V1ObjectReference
        {
            ApiVersion = entity.ApiVersion,
            Kind = entity.Kind,
            Name = entity.Metadata.Name,
            NamespaceProperty = entity.Metadata.NamespaceProperty,
            Uid = entity.Metadata.Uid,
            ResourceVersion = entity.Metadata.ResourceVersion,
        };
        _pending.Writer.TryWrite(new(subject, reason, Cut(message), type, clock.GetUtcNow().UtcDateTime));
        return Task.CompletedTask;
    }

    /// <summary>Writes until <see cref="Complete"/> was called and all is written, or until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            await foreach (var item in _pending.Reader.ReadAllAsync(cancellationToken))
            {
                await TryWriteAsync(item, cancellationToken);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            Log.Unwritten(logger, _pending.Reader.Count);
        }
    }

    /// <summary>No more events come.</summary>
    public void Complete() => _pending.Writer.TryComplete();

    internal static string Cut(string message)
    {
        if (Encoding.UTF8.GetByteCount(message) <= MaxMessageBytes)
        {
            return message;
        }

        var bytes = Encoding.UTF8.GetBytes(message).AsSpan(0, MaxMessageBytes - 3);
        while ((bytes[^1] & 0xC0) == 0x80)
        {
            bytes = bytes[..^1];
        }

        // What precedes a whole character's first byte ends on a character.
        bytes = bytes[^1] >= 0xC0 ? bytes[..^1] : bytes;
        return Encoding.UTF8.GetString(bytes) + "...";
    }

    private async Task TryWriteAsync(Pending item, CancellationToken cancellationToken)
    {
        try
        {
            await WriteAsync(item, cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            throw;
        }
        catch (KubernetesApiException e) when (e.IsNamespaceTerminating)
        {
            metrics.EventDropped("namespace_terminating");
            Log.Terminating(logger, item.Reason, item.Subject.Kind, item.Subject.Name);
        }
        catch (Exception e)
        {
            metrics.EventDropped("failed");
            Log.Failed(logger, item.Reason, item.Subject.Kind, item.Subject.Name, e.Message);
        }
    }

    private async Task WriteAsync(Pending item, CancellationToken cancellationToken)
    {
        var identity = new EventIdentity(item.Subject.Uid ?? "", item.Subject.Name, item.Reason, item.Message, item.Type);
        if (!_correlator.TryTake(identity.ObjectUid))
        {
            metrics.EventDropped("object_limit");
            Log.Dropped(logger, item.Reason, item.Subject.Kind, item.Subject.Name);
            return;
        }

        var written = _correlator.Find(identity) is { } known
            ? await CountAsync(known, item, cancellationToken) ?? await CreateAsync(item, cancellationToken)
            : await CreateAsync(item, cancellationToken);
        _correlator.Remember(identity, written);
    }

    // Null when the cluster has forgotten the event.
    private async Task<WrittenEvent?> CountAsync(WrittenEvent known, Pending item, CancellationToken cancellationToken)
    {
        var patch = new JsonObject
        {
            ["count"] = known.Count + 1,
            ["lastTimestamp"] = item.At.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture),
        };
        try
        {
            var path = ResourcePath.Object("", "v1", known.Namespace, "events", known.Name);
            await api.MergePatchAsync(path, patch, RuntimeJson.Default.PartialObject, cancellationToken);
            return known with { Count = known.Count + 1 };
        }
        catch (KubernetesApiException e) when (e.IsNotFound)
        {
            return null;
        }
    }

    private async Task<WrittenEvent> CreateAsync(Pending item, CancellationToken cancellationToken)
    {
        var ns = string.IsNullOrEmpty(item.Subject.NamespaceProperty) ? options.OperatorNamespace : item.Subject.NamespaceProperty;
        var name = NameFor(item.Subject.Name);
        var created = new Corev1Event
        {
            ApiVersion = "v1",
            Kind = "Event",
            Metadata = new V1ObjectMeta { Name = name, NamespaceProperty = ns },
            InvolvedObject = item.Subject,
            Reason = item.Reason,
            Message = item.Message,
            Type = item.Type.ToString(),
            Count = 1,
            FirstTimestamp = item.At,
            LastTimestamp = item.At,
            Source = new V1EventSource { Component = options.Name },
            ReportingComponent = options.Name,
            ReportingInstance = options.LeaderElection.Identity,
        };
        var path = ResourcePath.Collection("", "v1", ns, "events");
        await api.CreateAsync(path, created, KindsJson.Default.Corev1Event, cancellationToken);
        return new(ns, name, Count: 1);
    }

    // Object names may be as long as event names: leave room for the unique part.
    private static string NameFor(string subject) =>
        $"{(subject.Length > 220 ? subject[..220].TrimEnd('.', '-') : subject)}.{Guid.NewGuid().ToString("N")[..16]}";

    private sealed record Pending(V1ObjectReference Subject, string Reason, string Message, EventType Type, DateTime At);

    private static partial class Log
    {
        [LoggerMessage(30, LogLevel.Warning, "Event {Reason} about {Kind} {Name} was not written: {Error}", EventName = "EventFailed")]
        public static partial void Failed(ILogger logger, string reason, string kind, string name, string error);

        [LoggerMessage(31, LogLevel.Debug, "Event {Reason} about {Kind} {Name} was dropped: too many", EventName = "EventDropped")]
        public static partial void Dropped(ILogger logger, string reason, string kind, string name);

        [LoggerMessage(
            34, LogLevel.Debug, "Event {Reason} about {Kind} {Name} was not written: its namespace is being deleted", EventName = "EventTerminating")]
        public static partial void Terminating(ILogger logger, string reason, string kind, string name);

        [LoggerMessage(33, LogLevel.Debug, "Event {Reason} about {Kind} {Name} was dropped: not leading", EventName = "EventFenced")]
        public static partial void Fenced(ILogger logger, string reason, string kind, string name);

        [LoggerMessage(32, LogLevel.Warning, "{Count} events were not written in time", EventName = "EventsUnwritten")]
        public static partial void Unwritten(ILogger logger, int count);
    }
}
