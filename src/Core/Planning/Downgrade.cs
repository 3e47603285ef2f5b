using BitbucketOperator.Core.Api;
using BitbucketOperator.Core.Inventory;
using BitbucketOperator.Core.Levels;
using BitbucketOperator.Core.Messages;
using BitbucketOperator.Core.Model;
using BitbucketOperator.Core.Port;

namespace BitbucketOperator.Core.Planning;

/// <summary>
/// Tells what a repository means whose webhooks the credential may not see. Creating webhooks with an administrator's token
/// and reducing its rights afterwards is a usual way to run: what was in place then still is, as far as anybody knows.
/// </summary>
internal sealed class Downgrade
{
    private readonly VerifiedScopes _set;
    private readonly string? _desired;
    private readonly bool _happened;
    private readonly bool _desiresNone;
    private readonly bool _hasWebhookAuth;

    private Downgrade(VerifiedScopes set, DesiredState state)
    {
        var (connection, observed, levels) = (state.Connection, state.Observed, state.Levels);
        _set = set;
        _hasWebhookAuth = connection.Spec.WebhookAuth is not null;

        // Of an entry that cannot be read, nobody can say that it changed.
        _desired = observed.Desired.Any(d => d.Definition.Fault is not null) ? null : VerifiedScopes.Shortened(state.DesiredFingerprint);
        _desiresNone = observed.Desired.Count == 0;
        _happened = levels.Desired.Any(w => set.Contains(w.Scope.Id) && IsDenied(observed.Checks.GetValueOrDefault(w.Scope.Id)));
        Verified = [.. observed.Desired.Where(d => d.Definition.Succeeded).Select(d => d.Name)];
    }

    // Names of the webhooks that are in place in a scope that Covers is true of.
    private IReadOnlyList<string> Verified { get; }

    public static Downgrade Of(DesiredState state) => new(VerifiedScopes.Of(state.Connection), state);

    /// <summary>True when the scope's webhooks were as they are desired now when they could last be seen.</summary>
    private bool Covers(WebhookScope scope) => Knows(scope) && (_desired is null || _set.Find(scope.Id)?.Desired == _desired);

    /// <summary>True when the scope's webhooks were once all as desired.</summary>
    private bool Knows(WebhookScope scope) => _set.Contains(scope.Id);

    /// <summary>
    /// The fault of a scope that is not covered, with what reducing the rights has to do with it. Null for one that must
    /// have no webhooks of ours, and where none was made.
    /// </summary>
    private Fault? Explain(WebhookScope scope, bool desired, Fault fault)
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
            Words = Sentences.AfterDowngrade(what, outcome, _hasWebhookAuth, fault.Words),
            Field = field,
        };
    }

    /// <summary>What is known of a scope, with what reducing the rights has to do with it.</summary>
    /// <param name="check">What a sync found.</param>
    /// <param name="levels">Which webhooks live where.</param>
    /// <param name="isDeleting">Webhooks are to be removed: what cannot be seen stands in the way.</param>
    public ScopeCheck Interpret(ScopeCheck check, WebhookLevels levels, bool isDeleting)
    {
        if (isDeleting || !IsDenied(check))
        {
            return check;
        }

        var (scope, fault) = (check.Scope, check.ReadFault!);
        var isProjectLevel = scope.Repository is null;
        var isDesired = levels.IsSelected(scope) && CountOn(scope, levels) > 0;
        if (isDesired && Covers(scope))
        {
            return check with { InPlace = [.. Verified.Where(n => IsOn(scope, n, levels))], Failures = [], VerifiedBefore = true };
        }

        var why = isProjectLevel && !isDesired && !Knows(scope) ? null : Explain(scope, isDesired, fault);
        return check with
        {
            Failures = why is null ? [] : [WebhookFailure.At(scope, webhook: null, why)],
            Unseen = why is null && !isProjectLevel,
        };
    }

    /// <summary>Names of the webhooks that status knows to be in place in a scope; null where it knows of none, or of others.</summary>
    public IReadOnlyList<string>? KnownInPlace(WebhookScope scope, WebhookLevels levels) =>
        Covers(scope) && CountOn(scope, levels) > 0 ? [.. Verified.Where(n => IsOn(scope, n, levels))] : null;

    private static int CountOn(WebhookScope scope, WebhookLevels levels) =>
        scope.Repository is { } repository ? levels.CountOn(repository) : levels.Find(scope)?.CountProjectLevel ?? 0;

    private static bool IsOn(WebhookScope scope, string entry, WebhookLevels levels)
    {
        var isProjectLevel = scope.Repository is null;
        var entries = (scope.Repository is { } repository ? levels.ProjectLevelOf(repository) : levels.Find(scope))?.Entries;
        return entries is null ? !isProjectLevel : entries[entry].ProjectLevel == isProjectLevel;
    }

    private static bool IsDenied(ScopeCheck? check) =>
        check?.ReadFault?.Reason == Reasons.WebhookPermissionDenied || check?.ProjectLevel is { View: ScopeView.Denied };
}
