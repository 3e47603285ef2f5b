using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using BitbucketOperator.Core.Messages;
using BitbucketOperator.Core.Model;
using BitbucketOperator.Core.Port;

namespace BitbucketOperator.Core.Discovery;

/// <summary>
/// Whether a listing is plausible. A credential that lost rights, or a server that forgot its projects, answers without a
/// fault and with less: webhooks are removed for the sake of a listing only when it is complete and lost no more than is
/// usual. Measured against status, so that it holds over restarts.
/// </summary>
public sealed class ListingPlausibility
{
    private readonly RepositoryListing _inventory;
    private readonly ListingBaseline _before;
    private readonly string _rules;
    private readonly string? _annotation;

    private ListingPlausibility(Connection connection, RepositoryListing inventory)
    {
        _inventory = inventory;
        _before = connection.Known.Baseline;
        _rules = RulesOf(connection.Spec);
        _annotation = connection.ConfirmedListing;
        var before = _before.ListedBy == _rules ? _before.Repositories ?? 0 : 0;
        var lost = before - inventory.Listed;
        var tooMany = lost > 0
            && (inventory.Listed == 0 || lost * 100L > before * (long)connection.Spec.Discovery.MaxShrinkPercent);
        IsSpent = _annotation is not null && _annotation == _before.Confirmed;
        var confirms = _annotation == inventory.Listed.ToString(CultureInfo.InvariantCulture);
        Confirmed = IsSpent || (inventory.IsComplete && tooMany && confirms) ? _annotation : null;
        if (inventory.IsComplete && tooMany && (IsSpent || !confirms))
        {
            Doubt = Sentences.ListingShrank(inventory.Listed, before, connection.Spec.Discovery.MaxShrinkPercent, Confirmation);
        }
    }

    /// <summary>Why the listing is doubted although it is complete; null when it is not, or not complete.</summary>
    public Wording? Doubt { get; }

    /// <summary>The annotation that confirmed a listing, this one or an earlier one, and is still there; null when it did not.</summary>
    public string? Confirmed { get; }

    // It confirmed one listing, and says nothing of another one that happens to be as long.
    private bool IsSpent { get; }

    /// <summary>Measures a listing against what the connection knows.</summary>
    public static ListingPlausibility Of(Connection connection, RepositoryListing inventory) => new(connection, inventory);

    /// <summary>What status remembers to measure the next listing against.</summary>
    public (int? Repositories, string? ListedBy) Remembered => _inventory.IsComplete && Doubt is null
        ? (_inventory.Listed, _rules)
        : (_before.Repositories, _before.ListedBy);

    private string Confirmation => IsSpent && _annotation == _inventory.Listed.ToString(CultureInfo.InvariantCulture)
        ? Sentences.ConfirmListingAgain(_annotation)
        : Sentences.ConfirmListing(_inventory.Listed);

    /// <summary>What a listing was asked for. The rules that select from it do not count, for they hide nothing.</summary>
    public static string RulesOf(ConnectionSpec spec)
    {
        var discovery = spec.Discovery;
        string[] lines =
        [
            spec.ServerKey,
            string.Join(' ', discovery.Projects.Select(p => p.ToUpperInvariant()).Order(StringComparer.Ordinal)),
            string.Join(' ', discovery.Repositories.Select(r => r.ToUpperInvariant()).Order(StringComparer.Ordinal)),
        ];
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', lines))).AsSpan(0, 8));
    }
}
