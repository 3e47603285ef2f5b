using BitbucketOperator.Core.Api;
using BitbucketOperator.Core.Inventory;
using BitbucketOperator.Core.Levels;
using BitbucketOperator.Core.Planning;
using BitbucketOperator.Core.Port;

namespace BitbucketOperator.Core.Status;

/// <summary>On which of the selected repositories webhooks can be seen, and on which they cannot be changed or removed.</summary>
/// <param name="Seen">How many repositories' webhooks can be seen.</param>
/// <param name="Hidden">Repositories whose webhooks may not be seen, sorted.</param>
/// <param name="NotChanged">Repositories where creating or changing one was denied, sorted.</param>
/// <param name="NotRemoved">Repositories where removing one was denied, sorted. Archived ones are read-only for everybody and do not count.</param>
internal sealed record WebhookPermissions(
    int Seen, IReadOnlyList<string> Hidden, IReadOnlyList<string> NotChanged, IReadOnlyList<string> NotRemoved)
{
    // What is denied is tried again in every reconcile, so that what was found on the others may be remembered. When none is desired,
    // webhooks are looked at once more to remove them, and then no more.
    public static WebhookPermissions Of(ReconcileOutcome outcome, WebhookTally tally)
    {
        var (seen, hidden) = (0, new List<string>());
        var isLookedAfter = outcome.Observed.Desired.Count > 0;
        foreach (var repository in outcome.Observed.Selection?.Selected ?? [])
        {
            switch (MaySee(tally.Checks.GetValueOrDefault(repository.Id)) ?? MaySeeProjectLevel(tally.Levels.ProjectLevelOf(repository)))
            {
                case true when isLookedAfter:
                    seen++;
                    break;
                case false:
                    hidden.Add(repository.Name.ToString());
                    break;
            }
        }

        return new WebhookPermissions(seen, hidden, Denied(tally, removals: false), Denied(tally, removals: true));
    }

    // Who may manage the webhooks of a project or workspace may manage those of its repositories.
    private static bool? MaySeeProjectLevel(ScopeLevels? projectLevel) =>
        projectLevel is { CountProjectLevel: > 0, View: ScopeView.Read } ? true : null;

    // Null where it was not tried, or something else went wrong.
    private static bool? MaySee(ScopeCheck? check)
    {
        if (check is null or { VerifiedBefore: true } or { Unseen: true })
        {
            return check is { VerifiedBefore: true } ? false : null;
        }

        var unread = check.Failures.FirstOrDefault(f => f.Webhook is null);
        return unread is null ? true : unread.Fault.Reason == Reasons.WebhookPermissionDenied ? false : null;
    }

    private static List<string> Denied(WebhookTally tally, bool removals) =>
    [
        .. tally.Checks.Values.SelectMany(c => c.Refused)
            .Where(a => a.Fault?.Reason == Reasons.WebhookPermissionDenied)
            .Where(a => a.Change.Scope is { Repository: not null, Archived: false } && (a.Change.Kind == ChangeKind.Remove) == removals)
            .Select(a => a.Change.Scope.Name)
            .Distinct(StringComparer.Ordinal)
            .Order(StringComparer.OrdinalIgnoreCase),
    ];
}
