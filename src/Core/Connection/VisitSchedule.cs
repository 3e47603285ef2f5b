using System.Security.Cryptography;
using System.Text;
using BitbucketOperator.Core.Api.V1Alpha1;

namespace BitbucketOperator.Core.Connection;

/// <summary>Which repositories' webhooks a pass looks at, so that each is looked at within spec.webhookInterval.</summary>
public static class VisitSchedule
{
    /// <summary>Whether to look now.</summary>
    public static bool IsDue(PlaceCheck? check, string desiredFingerprint, DateTimeOffset now) =>
        check is null
        || check.Failures.Count > 0
        || check.RemovalsWithheld
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

    /// <summary>What a pass asks of the repositories, as fingerprints: a repository where another one was asked for is due at once.</summary>
    public static VisitWish WishOf(BitbucketConnection connection, ConnectionObserved observed)
    {
        // What a plan found is looked at again before it is done.
        var mode = connection.Spec.Mode == Mode.Plan ? " planned" : "";
        return new VisitWish(DesiredFingerprint(observed.Desired) + mode, "none" + mode, Contest.Of(connection, observed));
    }

    /// <summary>A number from 0 to 1 that depends on the text alone.</summary>
    internal static double Fraction(string id) =>
        BitConverter.ToUInt32(SHA256.HashData(Encoding.UTF8.GetBytes(id)).AsSpan(0, 4)) / (double)uint.MaxValue;
}

/// <summary>What is wanted of repositories, as fingerprints.</summary>
public sealed class VisitWish
{
    private readonly string _selected;
    private readonly string _others;
    private readonly Contest _contest;

    internal VisitWish(string selected, string others, Contest contest) => (_selected, _others, _contest) = (selected, others, contest);

    /// <summary>What is wanted of one place: the webhooks, as far as no older connection claims it, or none.</summary>
    public string For(WebhookPlace place, bool selected) => selected ? _selected + _contest.ClaimsOn(place) : _others;
}
