using BitbucketOperator.Core.Api;
using BitbucketOperator.Core.Inventory;
using BitbucketOperator.Core.Levels;
using BitbucketOperator.Core.Messages;
using BitbucketOperator.Core.Model;
using BitbucketOperator.Core.Observation;
using BitbucketOperator.Core.Port;

namespace BitbucketOperator.Core.Planning;

/// <summary>
/// Tells what a repository means whose webhooks the credential may not see. Creating webhooks with an administrator's token
/// and reducing its rights afterwards is a usual way to run: what was in place then still is, as far as anybody knows.
/// </summary>
internal sealed class Downgrade
{
    private readonly VerifiedSet _set;
    private readonly bool _sameDesired;
    private readonly bool _happened;
    private readonly bool _desiresNone;
    private readonly string _credential;
    private readonly bool _hasWebhookAuth;

    private Downgrade(VerifiedSet set, Connection connection, ConnectionObserved observed, WebhookLevels levels)
    {
        _set = set;
        _credential = connection.Spec.WebhookAuthField;
        _hasWebhookAuth = connection.Spec.WebhookAuth is not null;

        // Of an entry that cannot be read, nobody can say that it changed.
        _sameDesired = set.Desired == DesiredWebhook.Fingerprint(observed.Desired)
            || observed.Desired.Any(d => d.Definition.Fault is not null);
        _desiresNone = observed.Desired.Count == 0;
        _happened = levels.Desired.Any(w => set.Contains(w.Scope.Id) && IsDenied(observed, w.Scope));
        Verified = [.. observed.Desired.Where(d => d.Definition.Succeeded).Select(d => d.Name)];
    }

    /// <summary>Names of the webhooks that are in place on a repository that <see cref="Covers"/> is true of.</summary>
    public IReadOnlyList<string> Verified { get; }

    public static Downgrade Of(Connection connection, ConnectionObserved observed, WebhookLevels levels) =>
        new(VerifiedSet.Of(connection), connection, observed, levels);

    /// <summary>True when the scope's webhooks were as they are desired now when they could last be seen.</summary>
    public bool Covers(WebhookScope scope) => _sameDesired && _set.Contains(scope.Id);

    /// <summary>True when the scope's webhooks were once all as desired.</summary>
    public bool Knows(WebhookScope scope) => _set.Contains(scope.Id);

    /// <summary>
    /// The fault of a scope that is not covered, with what reducing the rights has to do with it. Null for one that must
    /// have no webhooks of ours, and where none was made.
    /// </summary>
    public Fault? Explain(WebhookScope scope, bool desired, Fault fault)
    {
        var known = _set.Contains(scope.Id);
        if (_desiresNone)
        {
            return known ? Because(Sentences.WebhooksEmptied, Sentences.SoNotRemoved, Fields.Webhooks) : null;
        }

        if (!desired)
        {
            var what = scope.Repository is null ? Sentences.WebhooksWereToGo : Sentences.RepositoryLeft;
            return known ? Because(what, Sentences.SoNotRemoved) : null;
        }

        if (known)
        {
            return Because(Sentences.WebhooksDiffer, Sentences.SoNotChanged, Fields.Webhooks);
        }

        return _happened ? Because(Sentences.RepositoryAppeared, Sentences.SoNotMade) : fault;

        Fault Because(string what, string outcome, string? field = null) => fault with
        {
            Message = Sentences.AfterDowngrade(what, _credential, outcome, _hasWebhookAuth, fault.Message),
            Field = field,
        };
    }

    private static bool IsDenied(ConnectionObserved observed, WebhookScope scope) =>
        observed.Webhooks.TryGetValue(scope.Id, out var webhooks)
            ? webhooks.Fault?.Reason == Reasons.WebhookPermissionDenied
            : observed.Remembered.GetValueOrDefault(scope.Id) is { VerifiedBefore: true };
}
