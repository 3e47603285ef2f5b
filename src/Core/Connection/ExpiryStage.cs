using System.Globalization;
using BitbucketOperator.Core.Api;
using BitbucketOperator.Core.Api.V1Alpha1;

namespace BitbucketOperator.Core.Connection;

/// <summary>The condition CredentialExpiring: there, and True, only while somebody has to do something about a credential's end.</summary>
internal static class ExpiryStage
{
    private static readonly TimeSpan Notice = TimeSpan.FromDays(14);

    /// <summary>Null while no end is near. Of several ends the earliest gives the reason.</summary>
    public static Stage? Of(ConnectionObserved observed)
    {
        var ends = observed.CredentialEnds
            .Select(end => (End: end, Reason: ReasonOf(end, observed.Now)))
            .Where(e => e.Reason is not null)
            .OrderBy(e => e.End.At ?? DateTimeOffset.MaxValue).ThenBy(e => e.End.Field, StringComparer.Ordinal)
            .ToList();
        return ends.Count == 0
            ? null
            : new Stage(ConditionTypes.CredentialExpiring, ConditionState.True, ends[0].Reason!, string.Join(". ", ends.Select(e => Message(e.End, e.Reason!))));
    }

    /// <summary>How long until the condition appears or gets another reason; null when time alone changes nothing.</summary>
    public static TimeSpan? NextChange(ConnectionObserved observed)
    {
        var left = observed.CredentialEnds.Where(e => e.At is not null).Select(e => e.At!.Value - observed.Now).ToList();
        var changes = left.Select(l => l - Notice).Concat(left).Where(change => change > TimeSpan.Zero).ToList();
        return changes.Count == 0 ? null : changes.Min();
    }

    private static Reason? ReasonOf(CredentialEnd end, DateTimeOffset now)
    {
        if (end.At is not { } at)
        {
            return Reasons.ExpiryUnreadable;
        }

        return at <= now ? Reasons.ExpiryPassed : at - now <= Notice ? Reasons.ExpiresSoon : null;
    }

    private static string Message(CredentialEnd end, Reason reason)
    {
        var secret = end.Auth.SecretRef.Name;
        if (reason == Reasons.ExpiryUnreadable)
        {
            return $"{end.Field}.secretRef: key {end.Key} of Secret {secret} is missing or holds no time: write one such as 2027-01-31 or 2027-01-31T12:00:00Z into it";
        }

        var at = end.At!.Value.UtcDateTime.ToString("yyyy-MM-dd 'at' HH:mm 'UTC'", CultureInfo.InvariantCulture);
        var (source, put) = end.Key is { } key
            ? ($"key {key} of Secret {secret}", $"put it into Secret {secret} with its end in key {key}")
            : ($"{end.Field}.expiresAt", $"put it into Secret {secret} and its end into {end.Field}.expiresAt");
        return reason == Reasons.ExpiryPassed
            ? $"The credential of {end.Field} ended on {at}, as {source} says: {Renewal(end.Auth.Type)}, and {put}; if it was replaced already, correct the time"
            : $"The credential of {end.Field} ends on {at}: {Renewal(end.Auth.Type)}, and {put}";
    }

    private static string Renewal(AuthType type) => type switch
    {
        AuthType.HTTPAccessToken => "create a new HTTP access token with the same permissions",
        AuthType.Basic => "set a new password",
        AuthType.OAuth2 => "make a new OAuth consumer, or a new secret for it, in the settings of the workspace",
        AuthType.APIToken => "create a new API token with the same scopes",
        AuthType.AccessToken => "create a new access token with the same scopes in the settings of its repository, project or workspace",
        _ => "create an API token and set the type to APIToken, since app passwords are no more",
    };
}
