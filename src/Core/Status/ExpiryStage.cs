using BitbucketOperator.Core.Api;
using BitbucketOperator.Core.Api.V1Alpha1;
using BitbucketOperator.Core.Credentials;
using BitbucketOperator.Core.Messages;
using BitbucketOperator.Core.Observation;

namespace BitbucketOperator.Core.Status;

/// <summary>The condition CredentialExpiring: there, and True, only while somebody has to do something about a credential's end.</summary>
internal static class ExpiryStage
{
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
            : new Stage(
                ConditionTypes.CredentialExpiring,
                ConditionState.True,
                ends[0].Reason!,
                Sentences.OneAfterTheOther(ends.Select(e => Message(e.End, e.Reason!))));
    }

    private static Reason? ReasonOf(CredentialEnd end, DateTimeOffset now)
    {
        if (end.At is not { } at)
        {
            return Reasons.ExpiryUnreadable;
        }

        return at <= now ? Reasons.ExpiryPassed : at - now <= CredentialEnd.Notice ? Reasons.ExpiresSoon : null;
    }

    private static string Message(CredentialEnd end, Reason reason)
    {
        var secret = end.Auth.SecretName;
        var renewal = CredentialDescriptors.Of(end.Auth.Kind).Renewal;
        if (end.At is not { } at)
        {
            return Sentences.ExpiryUnreadable(end.Field, end.Key, secret);
        }

        return reason == Reasons.ExpiryPassed
            ? Sentences.ExpiryPassed(end.Field, at, end.Key, secret, renewal)
            : Sentences.ExpiresSoon(end.Field, at, end.Key, secret, renewal);
    }
}
