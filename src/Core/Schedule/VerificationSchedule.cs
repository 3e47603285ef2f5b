using System.Security.Cryptography;
using System.Text;
using BitbucketOperator.Core.Inventory;
using BitbucketOperator.Core.Levels;
using BitbucketOperator.Core.Model;
using BitbucketOperator.Core.Observation;
using BitbucketOperator.Core.Port;

namespace BitbucketOperator.Core.Schedule;

/// <summary>Which scopes' webhooks a reconcile looks at, so that each is looked at within spec.webhookInterval.</summary>
public static class VerificationSchedule
{
    /// <summary>Whether to look now.</summary>
    public static bool IsDue(ScopeCheck? check, string desiredFingerprint, DateTimeOffset now) =>
        check is null
        || check.Failures.Count > 0
        || check.RemovalsWithheld
        || check.MovePending
        || check.DueAt <= now
        || !string.Equals(check.DesiredFingerprint, desiredFingerprint, StringComparison.Ordinal);

    /// <summary>
    /// When to look again: in the second half of the interval, at a point that depends on the repository alone, so that
    /// repositories first seen together drift apart.
    /// </summary>
    public static DateTimeOffset NextVerification(string scopeId, DateTimeOffset now, TimeSpan webhookInterval) =>
        now + (webhookInterval * (0.5 + (0.5 * Fraction(scopeId))));

    /// <summary>
    /// When to come back after a reconcile that found all well: within the last tenth of the interval, at a point that depends
    /// on the resource alone, so that connections started together drift apart.
    /// </summary>
    public static TimeSpan NextDiscovery(string uid, TimeSpan interval) => interval * (0.9 + (0.1 * Fraction(uid)));

    /// <summary>
    /// The projects and workspaces to read: those that are due themselves, and those of repositories that are, whose webhooks
    /// say nothing without theirs.
    /// </summary>
    /// <param name="connection">The resource.</param>
    /// <param name="observed">What is known before any webhook was read.</param>
    /// <param name="checks">What earlier reconciles found, by the id of the scope.</param>
    /// <param name="levels">The levels as they are expected to be.</param>
    public static IReadOnlyList<WebhookScope> DueProjectLevel(
        Connection connection, ConnectionObserved observed, IReadOnlyDictionary<string, ScopeCheck> checks, WebhookLevels levels)
    {
        var relevant = RelevantScopes.Of(connection, observed.RepositoryListing!, observed.Selection!, levels);
        var fingerprints = FingerprintsOf(connection, observed, levels);
        var below = relevant.Where(r => IsDue(checks, fingerprints, observed, WebhookScope.Of(r)))
            .Select(r => levels.ProjectLevelOf(r)?.Scope.Id)
            .ToHashSet(StringComparer.Ordinal);
        return [.. levels.CheckedAt.Where(p => below.Contains(p.Scope.Id) || IsDue(checks, fingerprints, observed, p.Scope)).Select(p => p.Scope)];
    }

    /// <summary>The repositories to read when the projects and workspaces were, and what is remembered of all other scopes.</summary>
    /// <param name="connection">The resource.</param>
    /// <param name="observed">What is known, with the webhooks of projects and workspaces.</param>
    /// <param name="checks">What earlier reconciles found, by the id of the scope.</param>
    /// <param name="levels">The levels of the reconcile.</param>
    public static (IReadOnlyList<Repository> Due, IReadOnlyDictionary<string, ScopeCheck> Remembered) DueRepositories(
        Connection connection, ConnectionObserved observed, IReadOnlyDictionary<string, ScopeCheck> checks, WebhookLevels levels)
    {
        var relevant = RelevantScopes.Of(connection, observed.RepositoryListing!, observed.Selection!, levels).ToList();
        var fingerprints = FingerprintsOf(connection, observed, levels);
        var moved = levels.Scopes
            .Where(p => p.View is not (ScopeView.Remembered or ScopeView.NotRead))
            .Where(p => p.DiffersFrom(checks.GetValueOrDefault(p.Scope.Id)) || (observed.Owner is { } owner && p.HoldsWhatGoesDown(owner)))
            .Select(p => p.Scope.Id).ToHashSet(StringComparer.Ordinal);
        var due = relevant.FindAll(r =>
            IsDue(checks, fingerprints, observed, WebhookScope.Of(r))
            || (levels.ProjectLevelOf(r) is { } projectLevel && moved.Contains(projectLevel.Scope.Id)));
        var unread = levels.CheckedAt.Where(p => p.View == ScopeView.Remembered).Select(p => p.Scope.Id);
        var remembered = relevant.Except(due).Select(r => r.Id).Concat(unread).ToDictionary(id => id, id => checks[id], StringComparer.Ordinal);
        return (due, remembered);
    }

    /// <summary>What a reconcile asks of scopes, as fingerprints: a scope whose fingerprint changed is due at once.</summary>
    public static DesiredFingerprints FingerprintsOf(Connection connection, ConnectionObserved observed, WebhookLevels levels)
    {
        // What mode Plan found is read again before it is applied.
        var mode = connection.Spec.Mode == WriteMode.Plan ? " planned" : "";
        return new DesiredFingerprints(DesiredWebhook.Fingerprint(observed.Desired) + mode, "none" + mode, levels);
    }

    private static bool IsDue(
        IReadOnlyDictionary<string, ScopeCheck> checks, DesiredFingerprints fingerprints, ConnectionObserved observed, WebhookScope scope) =>
        IsDue(checks.GetValueOrDefault(scope.Id), fingerprints.For(scope), observed.Now);

    /// <summary>A number from 0 to 1 that depends on the text alone.</summary>
    internal static double Fraction(string id) =>
        BitConverter.ToUInt32(SHA256.HashData(Encoding.UTF8.GetBytes(id)).AsSpan(0, 4)) / (double)uint.MaxValue;
}

/// <summary>What is desired of scopes, as fingerprints.</summary>
public sealed class DesiredFingerprints
{
    private readonly string _selected;
    private readonly string _others;
    private readonly WebhookLevels _levels;

    internal DesiredFingerprints(string selected, string others, WebhookLevels levels) => (_selected, _others, _levels) = (selected, others, levels);

    /// <summary>What is desired of one scope: the webhooks, as far as no older connection claims it, or none.</summary>
    public string For(WebhookScope scope) => _levels.IsSelected(scope)
        ? _selected + LevelsOf(scope) + _levels.ConflictRules.ConflictsOn(scope)
        : _others;

    // A repository that is moved comes under other levels, although neither those nor the spec changed.
    private string? LevelsOf(WebhookScope scope) => scope.Repository is { } repository
        ? _levels.ProjectLevelOf(repository)?.ProjectLevelEntries
        : _levels.Find(scope)?.Rules;
}
