using BitbucketOperator.Core.Api;
using BitbucketOperator.Core.Api.V1Alpha1;

namespace BitbucketOperator.Core.Connection;

/// <summary>
/// Tells what a repository means whose webhooks the credential may not see. Creating webhooks with an administrator's token
/// and reducing its rights afterwards is a usual way to run: what was in place then still is, as far as anybody knows.
/// </summary>
internal sealed class Downgrade
{
    private readonly VerifiedSet _set;
    private readonly bool _sameWanted;
    private readonly bool _happened;
    private readonly bool _wantsNone;
    private readonly string _credential;
    private readonly string _cure;

    private Downgrade(VerifiedSet set, BitbucketConnection connection, ConnectionObserved observed, WebhookLevels levels)
    {
        _set = set;
        _credential = ConnectionGate.WebhookFieldOf(connection.Spec);
        _cure = "let a credential with that right do it, " + (connection.Spec.WebhookAuth is null
            ? "in spec.webhookAuth, or for one pass in spec.auth"
            : "for one pass in spec.webhookAuth");

        // Of an entry that cannot be read, nobody can say that it changed.
        _sameWanted = set.Wanted == VisitSchedule.DesiredFingerprint(observed.Desired) || observed.Desired.Any(d => d.Definition.Fault is not null);
        _wantsNone = observed.Desired.Count == 0;
        _happened = levels.Wanted.Any(w => set.Contains(w.Place.Id) && IsDenied(observed, w.Place));
        Verified = [.. observed.Desired.Where(d => d.Definition.Succeeded).Select(d => d.Name)];
    }

    /// <summary>Names of the webhooks that are in place on a repository that <see cref="Covers"/> is true of.</summary>
    public IReadOnlyList<string> Verified { get; }

    public static Downgrade Of(BitbucketConnection connection, ConnectionObserved observed, WebhookLevels levels) =>
        new(VerifiedSet.Of(connection), connection, observed, levels);

    /// <summary>True when the place's webhooks were as they are wanted now when they could last be seen.</summary>
    public bool Covers(WebhookPlace place) => _sameWanted && _set.Contains(place.Id);

    /// <summary>True when the place's webhooks were once all as wanted.</summary>
    public bool Knows(WebhookPlace place) => _set.Contains(place.Id);

    /// <summary>
    /// The fault of a place that is not covered, with what reducing the rights has to do with it. Null for one that must
    /// have no webhooks of ours, and where none was made.
    /// </summary>
    public Fault? Explain(WebhookPlace place, bool wanted, Fault fault)
    {
        var known = _set.Contains(place.Id);
        if (!wanted || _wantsNone)
        {
            return known ? Because(_wantsNone ? "spec.webhooks was emptied" : place.Repository is null ? "the webhooks there were to go" : "the repository left the selection", "so that its webhooks cannot be removed") : null;
        }

        if (known)
        {
            return Because("spec.webhooks or one of its secrets changed", "so that the change cannot be made");
        }

        return _happened ? Because("the repository appeared", "so that its webhooks were not made (status.webhooks.verified does not hold it)") : fault;

        Fault Because(string what, string outcome) => fault with
        {
            Message = $"{what} after the credential of {_credential} lost the right to manage webhooks, {outcome}: {_cure}. {fault.Message}",
        };
    }

    private static bool IsDenied(ConnectionObserved observed, WebhookPlace place) =>
        observed.Webhooks.TryGetValue(place.Id, out var webhooks)
            ? webhooks.Fault?.Reason == Reasons.WebhookPermissionDenied
            : observed.Remembered.GetValueOrDefault(place.Id) is { VerifiedBefore: true };
}
