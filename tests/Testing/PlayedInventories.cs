using System.Text.Json;
using BitbucketOperator.Core.Api.V1Alpha1;
using BitbucketOperator.Core.Model;
using BitbucketOperator.Core.Status;

namespace BitbucketOperator.Testing;

/// <summary>The BitbucketInventory objects of one connection, as an API server holds them.</summary>
public sealed class PlayedInventories
{
    private readonly Dictionary<string, string> _objects = new(StringComparer.Ordinal);

    /// <summary>How many times an object was made, changed or deleted.</summary>
    public int Writes { get; private set; }

    /// <summary>The objects, sorted by name.</summary>
    public IReadOnlyList<BitbucketInventory> Objects => [.. _objects.OrderBy(o => o.Key, StringComparer.Ordinal).Select(o => Parse(o.Value))];

    /// <summary>Stores what a reconcile came to; null: it did not get that far.</summary>
    public void Write(InventoryContent? content)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var inventory in content?.Objects() ?? [])
        {
            names.Add(inventory.Metadata.Name);
            Put(inventory);
        }

        foreach (var gone in content is { IsComplete: true } ? _objects.Keys.Except(names, StringComparer.Ordinal).ToList() : [])
        {
            _objects.Remove(gone);
            Writes++;
        }
    }

    /// <summary>Stores one as it is.</summary>
    public void Put(BitbucketInventory inventory)
    {
        var text = JsonSerializer.Serialize(inventory, ApiJsonContext.Default.BitbucketInventory);
        Writes += _objects.GetValueOrDefault(inventory.Metadata.Name) == text ? 0 : 1;
        _objects[inventory.Metadata.Name] = text;
    }

    /// <summary>Somebody deletes them.</summary>
    public void Lose() => _objects.Clear();

    /// <summary>What a process reads when it begins.</summary>
    public VerifiedScopes Read(Connection connection)
    {
        var reader = new InventoryHintReader(connection);
        foreach (var inventory in Objects)
        {
            reader.Add(inventory);
        }

        return reader.Verified;
    }

    private static BitbucketInventory Parse(string text) => JsonSerializer.Deserialize(text, ApiJsonContext.Default.BitbucketInventory)!;
}
