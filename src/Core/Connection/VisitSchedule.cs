using System.Security.Cryptography;
using System.Text;
using BitbucketOperator.Core.Api.V1Alpha1;

namespace BitbucketOperator.Core.Connection;

/// <summary>Which places' webhooks a pass looks at, so that each is looked at within spec.webhookInterval.</summary>
public static class VisitSchedule
{
    /// <summary>Whether to look now.</summary>
    public static bool IsDue(PlaceCheck? check, string desiredFingerprint, DateTimeOffset now) =>
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
    public static DateTimeOffset NextVisit(string placeId, DateTimeOffset now, TimeSpan webhookInterval) =>
        now + (webhookInterval * (0.5 + (0.5 * Fraction(placeId))));

    /// <summary>
    /// A text that changes whenever what is wanted changes. Holds fingerprints of secrets, never secrets. It is kept in
    /// status.webhooks.verified: should it come out otherwise for the same wish, connections whose credential was reduced would
    /// fail after an upgrade of the operator.
    /// </summary>
    public static string DesiredFingerprint(IEnumerable<DesiredWebhook> desired)
    {
        var text = new StringBuilder();
        foreach (var webhook in desired)
        {
            text.Append(webhook.Name).Append('\n');
            text.Append(webhook.Level is WebhookLevel.Project or WebhookLevel.Workspace ? $"{webhook.Level} " : "");
            text.Append(webhook.Definition.Value is { } d
                ? $"{d.Marker} {d.Url} {d.Active} {d.SslVerification} {string.Join(' ', d.Events.Order(StringComparer.Ordinal))}\n"
                : $"{webhook.Definition.Fault!.Reason}\n");
        }

        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())).AsSpan(0, 16));
    }

    /// <summary>
    /// When to come back after a pass that found all well: within the last tenth of the interval, at a point that depends
    /// on the resource alone, so that connections started together drift apart.
    /// </summary>
    public static TimeSpan NextPass(string uid, TimeSpan interval) => interval * (0.9 + (0.1 * Fraction(uid)));

    /// <summary>
    /// The projects and workspaces to read: those that are due themselves, and those of repositories that are, whose webhooks
    /// say nothing without theirs.
    /// </summary>
    /// <param name="connection">The resource.</param>
    /// <param name="observed">What is known before any webhook was read.</param>
    /// <param name="checks">What earlier passes found, by the id of the place.</param>
    public static IReadOnlyList<WebhookPlace> DueAbove(
        BitbucketConnection connection, ConnectionObserved observed, IReadOnlyDictionary<string, PlaceCheck> checks)
    {
        var (levels, relevant) = Relevant(connection, observed with { Remembered = checks });
        var wish = WishOf(connection, observed, levels);
        var below = relevant.Where(r => IsDue(checks, wish, observed, WebhookPlace.Of(r))).Select(r => levels.AboveOf(r)?.Place.Id).ToHashSet(StringComparer.Ordinal);
        return [.. levels.LookedAt.Where(p => below.Contains(p.Place.Id) || IsDue(checks, wish, observed, p.Place)).Select(p => p.Place)];
    }

    /// <summary>The repositories to read when the projects and workspaces were, and what is remembered of all other places.</summary>
    /// <param name="connection">The resource.</param>
    /// <param name="observed">What is known, with the webhooks of projects and workspaces.</param>
    /// <param name="checks">What earlier passes found, by the id of the place.</param>
    public static (IReadOnlyList<Repository> Due, IReadOnlyDictionary<string, PlaceCheck> Remembered) DueBelow(
        BitbucketConnection connection, ConnectionObserved observed, IReadOnlyDictionary<string, PlaceCheck> checks)
    {
        var (levels, relevant) = Relevant(connection, observed with { Remembered = checks });
        var wish = WishOf(connection, observed, levels);
        var moved = levels.Places
            .Where(p => p.View is not (PlaceView.Remembered or PlaceView.NotLookedAt))
            .Where(p => p.DiffersFrom(checks.GetValueOrDefault(p.Place.Id)) || (observed.Owner is { } owner && p.HoldsWhatGoesDown(owner)))
            .Select(p => p.Place.Id).ToHashSet(StringComparer.Ordinal);
        var due = relevant.FindAll(r => IsDue(checks, wish, observed, WebhookPlace.Of(r)) || (levels.AboveOf(r) is { } above && moved.Contains(above.Place.Id)));
        var unread = levels.LookedAt.Where(p => p.View == PlaceView.Remembered).Select(p => p.Place.Id);
        var remembered = relevant.Except(due).Select(r => r.Id).Concat(unread).ToDictionary(id => id, id => checks[id], StringComparer.Ordinal);
        return (due, remembered);
    }

    /// <summary>What a pass asks of places, as fingerprints: a place where another one was asked for is due at once.</summary>
    public static VisitWish WishOf(BitbucketConnection connection, ConnectionObserved observed, WebhookLevels levels)
    {
        // What a plan found is looked at again before it is done.
        var mode = connection.Spec.Mode == Mode.Plan ? " planned" : "";
        return new VisitWish(DesiredFingerprint(observed.Desired) + mode, "none" + mode, levels);
    }

    private static (WebhookLevels Levels, List<Repository> Relevant) Relevant(BitbucketConnection connection, ConnectionObserved observed)
    {
        var levels = WebhookLevels.Of(connection, observed);
        return (levels, [.. ConnectionPlanner.Relevant(connection, observed.Inventory!, observed.Selection!, levels)]);
    }

    private static bool IsDue(IReadOnlyDictionary<string, PlaceCheck> checks, VisitWish wish, ConnectionObserved observed, WebhookPlace place) =>
        IsDue(checks.GetValueOrDefault(place.Id), wish.For(place), observed.Now);

    /// <summary>A number from 0 to 1 that depends on the text alone.</summary>
    internal static double Fraction(string id) =>
        BitConverter.ToUInt32(SHA256.HashData(Encoding.UTF8.GetBytes(id)).AsSpan(0, 4)) / (double)uint.MaxValue;
}

/// <summary>What is wanted of places, as fingerprints.</summary>
public sealed class VisitWish
{
    private readonly string _selected;
    private readonly string _others;
    private readonly WebhookLevels _levels;

    internal VisitWish(string selected, string others, WebhookLevels levels) => (_selected, _others, _levels) = (selected, others, levels);

    /// <summary>What is wanted of one place: the webhooks, as far as no older connection claims it, or none.</summary>
    public string For(WebhookPlace place) => _levels.IsSelected(place)
        ? _selected + LevelsOf(place) + _levels.Contest.ClaimsOn(place)
        : _others;

    // A repository that is moved comes under other levels, although neither those nor the spec changed.
    private string? LevelsOf(WebhookPlace place) => place.Repository is { } repository ? _levels.AboveOf(repository)?.NamedAbove : _levels.Find(place)?.Rules;
}
