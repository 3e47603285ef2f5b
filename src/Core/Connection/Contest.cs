using BitbucketOperator.Core.Api;
using BitbucketOperator.Core.Api.V1Alpha1;

namespace BitbucketOperator.Core.Connection;

/// <summary>
/// Who has a URL on a repository that several connections want it on: in this cluster the older resource, for good; among
/// clusters whoever came first.
/// </summary>
internal sealed class Contest
{
    private const int ToldAtMost = 5;

    private readonly BitbucketConnection _connection;
    private readonly IReadOnlyList<Rival> _rivals;
    private readonly ILookup<string, Rival> _older;
    private readonly List<(Rival Rival, List<Repository> Claimed)> _younger;

    private Contest(BitbucketConnection connection, ConnectionObserved observed)
    {
        _connection = connection;
        _rivals = [.. observed.Rivals.OrderBy(r => r.Connection.Metadata.CreationTimestamp ?? DateTime.MaxValue).ThenBy(r => r.Name, StringComparer.Ordinal)];
        var selected = observed.Selection?.Selected ?? [];
        var claims = _rivals.Where(r => r.IsActive).Select(r => (Rival: r, Claimed: r.Claims(selected).ToList())).ToList();
        _older = claims.Where(c => c.Rival.IsOlderThan(connection))
            .SelectMany(c => PlacesOf(c.Claimed).Select(id => (Id: id, c.Rival)))
            .ToLookup(c => c.Id, c => c.Rival, StringComparer.Ordinal);
        _younger = claims.FindAll(c => !c.Rival.IsOlderThan(connection));
    }

    /// <summary>Nobody else wants anything.</summary>
    public static Contest None { get; } = Of(new BitbucketConnection(), new ConnectionObserved { Now = default });

    public static Contest Of(BitbucketConnection connection, ConnectionObserved observed) => new(connection, observed);

    /// <summary>The oldest connection before ours that keeps, or is about to make, a webhook with the URL at the place or below it; null when ours is first.</summary>
    public Rival? Winner(WebhookPlace place, string url) => Claimants(place).FirstOrDefault(r => r.Wants(url));

    /// <summary>The older connections that claim a place, as a text that changes with them.</summary>
    public string ClaimsOn(WebhookPlace place) => string.Concat(Claimants(place).Select(r => $" {r.OwnerId}"));

    /// <summary>The connection of this cluster that a mark belongs to, if it still wants the URL.</summary>
    public Rival? Holder(WebhookMarker marker, string url) => _rivals.FirstOrDefault(r => r.OwnerId == marker.Owner && r.Wants(url));

    public bool IsOlder(Rival rival) => rival.IsOlderThan(_connection);

    /// <summary>Names the younger connections that want what we have, to follow the message of WebhooksReady; empty when there are none.</summary>
    public string Yielding()
    {
        var told = (
            from webhook in _connection.Spec.Webhooks.OrderBy(w => w.Name, StringComparer.Ordinal)
            from younger in _younger.OrderBy(y => y.Rival.Name, StringComparer.Ordinal)
            where younger.Claimed.Count > 0 && younger.Rival.Wants(webhook.Url)
            select $"; spec.webhooks[{webhook.Name}] is also asked for by {younger.Rival.Name} on {WebhooksStage.Repositories(younger.Claimed.Count)}, which yields").ToList();
        return string.Concat(told.Take(ToldAtMost)) + (told.Count > ToldAtMost ? $"; and so on, {told.Count} in all" : "");
    }

    // A repository, and its project for webhooks that are kept there.
    private static HashSet<string> PlacesOf(List<Repository> claimed) =>
        [.. claimed.Select(r => r.Id), .. claimed.Select(r => WebhookPlace.OfProject(r.Name.Project).Id)];

    private IEnumerable<Rival> Claimants(WebhookPlace place) =>
        place.Level == WebhookLevel.Workspace ? _older.SelectMany(c => c).Distinct() : _older[place.Id];

    /// <summary>The failure of a connection that yields. The same before and after the winner made its webhook.</summary>
    public static Fault Lost(string name, Rival winner) => Fault.Waiting(
        Reasons.WebhookConflict,
        $"spec.webhooks[{name}] has a url that {winner.Name} asks for too, which is older and keeps the webhook. Leave the entry or the repository out in one of the two");
}
