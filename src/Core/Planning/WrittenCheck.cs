using BitbucketOperator.Core.Api;
using BitbucketOperator.Core.Inventory;
using BitbucketOperator.Core.Messages;
using BitbucketOperator.Core.Port;

namespace BitbucketOperator.Core.Planning;

/// <summary>Compares what was written with what the server made of it.</summary>
internal static class WrittenCheck
{
    /// <summary>What the server did not store; null when it stored all.</summary>
    public static Fault? NotKept(AppliedChange result) =>
        result is { Webhook: { } stored, Change.Desired: { } desired } && ScopePlanner.Drift(stored, desired) is { Count: > 0 } fields
            ? Fault.Waiting(Reasons.WebhookNotKept, Sentences.NotKept(fields))
            : null;

    /// <summary>What is known of the writes to a scope after its sync; what a read found as written is forgotten.</summary>
    /// <param name="plan">What was planned.</param>
    /// <param name="written">What was written.</param>
    /// <param name="before">What was known before.</param>
    /// <param name="isSame">The same was desired before: what was in place then and was found otherwise, somebody else wrote.</param>
    public static IReadOnlyList<WrittenWebhook> After(ScopePlan plan, IEnumerable<AppliedChange> written, ScopeCheck? before, bool isSame)
    {
        var stays = plan.ReadFault is not null
            ? before?.Written ?? []
            : (before?.Written ?? []).Where(w => plan.Failures.Any(f => f.Webhook == w.Hook && IsAboutWriting(f.Fault)));
        return
        [
            .. stays,
            .. written.Where(r => r.Webhook is not null).Select(r => new WrittenWebhook(
                r.Change.Hook,
                r.Webhook!.Id,
                WrittenWebhook.FingerprintOf(r.Change.Desired!),
                WrittenWebhook.FingerprintOf(r.Webhook),
                isSame && WasInPlace(r.Change) ? WrittenWebhook.FingerprintOf(r.Change.Current!) : null)),
        ];

        bool WasInPlace(WebhookChange change) =>
            change.Kind == ChangeKind.Update && before is { IsAssumed: false } && before.InPlace.Contains(change.Hook, StringComparer.Ordinal);
    }

    private static bool IsAboutWriting(Fault fault) => fault.Reason == Reasons.WebhookNotKept || fault.Reason == Reasons.WebhookOverwritten;
}
