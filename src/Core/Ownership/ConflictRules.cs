using BitbucketOperator.Core.Api;
using BitbucketOperator.Core.Messages;
using BitbucketOperator.Core.Model;
using BitbucketOperator.Core.Port;

namespace BitbucketOperator.Core.Ownership;

/// <summary>
/// Who has a URL on a repository that several connections want it on: in this cluster the older resource, for good; among
/// clusters whoever came first.
/// </summary>
internal sealed class ConflictRules
{
    private const int ToldAtMost = 5;

    private readonly Connection _connection;
    private readonly IReadOnlyList<ConflictingConnection> _conflicting;
    private readonly ILookup<string, ConflictingConnection> _older;
    private readonly List<(ConflictingConnection ConflictingConnection, List<Repository> Shared)> _younger;

    private ConflictRules(Connection connection, IReadOnlyList<ConflictingConnection> conflicting, IReadOnlyList<Repository> selected)
    {
        _connection = connection;
        _conflicting = [.. conflicting.OrderBy(r => r.Connection.CreatedAt).ThenBy(r => r.Name, StringComparer.Ordinal)];
        var shared = _conflicting.Where(r => r.IsActive).Select(r => (ConflictingConnection: r, Shared: r.SharedWith(selected).ToList())).ToList();
        _older = shared.Where(c => c.ConflictingConnection.IsOlderThan(connection))
            .SelectMany(c => ScopesOf(c.Shared).Select(id => (Id: id, c.ConflictingConnection)))
            .ToLookup(c => c.Id, c => c.ConflictingConnection, StringComparer.Ordinal);
        _younger = shared.FindAll(c => !c.ConflictingConnection.IsOlderThan(connection));
    }

    /// <summary>Nobody else desires anything.</summary>
    public static ConflictRules None { get; } = Of(
        new Connection { Namespace = "", Name = "", Spec = new ConnectionSpec { Url = "", Auth = new CredentialSource(default, "") } }, [], []);

    /// <param name="connection">Ours.</param>
    /// <param name="conflicting">The other connections that desire the same webhooks.</param>
    /// <param name="selected">The repositories that ours selects.</param>
    public static ConflictRules Of(
        Connection connection, IReadOnlyList<ConflictingConnection> conflicting, IReadOnlyList<Repository> selected) =>
        new(connection, conflicting, selected);

    /// <summary>
    /// The oldest connection before ours that keeps, or is about to make, a webhook with the URL in the scope or below it; null when
    /// ours is first.
    /// </summary>
    public ConflictingConnection? Winner(WebhookScope scope, string url) => ConflictingOn(scope).FirstOrDefault(r => r.Wants(url));

    /// <summary>The older connections that claim a scope, as a text that changes with them.</summary>
    public string ConflictsOn(WebhookScope scope) => string.Concat(ConflictingOn(scope).Select(r => $" {r.OwnerId}"));

    /// <summary>The connection of this cluster that a mark belongs to, if it still desires the URL.</summary>
    public ConflictingConnection? Holder(WebhookMarker marker, string url) => _conflicting.FirstOrDefault(r => r.OwnerId == marker.Owner && r.Wants(url));

    public bool IsOlder(ConflictingConnection conflicting) => conflicting.IsOlderThan(_connection);

    /// <summary>Names the younger connections that want what we have, to follow the message of WebhooksReady; empty when there are none.</summary>
    public string Yielding()
    {
        var told = (
            from webhook in _connection.Spec.Webhooks.OrderBy(w => w.Name, StringComparer.Ordinal)
            from younger in _younger.OrderBy(y => y.ConflictingConnection.Name, StringComparer.Ordinal)
            where younger.Shared.Count > 0 && younger.ConflictingConnection.Wants(webhook.Url)
            select Sentences.Yielding(webhook.Name, younger.ConflictingConnection.Name, younger.Shared.Count)).ToList();
        return string.Concat(told.Take(ToldAtMost)) + (told.Count > ToldAtMost ? Sentences.AndSoOn(told.Count) : "");
    }

    // A repository, and its project for webhooks that are kept there.
    private static HashSet<string> ScopesOf(List<Repository> shared) =>
        [.. shared.Select(r => r.Id), .. shared.Select(r => WebhookScope.OfProject(r.Name.Project).Id)];

    private IEnumerable<ConflictingConnection> ConflictingOn(WebhookScope scope) =>
        scope.Kind == ScopeKind.Workspace ? _older.SelectMany(c => c).Distinct() : _older[scope.Id];

    /// <summary>The failure of a connection that yields. The same before and after the winner made its webhook.</summary>
    public static Fault Lost(string name, ConflictingConnection winner)
    {
        var field = Fields.Webhook(name);
        return Fault.Waiting(Reasons.WebhookConflict, Sentences.ConflictLost(field, winner.Name), field: field);
    }
}
