using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography;
using System.Text.Json;
using BitbucketOperator.Core.Api.V1Alpha1;
using BitbucketOperator.Core.Inventory;
using BitbucketOperator.Core.Messages;
using BitbucketOperator.Core.Status;
using BitbucketOperator.Runtime.Client;
using BitbucketOperator.Runtime.Events;
using BitbucketOperator.Runtime.Model;
using k8s.Models;
using Microsoft.Extensions.Logging;

namespace BitbucketOperator.Controllers;

/// <summary>Where BitbucketInventory objects are written: a cluster, or something that stands for one.</summary>
internal interface IInventories
{
    /// <summary>Writes what changed since it was written last; nothing while more is to come soon. Fails nobody.</summary>
    Task FlushAsync(BitbucketConnection connection, InventoryContent content, CancellationToken cancellationToken);

    /// <summary>The connection is gone.</summary>
    void Forget(string uid);
}

/// <summary>
/// Keeps the BitbucketInventory objects of each connection as they must be. Remembers a hash and a version of each object, and no
/// content. A connection has one writer, its reconcile. What the API server refuses is tried again later.
/// </summary>
[EntityRbac(BitbucketInventory.Group, [BitbucketInventory.Plural], ["get", "list", "create", "delete"],
    Reason = "Tells what it knows of each project's repositories; works without")]
[EntityRbac(BitbucketInventory.Group, [BitbucketInventory.Plural + "/status"], ["update"], Reason = "The same")]
internal sealed partial class InventoryStore(
    KubernetesApi api, IConnections connections, EventPublisher publish, TimeProvider clock, ILogger<InventoryStore> logger)
    : IInventories, ILeaderMemory
{
    /// <summary>Event reason: an inventory cannot be written.</summary>
    public const string NotWritten = "InventoryNotWritten";

    private const int MostWrites = 50;
    private const int PageSize = 20;
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan WhileSyncing = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan AfterRefusal = TimeSpan.FromMinutes(5);

    private readonly ConcurrentDictionary<string, Known> _known = new(StringComparer.Ordinal);

    public async Task FlushAsync(BitbucketConnection connection, InventoryContent content, CancellationToken cancellationToken)
    {
        var known = _known.GetOrAdd(connection.Metadata.Uid, _ => new Known());
        var now = clock.GetUtcNow();
        if (now < known.NotBefore || (content.IsSyncing && now < known.WrittenAt + WhileSyncing))
        {
            return;
        }

        known.WrittenAt = now;
        try
        {
            await LoadAsync(connection, known, cancellationToken);
            await WriteAsync(connection, known, content, cancellationToken);
            known.IsRefused = false;
        }
        catch (KubernetesApiException e)
        {
            await RefusedAsync(connection, known, e, cancellationToken);
        }
        catch (Exception e) when (e is HttpRequestException or TimeoutException or JsonException)
        {
            Log.Failed(logger, connection.Metadata.NamespaceProperty, connection.Metadata.Name, e.Message);
            known.NotBefore = now + WhileSyncing;
        }
    }

    public void Forget(string uid) => _known.TryRemove(uid, out _);

    public void Forget() => _known.Clear();

    // Objects that somebody deleted or edited are noticed with each discovery.
    private async Task LoadAsync(BitbucketConnection connection, Known known, CancellationToken cancellationToken)
    {
        var interval = Core.Mapping.ConnectionMapping.ToModel(connection.Spec).Interval;
        if (clock.GetUtcNow() < known.LoadedAt + interval)
        {
            return;
        }

        var found = new Dictionary<string, Written>(StringComparer.Ordinal);
        string? next = null;
        do
        {
            var page = await api.FindAsync(PageOf(connection, next), ApiJsonContext.Default.BitbucketInventoryList, cancellationToken);
            foreach (var item in page?.Items ?? [])
            {
                found[item.Metadata.Name] = new Written(HashOf(item), item.Metadata.ResourceVersion);
            }

            next = page?.Continue;
        }
        while (next is not null);
        known.Objects = found;
        known.LoadedAt = clock.GetUtcNow();
    }

    private async Task WriteAsync(BitbucketConnection connection, Known known, InventoryContent content, CancellationToken cancellationToken)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        var writes = 0;
        foreach (var inventory in content.Objects())
        {
            names.Add(inventory.Metadata.Name);
            var hash = HashOf(inventory);
            var before = known.Objects.GetValueOrDefault(inventory.Metadata.Name);
            if (before?.Hash == hash)
            {
                continue;
            }

            if (writes++ == MostWrites)
            {
                known.WrittenAt = default;
                connections.EnqueueAfter(new EntityKey(connection.Metadata.NamespaceProperty, connection.Metadata.Name), Soon);
                return;
            }

            known.Objects[inventory.Metadata.Name] = new Written(hash, await WriteAsync(connection, inventory, before, cancellationToken));
        }

        foreach (var name in content.IsComplete ? known.Objects.Keys.Except(names, StringComparer.Ordinal).ToList() : [])
        {
            await DeleteAsync(connection, name, cancellationToken);
            known.Objects.Remove(name);
        }
    }

    private async Task<string> WriteAsync(
        BitbucketConnection connection, BitbucketInventory inventory, Written? before, CancellationToken cancellationToken)
    {
        var version = before?.Version;
        if (version is null)
        {
            Own(connection, inventory);
            var created = await api.CreateAsync(Collection(connection), inventory, ApiJsonContext.Default.BitbucketInventory, cancellationToken);
            version = created.Metadata.ResourceVersion;
        }

        inventory.Metadata.NamespaceProperty = connection.Metadata.NamespaceProperty;
        inventory.Metadata.ResourceVersion = version;
        var path = $"{Object(connection, inventory.Metadata.Name)}/status";
        var written = await api.ReplaceAsync(path, inventory, ApiJsonContext.Default.BitbucketInventory, cancellationToken);
        return written.Metadata.ResourceVersion;
    }

    private async Task DeleteAsync(BitbucketConnection connection, string name, CancellationToken cancellationToken)
    {
        try
        {
            await api.DeleteAsync(Object(connection, name), cancellationToken);
        }
        catch (KubernetesApiException e) when (e.StatusCode == HttpStatusCode.NotFound)
        {
            // Somebody was faster.
        }
    }

    // A namespace that goes, a quota and a missing right refuse for a while; an object that was edited or deleted is read again.
    private async Task RefusedAsync(BitbucketConnection connection, Known known, KubernetesApiException refusal, CancellationToken cancellationToken)
    {
        known.LoadedAt = default;
        if (refusal.StatusCode is HttpStatusCode.Conflict or HttpStatusCode.NotFound)
        {
            known.WrittenAt = default;
            known.NotBefore = clock.GetUtcNow() + Soon;
            connections.EnqueueAfter(new EntityKey(connection.Metadata.NamespaceProperty, connection.Metadata.Name), Soon);
            return;
        }

        known.NotBefore = clock.GetUtcNow() + AfterRefusal;
        Log.Failed(logger, connection.Metadata.NamespaceProperty, connection.Metadata.Name, refusal.Message);
        if (!known.IsRefused)
        {
            known.IsRefused = true;
            await publish(connection, NotWritten, Sentences.InventoryNotWritten(refusal.Message), EventType.Warning, cancellationToken);
        }
    }

    private static void Own(BitbucketConnection connection, BitbucketInventory inventory)
    {
        inventory.Metadata.NamespaceProperty = connection.Metadata.NamespaceProperty;
        inventory.Metadata.Labels = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            [BitbucketInventory.ConnectionLabel] = InventoryNames.LabelOf(connection.Metadata.Name),
        };
        inventory.Metadata.OwnerReferences =
        [
            new V1OwnerReference
            {
                ApiVersion = $"{BitbucketConnection.Group}/{BitbucketConnection.Version}",
                Kind = BitbucketConnection.KindName,
                Name = connection.Metadata.Name,
                Uid = connection.Metadata.Uid,
                Controller = true,
                BlockOwnerDeletion = false,
            },
        ];
    }

    private static string HashOf(BitbucketInventory inventory)
    {
        var status = JsonSerializer.SerializeToUtf8Bytes(inventory.Status ?? new BitbucketInventoryStatus(), ApiJsonContext.Default.BitbucketInventoryStatus);
        return Convert.ToHexStringLower(SHA256.HashData(status).AsSpan(0, 8));
    }

    private static string Collection(BitbucketConnection connection) => ResourcePath.Collection(
        BitbucketInventory.Group, BitbucketInventory.Version, connection.Metadata.NamespaceProperty, BitbucketInventory.Plural);

    private static string PageOf(BitbucketConnection connection, string? next)
    {
        var selector = Uri.EscapeDataString($"{BitbucketInventory.ConnectionLabel}={InventoryNames.LabelOf(connection.Metadata.Name)}");
        var from = next is null ? "" : $"&continue={Uri.EscapeDataString(next)}";
        return $"{Collection(connection)}?labelSelector={selector}&limit={PageSize}{from}";
    }

    private static string Object(BitbucketConnection connection, string name) => ResourcePath.Object(
        BitbucketInventory.Group, BitbucketInventory.Version, connection.Metadata.NamespaceProperty, BitbucketInventory.Plural, name);

    private sealed record Written(string Hash, string Version);

    private sealed class Known
    {
        public Dictionary<string, Written> Objects { get; set; } = new(StringComparer.Ordinal);

        public DateTimeOffset LoadedAt { get; set; }

        public DateTimeOffset WrittenAt { get; set; }

        public DateTimeOffset NotBefore { get; set; }

        public bool IsRefused { get; set; }
    }

    private static partial class Log
    {
        [LoggerMessage(130, LogLevel.Debug, "The inventories of {Namespace}/{Name} cannot be written: {Message}", EventName = "InventoryNotWritten")]
        public static partial void Failed(ILogger logger, string? @namespace, string? name, string message);
    }
}
