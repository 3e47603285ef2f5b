using BitbucketOperator.Core.Api;
using BitbucketOperator.Core.Port;

namespace BitbucketOperator.Bitbucket.Cloud;

/// <summary>The rows of <see cref="FaultTable"/> in which a webhook is refused with a 400.</summary>
internal static class WebhookRefusals
{
    /// <summary>Terminal only where nothing but another spec helps: a name can become public, a webhook be removed, a Secret be changed.</summary>
    public static Fault Of(AnswerFacts answer)
    {
        if (answer.Message.Length == 0) return Waiting(answer, "Check spec.webhooks");
        if (Concerns(answer, "secret"))
            return Waiting(answer, "Shorten the secret in spec.webhooks[].secretRef to 128 characters");
        if (IsFull(answer))
            return Waiting(answer, "A repository has at most 50 webhooks: remove some in its settings");
        if (Concerns(answer, "events", "event"))
        {
            return answer.Says("unique") || answer.Says("duplicate")
                ? Terminal(Reasons.WebhookRejected, answer, "Name each event once in spec.webhooks[].events")
                : Terminal(
                    Reasons.UnknownEvent,
                    answer,
                    "Correct spec.webhooks[].events; use keys such as repo:push and pullrequest:created");
        }

        return Concerns(answer, "url") && !answer.Says("valid url")
            ? Waiting(
                answer,
                "Use a spec.webhooks[].url that is reachable from the internet")
            : Terminal(Reasons.WebhookRejected, answer, "Correct it in spec.webhooks");
    }

    private static bool Concerns(AnswerFacts answer, string field, string? word = null) =>
        answer.Fields.Count > 0 ? answer.Fields.Contains(field, StringComparer.Ordinal) : answer.Says(word ?? field);

    private static bool IsFull(AnswerFacts answer) =>
        answer.Fields.Count == 0
        && answer.Says("hook")
        && (answer.Says("limit") || answer.Says("maximum") || answer.Says("too many") || answer.Says("at most") || answer.Says("more than 50"));

    private static Fault Waiting(AnswerFacts answer, string cure) => Fault.Waiting(Reasons.WebhookRejected, Refused(answer, cure));

    private static Fault Terminal(Reason reason, AnswerFacts answer, string cure) => Fault.Terminal(reason, Refused(answer, cure));

    private static Wording Refused(AnswerFacts answer, string cure) => new("Bitbucket rejected the webhook", cure, FaultTable.Quote(answer));
}
