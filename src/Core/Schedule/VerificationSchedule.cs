using System.Security.Cryptography;
using System.Text;

namespace BitbucketOperator.Core.Schedule;

/// <summary>Which scopes' webhooks a reconcile looks at, so that each is looked at within spec.webhookInterval.</summary>
public static class VerificationSchedule
{
    /// <summary>The time between two looks at a scope, on average, as a part of the interval.</summary>
    public const double MeanPart = 0.75;

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

    /// <summary>A number from 0 to 1 that depends on the text alone.</summary>
    internal static double Fraction(string id) =>
        BitConverter.ToUInt32(SHA256.HashData(Encoding.UTF8.GetBytes(id)).AsSpan(0, 4)) / (double)uint.MaxValue;
}
