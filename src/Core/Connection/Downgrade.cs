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
    private readonly string _credential;
    private readonly string _cure;

    private Downgrade(VerifiedSet set, BitbucketConnection connection, ConnectionObserved observed)
    {
        _set = set;
        (_credential, _cure) = connection.Spec.WebhookAuth is null
            ? ("spec.auth", "let a credential with that right do it, in spec.webhookAuth or for one pass in spec.auth")
            : ("spec.webhookAuth", "let a credential with that right do it for one pass, in spec.webhookAuth");

        // Of an entry that cannot be read, nobody can say that it changed.
        _sameWanted = set.Wanted == VisitSchedule.DesiredFingerprint(observed.Desired) || observed.Desired.Any(d => d.Definition.Fault is not null);
        _happened = observed.Selection!.Selected.Any(r => set.Contains(r.Id) && IsDenied(observed, r));
        Verified = [.. observed.Desired.Where(d => d.Definition.Succeeded).Select(d => d.Name)];
    }

    /// <summary>Names of the webhooks that are in place on a repository that <see cref="Covers"/> is true of.</summary>
    public IReadOnlyList<string> Verified { get; }

    public static Downgrade Of(BitbucketConnection connection, ConnectionObserved observed) =>
        new(VerifiedSet.Read(connection.Status?.Webhooks?.Verified), connection, observed);

    /// <summary>True when the repository's webhooks were as they are wanted now when they could last be seen.</summary>
    public bool Covers(Repository repository) => _sameWanted && _set.Contains(repository.Id);

    /// <summary>The fault of a repository that is not covered, with what reducing the rights has to do with it.</summary>
    public Fault Explain(Repository repository, Fault fault)
    {
        var lost = $"after the credential of {_credential} lost the right to manage webhooks";
        var what = _set.Contains(repository.Id)
            ? $"spec.webhooks or one of its secrets changed {lost}, and the change cannot be made on {repository.Name} with it"
            : $"{repository.Name} appeared {lost} (status.webhooks.verified does not hold it), so that its webhooks were not made";
        return _happened ? fault with { Message = $"{what}: {_cure}. {fault.Message}" } : fault;
    }

    private static bool IsDenied(ConnectionObserved observed, Repository repository) =>
        observed.Webhooks.TryGetValue(repository.Id, out var webhooks)
            ? webhooks.Fault?.Reason == Reasons.WebhookPermissionDenied
            : observed.Remembered.GetValueOrDefault(repository.Id) is { VerifiedBefore: true };
}
