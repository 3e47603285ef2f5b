using System.Collections.Concurrent;
using System.Net;
using System.Text.Json;
using BitbucketOperator.Core.Api.V1Alpha1;
using BitbucketOperator.Core.Mapping;
using BitbucketOperator.Core.Messages;
using BitbucketOperator.Core.Model;
using BitbucketOperator.Core.Status;
using BitbucketOperator.Runtime.Client;
using BitbucketOperator.Runtime.Events;
using BitbucketOperator.Runtime.Model;
using Microsoft.Extensions.Logging;

namespace BitbucketOperator.Controllers;

/// <summary>Where BitbucketInventory objects are kept: a cluster, or something that stands for one.</summary>
internal interface IInventories
{
    /// <summary>What inventories tell of scopes; nothing where they cannot be read. Fails nobody.</summary>
    Task<VerifiedScopes> LoadAsync(BitbucketConnection connection, CancellationToken cancellationToken);

    /// <summary>Writes what changed since it was written last; nothing while more is to come soon. Fails nobody.</summary>
    Task FlushAsync(BitbucketConnection connection, InventoryContent content, CancellationToken cancellationToken);

    /// <summary>The connection is gone.</summary>
    void Forget(string uid);
}

/// <summary>
/// Keeps the BitbucketInventory objects of each connection as they must be. Remembers hashes and a version of each object, and no
/// content. A connection has one writer, its reconcile. What the API server refuses is tried again later.
/// </summary>
internal sealed partial class InventoryStore(
    InventoryObjects objects, IConnections connections, EventPublisher publish, TimeProvider clock, ILogger<InventoryStore> logger)
    : IInventories, ILeaderMemory
{
    /// <summary>Event reason: an inventory cannot be written.</summary>
    public const string NotWritten = "InventoryNotWritten";

    private const int MostWrites = 50;
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan AfterLoss = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan AfterRefusal = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<string, KnownInventories> _known = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<EntityKey, KnownInventories> _byObject = new();

    public async Task<VerifiedScopes> LoadAsync(BitbucketConnection connection, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(Patience, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, limit.Token);
        var hints = new InventoryHintReader(connection.ToModel());
        try
        {
            await ReadAsync(connection, KnownOf(connection), hints.Add, either.Token);
            return hints.Verified;
        }
        catch (Exception e) when (IsFailedRead(e) && !cancellationToken.IsCancellationRequested)
        {
            Log.NotRead(logger, connection.Metadata.NamespaceProperty, connection.Metadata.Name, e.Message);
            return VerifiedScopes.None;
        }
    }

    public async Task FlushAsync(BitbucketConnection connection, InventoryContent content, CancellationToken cancellationToken)
    {
        var known = KnownOf(connection);
        if (!known.BeginWriting(clock.GetUtcNow(), content.IsSyncing))
        {
            // Another reconcile may have taken the place of the one that was to come for it.
            if (known.UntilNext(clock.GetUtcNow()) is { } wait)
            {
                connections.EnqueueAfter(known.Connection, wait);
            }

            return;
        }

        try
        {
            await ReadAgainAsync(connection, known, cancellationToken);
            await WriteAsync(connection, known, content, cancellationToken);
            known.IsRefused = false;
        }
        catch (KubernetesApiException e)
        {
            await RefusedAsync(connection, known, e, cancellationToken);
        }
        catch (Exception e) when (e is HttpRequestException or IOException or TimeoutException or JsonException)
        {
            Log.Failed(logger, connection.Metadata.NamespaceProperty, connection.Metadata.Name, e.Message);
            known.Wait(clock.GetUtcNow() + AfterLoss);
        }
        finally
        {
            if (known.EndWriting())
            {
                Repair(known);
            }
        }
    }

    /// <summary>An inventory was written or, with no version, deleted. What this process wrote it knows by the version.</summary>
    public void Changed(EntityKey key, string? version)
    {
        if (_byObject.TryGetValue(key, out var known) && known.Hear(key.Name, version))
        {
            Repair(known);
        }
    }

    public void Forget(string uid)
    {
        if (_known.TryRemove(uid, out var known))
        {
            foreach (var name in known.Names)
            {
                _byObject.TryRemove(KeyOf(known, name), out _);
            }
        }
    }

    public void Forget()
    {
        _known.Clear();
        _byObject.Clear();
    }

    private void Repair(KnownInventories known) => connections.EnqueueAfter(known.Connection, known.Invalidate(clock.GetUtcNow()));

    private KnownInventories KnownOf(BitbucketConnection connection) =>
        _known.GetOrAdd(connection.Metadata.Uid, _ => new KnownInventories(EntityKey.Of(connection)));

    private static EntityKey KeyOf(KnownInventories known, string name) => new(known.Connection.Namespace, name);

    // Where nobody may watch, what somebody deleted or edited is noticed with each discovery. What cannot be read is made again.
    private async Task ReadAgainAsync(BitbucketConnection connection, KnownInventories known, CancellationToken cancellationToken)
    {
        if (!known.IsToBeRead(clock.GetUtcNow(), connection.Spec.ToModel().Interval))
        {
            return;
        }

        if (known.AreAll(await objects.ListVersionsAsync(connection, cancellationToken), clock.GetUtcNow()))
        {
            return;
        }

        try
        {
            await ReadAsync(connection, known, _ => { }, cancellationToken);
        }
        catch (JsonException e)
        {
            Log.NotRead(logger, connection.Metadata.NamespaceProperty, connection.Metadata.Name, e.Message);
            known.Loaded(new(StringComparer.Ordinal), clock.GetUtcNow());
        }
    }

    private async Task ReadAsync(
        BitbucketConnection connection, KnownInventories known, Action<BitbucketInventory> read, CancellationToken cancellationToken)
    {
        var found = new Dictionary<string, StoredInventory>(StringComparer.Ordinal);
        await foreach (var inventory in objects.ListAsync(connection, cancellationToken))
        {
            found[inventory.Metadata.Name] = StoredInventory.Of(inventory);
            _byObject[KeyOf(known, inventory.Metadata.Name)] = known;
            if (InventoryObjects.IsOwned(connection, inventory))
            {
                read(inventory);
            }
        }

        known.Loaded(found, clock.GetUtcNow());
    }

    private async Task WriteAsync(BitbucketConnection connection, KnownInventories known, InventoryContent content, CancellationToken cancellationToken)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        var writes = 0;
        foreach (var inventory in content.Objects())
        {
            var name = inventory.Metadata.Name;
            names.Add(name);
            InventoryObjects.Own(connection, inventory);
            var (before, now) = (known.Find(name), StoredInventory.Of(inventory));
            if (before is not null && before.IsSameAs(now))
            {
                continue;
            }

            if (writes++ == MostWrites)
            {
                known.GoOn();
                connections.EnqueueAfter(known.Connection, Soon);
                return;
            }

            _byObject[KeyOf(known, name)] = known;
            known.Put(name, now with { Version = await objects.WriteAsync(connection, inventory, before, cancellationToken) });
        }

        foreach (var name in content.IsComplete ? known.Names.Except(names, StringComparer.Ordinal).ToList() : [])
        {
            await objects.DeleteAsync(connection, name, cancellationToken);
            known.Remove(name);
            _byObject.TryRemove(KeyOf(known, name), out _);
        }
    }

    // A namespace that goes, a quota and a missing right refuse for a while; an object that was edited or deleted is read again.
    private async Task RefusedAsync(
        BitbucketConnection connection, KnownInventories known, KubernetesApiException refusal, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        if (refusal.StatusCode is HttpStatusCode.Conflict or HttpStatusCode.NotFound)
        {
            var wait = known.Invalidate(now);
            known.Wait(now + wait);
            connections.EnqueueAfter(known.Connection, wait);
            return;
        }

        known.Wait(now + AfterRefusal);
        Log.Failed(logger, connection.Metadata.NamespaceProperty, connection.Metadata.Name, refusal.Message);
        if (!known.IsRefused)
        {
            known.IsRefused = true;
            await publish(connection, NotWritten, Sentences.InventoryNotWritten(refusal.Message), EventType.Warning, cancellationToken);
        }
    }

    private static bool IsFailedRead(Exception e) =>
        e is KubernetesApiException or HttpRequestException or IOException or TimeoutException or JsonException or OperationCanceledException;

    private static partial class Log
    {
        [LoggerMessage(130, LogLevel.Debug, "The inventories of {Namespace}/{Name} cannot be written: {Message}", EventName = "InventoryNotWritten")]
        public static partial void Failed(ILogger logger, string? @namespace, string? name, string message);

        [LoggerMessage(131, LogLevel.Debug, "The inventories of {Namespace}/{Name} cannot be read: {Message}", EventName = "InventoryNotRead")]
        public static partial void NotRead(ILogger logger, string? @namespace, string? name, string message);
    }
}
