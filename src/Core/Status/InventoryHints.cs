using System.Security.Cryptography;
using System.Text;
using BitbucketOperator.Core.Api.V1Alpha1;
using BitbucketOperator.Core.Inventory;
using BitbucketOperator.Core.Model;

namespace BitbucketOperator.Core.Status;

/// <summary>
/// What inventories hold to spare requests after a restart: which scopes were as desired. Written and read in this file alone.
/// Losing it costs requests; whatever it says, a scope is read before anything is written there, and within spec.webhookInterval.
/// </summary>
public static class InventoryHints
{
    /// <summary>The form that this version writes; one of another form is ignored.</summary>
    public const int Form = 1;

    /// <summary>What an inventory is to hold; null for nothing.</summary>
    /// <param name="connection">Whose it is.</param>
    /// <param name="ids">The scopes that the inventory tells of.</param>
    /// <param name="verified">What is known.</param>
    /// <param name="tally">What was found; a scope where more is to be done is due after a restart.</param>
    internal static InventoryHint? Write(Connection connection, IEnumerable<string> ids, VerifiedScopes verified, WebhookTally tally)
    {
        var groups = ids.Where(id => !IsPending(tally.Checks.GetValueOrDefault(id)))
            .Select(id => (Id: id, Scope: verified.Find(id)))
            .Where(s => s.Scope is not null)
            .GroupBy(s => s.Scope!.Value, s => s.Id)
            .OrderBy(g => g.Key.Desired, StringComparer.Ordinal).ThenBy(g => g.Key.IsHidden)
            .Select(g => new InventoryVerified { Desired = g.Key.Desired, Hidden = g.Key.IsHidden ? true : null, Scopes = [.. g] })
            .ToList();
        return groups.Count == 0 ? null : new InventoryHint { Form = Form, Server = ServerOf(connection.Spec.Address), Verified = groups };
    }

    private static bool IsPending(ScopeCheck? check) => check is { MovePending: true } or { RemovalsWithheld: true } or { IsHandingOver: true };

    internal static string ServerOf(string address) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(address)).AsSpan(0, 4));
}

/// <summary>Gathers what inventories tell, one after the other. What is not as this version writes it tells nothing.</summary>
/// <param name="connection">Whose they are.</param>
public sealed class InventoryHintReader(Connection connection)
{
    private const int MostScopes = 2 * InventoryContent.MostRepositories;
    private const int LongestText = 300;

    private readonly ScopeMap _scopes = new();
    private readonly string _server = InventoryHints.ServerOf(connection.Known.ServerAddress ?? connection.Spec.Address);

    /// <summary>What they tell.</summary>
    public VerifiedScopes Verified => _scopes.Count == 0 ? VerifiedScopes.None : VerifiedScopes.Of(_scopes);

    /// <summary>One more, as somebody may have left it.</summary>
    public void Add(BitbucketInventory inventory)
    {
        if (inventory.Status?.Hint is not { Form: InventoryHints.Form } hint || hint.Server != _server)
        {
            return;
        }

        foreach (var group in (hint.Verified ?? []).Where(g => IsText(g.Desired)))
        {
            var scope = new VerifiedScope(group.Desired, group.Hidden ?? false);
            foreach (var id in (group.Scopes ?? []).Where(IsText).Take(MostScopes))
            {
                _scopes.Set(id, scope);
            }
        }
    }

    private static bool IsText(string? text) => text is { Length: > 0 and <= LongestText };
}
