using System.Globalization;
using System.Text;
using BitbucketOperator.Core.Model;

namespace BitbucketOperator.Core.Credentials;

/// <summary>When a credential ends, as somebody wrote it down: Bitbucket itself does not tell.</summary>
/// <param name="Field">The field that names the credential: <c>spec.auth</c> or <c>spec.webhookAuth</c>.</param>
/// <param name="Auth">What that field holds.</param>
/// <param name="Key">The key of the credential's Secret in which it is written; null where it is the field expiresAt.</param>
/// <param name="At">The time; null when what is written is none.</param>
public sealed record CredentialEnd(string Field, CredentialSource Auth, string? Key, DateTimeOffset? At)
{
    /// <summary>How long before the end a warning is given.</summary>
    public static readonly TimeSpan Notice = TimeSpan.FromDays(14);

    private const string UsualKey = "expiresAt";

    private static readonly string[] Forms = ["yyyy-MM-dd", "yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK"];

    /// <summary>
    /// Reads the key expiresAt of the credential's Secret, else the field expiresAt; null when neither is there. A key that
    /// the resource names itself must be there.
    /// </summary>
    /// <param name="auth">The credential's field.</param>
    /// <param name="secret">The Secret that its secretRef names.</param>
    /// <param name="field">The name of the credential's field.</param>
    public static CredentialEnd? Read(CredentialSource auth, ReferencedData secret, string field)
    {
        var named = auth.Keys.GetValueOrDefault(UsualKey);
        var key = named ?? UsualKey;
        if (secret.Data?.TryGetValue(key, out var bytes) == true)
        {
            return new CredentialEnd(field, auth, key, Parse(Encoding.UTF8.GetString(bytes)));
        }

        if (named is not null && secret.Data is not null)
        {
            return new CredentialEnd(field, auth, key, At: null);
        }

        return auth.ExpiresAt is { } at ? new CredentialEnd(field, auth, Key: null, at) : null;
    }

    /// <summary>How long until the condition appears or gets another reason; null when time alone changes nothing.</summary>
    public static TimeSpan? NextChange(IEnumerable<CredentialEnd> ends, DateTimeOffset now)
    {
        var left = ends.Where(e => e.At is not null).Select(e => e.At!.Value - now).ToList();
        var changes = left.Select(l => l - Notice).Concat(left).Where(change => change > TimeSpan.Zero).ToList();
        return changes.Count == 0 ? null : changes.Min();
    }

    // A plain date is its first moment in UTC: rather warned too early than too late.
    private static DateTimeOffset? Parse(string text) => DateTimeOffset.TryParseExact(
        text.Trim().ToUpperInvariant(), Forms, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var at)
        ? at
        : null;
}
