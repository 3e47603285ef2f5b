using BitbucketOperator.Core.Api;

namespace BitbucketOperator.Core.Connection;

/// <summary>On which of the selected repositories webhooks can be seen, and on which they cannot be changed or removed.</summary>
/// <param name="Seen">How many repositories' webhooks can be seen.</param>
/// <param name="Hidden">Repositories whose webhooks may not be seen, sorted.</param>
/// <param name="NotChanged">Repositories where creating or changing one was denied, sorted.</param>
/// <param name="NotRemoved">Repositories where removing one was denied, sorted. Archived ones are read-only for everybody and do not count.</param>
internal sealed record WebhookRights(
    int Seen, IReadOnlyList<string> Hidden, IReadOnlyList<string> NotChanged, IReadOnlyList<string> NotRemoved)
{
    // What is denied is tried again in every pass, so that what was found on the others may be remembered. Without a wish,
    // webhooks are looked at once more to remove them, and then no more.
    public static WebhookRights Of(ConnectionPass pass, WebhookTally tally)
    {
        var (seen, hidden) = (0, new List<string>());
        var isLookedAfter = pass.Observed.Desired.Count > 0;
        foreach (var repository in pass.Observed.Selection?.Selected ?? [])
        {
            switch (MaySee(tally.Checks.GetValueOrDefault(repository.Id)) ?? MaySeeAbove(tally.Levels.AboveOf(repository)))
            {
                case true when isLookedAfter:
                    seen++;
                    break;
                case false:
                    hidden.Add(repository.Name.ToString());
                    break;
            }
        }

        return new WebhookRights(seen, hidden, Denied(pass, removals: false), Denied(pass, removals: true));
    }

    // Who may manage the webhooks of a project or workspace may manage those of its repositories.
    private static bool? MaySeeAbove(PlaceLevels? above) =>
        above is { CountAbove: > 0, View: PlaceView.Read or PlaceView.Remembered, IsDenied: false } ? true : null;

    // Null where it was not tried, or something else went wrong.
    private static bool? MaySee(PlaceCheck? check)
    {
        if (check is null or { VerifiedBefore: true } or { Unseen: true })
        {
            return check is { VerifiedBefore: true } ? false : null;
        }

        var unread = check.Failures.FirstOrDefault(f => f.Webhook is null);
        return unread is null ? true : unread.Fault.Reason == Reasons.WebhookPermissionDenied ? false : null;
    }

    private static List<string> Denied(ConnectionPass pass, bool removals) =>
    [
        .. pass.Applied
            .Where(a => a.Fault?.Reason == Reasons.WebhookPermissionDenied && a.Change.Place is { Repository: not null, Archived: false } && (a.Change.Kind == ChangeKind.Remove) == removals)
            .Select(a => a.Change.Place.Name)
            .Distinct(StringComparer.Ordinal)
            .Order(StringComparer.OrdinalIgnoreCase),
    ];
}
