using System.Net;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using BitbucketOperator.Core.Api.V1Alpha1;
using BitbucketOperator.Core.Inventory;
using BitbucketOperator.Runtime.Client;
using BitbucketOperator.Runtime.Model;
using k8s.Models;

namespace BitbucketOperator.Controllers;

/// <summary>An inventory as it is stored.</summary>
/// <param name="Status">Hash of its status.</param>
/// <param name="Place">Hash of its spec, label and owners: where they are not as they must be, it is made again.</param>
/// <param name="Version">Its resourceVersion.</param>
internal sealed record StoredInventory(string Status, string Place, string Version)
{
    /// <summary>What is remembered of an object.</summary>
    public static StoredInventory Of(BitbucketInventory inventory) => new(
        Hash(JsonSerializer.SerializeToUtf8Bytes(inventory.Status ?? new BitbucketInventoryStatus(), ApiJsonContext.Default.BitbucketInventoryStatus)),
        Hash(Encoding.UTF8.GetBytes(PlaceOf(inventory))),
        inventory.Metadata.ResourceVersion ?? "");

    /// <summary>Whether nothing differs but the version.</summary>
    public bool IsSameAs(StoredInventory other) => Status == other.Status && Place == other.Place;

    private static string PlaceOf(BitbucketInventory inventory)
    {
        var label = inventory.Metadata.Labels is { } labels ? labels.TryGetValue(BitbucketInventory.ConnectionLabel, out var value) ? value : null : null;
        var owners = (inventory.Metadata.OwnerReferences ?? [])
            .Select(o => $"{o.ApiVersion} {o.Kind} {o.Name} {o.Uid} {o.Controller} {o.BlockOwnerDeletion ?? false}");
        return string.Join('\n', [inventory.Spec.Connection, inventory.Spec.Project, label, .. owners]);
    }

    private static string Hash(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes).AsSpan(0, 8));
}

/// <summary>Reads and writes the BitbucketInventory objects of a connection. What fails is thrown.</summary>
[EntityRbac(BitbucketInventory.Group, [BitbucketInventory.Plural], ["get", "list", "watch", "create", "update", "delete"],
    Reason = "Tells what it knows of each project's repositories, and puts right what others edit; works without")]
internal sealed class InventoryObjects(KubernetesApi api)
{
    private const int PageSize = 20;

    /// <summary>Every inventory with the label of the connection, page by page.</summary>
    public async IAsyncEnumerable<BitbucketInventory> ListAsync(
        BitbucketConnection connection, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        string? next = null;
        do
        {
            var page = await api.FindAsync(PageOf(connection, next), ApiJsonContext.Default.BitbucketInventoryList, cancellationToken);
            foreach (var item in page?.Items ?? [])
            {
                yield return item;
            }

            next = page?.Continue;
        }
        while (next is not null);
    }

    /// <summary>The version of each of them, by name.</summary>
    public Task<IReadOnlyDictionary<string, string>> ListVersionsAsync(BitbucketConnection connection, CancellationToken cancellationToken) =>
        api.ListVersionsAsync(Collection(connection), SelectorOf(connection), cancellationToken);

    /// <summary>Makes the object as it must be.</summary>
    /// <param name="connection">Whose it is.</param>
    /// <param name="inventory">It, with what <see cref="Own"/> adds.</param>
    /// <param name="before">What is stored; null for nothing.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>The version that is stored then.</returns>
    public async Task<string> WriteAsync(
        BitbucketConnection connection, BitbucketInventory inventory, StoredInventory? before, CancellationToken cancellationToken)
    {
        if (before is null)
        {
            return await CreateAsync(connection, inventory, cancellationToken);
        }

        inventory.Metadata.ResourceVersion = before.Version;
        return await api.ReplaceReturningVersionAsync(
            Object(connection, inventory.Metadata.Name), inventory, ApiJsonContext.Default.BitbucketInventory, cancellationToken);
    }

    /// <summary>Deletes an object, if it is there.</summary>
    public async Task DeleteAsync(BitbucketConnection connection, string name, CancellationToken cancellationToken)
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

    // Without its label an object is not listed, and its name is taken.
    private async Task<string> CreateAsync(BitbucketConnection connection, BitbucketInventory inventory, CancellationToken cancellationToken)
    {
        try
        {
            return await CreateOnceAsync(connection, inventory, cancellationToken);
        }
        catch (KubernetesApiException e) when (e.StatusCode == HttpStatusCode.Conflict)
        {
            await DeleteAsync(connection, inventory.Metadata.Name, cancellationToken);
            return await CreateOnceAsync(connection, inventory, cancellationToken);
        }
    }

    private Task<string> CreateOnceAsync(BitbucketConnection connection, BitbucketInventory inventory, CancellationToken cancellationToken) =>
        api.CreateReturningVersionAsync(Collection(connection), inventory, ApiJsonContext.Default.BitbucketInventory, cancellationToken);

    /// <summary>Adds what makes it the connection's.</summary>
    public static void Own(BitbucketConnection connection, BitbucketInventory inventory)
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

    /// <summary>Whether it was made for the connection, and not for one of the same name before it.</summary>
    public static bool IsOwned(BitbucketConnection connection, BitbucketInventory found) =>
        found.Spec.Connection == connection.Metadata.Name && (found.Metadata.OwnerReferences ?? []).Any(o => o.Uid == connection.Metadata.Uid);

    private static string Collection(BitbucketConnection connection) => ResourcePath.Collection(
        BitbucketInventory.Group, BitbucketInventory.Version, connection.Metadata.NamespaceProperty, BitbucketInventory.Plural);

    private static string SelectorOf(BitbucketConnection connection) =>
        $"{BitbucketInventory.ConnectionLabel}={InventoryNames.LabelOf(connection.Metadata.Name)}";

    private static string PageOf(BitbucketConnection connection, string? next)
    {
        var from = next is null ? "" : $"&continue={Uri.EscapeDataString(next)}";
        return $"{Collection(connection)}?labelSelector={Uri.EscapeDataString(SelectorOf(connection))}&limit={PageSize}{from}";
    }

    private static string Object(BitbucketConnection connection, string name) => ResourcePath.Object(
        BitbucketInventory.Group, BitbucketInventory.Version, connection.Metadata.NamespaceProperty, BitbucketInventory.Plural, name);
}
