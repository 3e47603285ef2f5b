using BitbucketOperator.Core.Api;
using BitbucketOperator.Core.Port;

namespace BitbucketOperator.Bitbucket.Cloud;

/// <summary>The rows of <see cref="FaultTable"/> in which a webhook is refused with a 400.</summary>
internal static class WebhookRefusals
{
    /// <summary>Terminal only where nothing but another spec helps: a name can become public, a webhook be removed, a Secret be changed.</summary>
    public static Fault Of(AnswerFacts answer)
    {
        if (answer.Message.Length == 0) return Waiting(answer, "Look at spec.webhooks.");
        if (Concerns(answer, "secret"))
            return Waiting(answer, "The secret may have at most 128 characters: shorten it in the Secret of spec.webhooks[].secretRef.");
        if (IsFull(answer))
            return Waiting(answer, "A repository takes at most 50 webhooks: remove some that are not needed, in its settings.");
        if (Concerns(answer, "events", "event"))
        {
            return answer.Says("unique") || answer.Says("duplicate")
                ? Terminal(Reasons.WebhookRejected, answer, "Name each event once in spec.webhooks[].events.")
                : Terminal(
                    Reasons.UnknownEvent,
                    answer,
                    "Correct spec.webhooks[].events; Bitbucket Cloud's keys are such as repo:push and pullrequest:created.");
        }

        return Concerns(answer, "url") && !answer.Says("valid url")
            ? Waiting(
                answer,
                "The url must lead to an address that Bitbucket Cloud can reach from the internet: a cluster's own names, "
                + "localhost and private addresses do not. Correct spec.webhooks[].url, or publish the name.")
            : Terminal(Reasons.WebhookRejected, answer, "Correct it in spec.webhooks.");
    }

    private static bool Concerns(AnswerFacts answer, string field, string? word = null) =>
        answer.Fields.Count > 0 ? answer.Fields.Contains(field, StringComparer.Ordinal) : answer.Says(word ?? field);

    private static bool IsFull(AnswerFacts answer) =>
        answer.Fields.Count == 0
        && answer.Says("hook")
        && (answer.Says("limit") || answer.Says("maximum") || answer.Says("too many") || answer.Says("at most") || answer.Says("more than 50"));

    private static Fault Waiting(AnswerFacts answer, string cure) => Fault.Waiting(Reasons.WebhookRejected, Refused(answer, cure));

    private static Fault Terminal(Reason reason, AnswerFacts answer, string cure) => Fault.Terminal(reason, Refused(answer, cure));

    private static string Refused(AnswerFacts answer, string cure) => $"Bitbucket refuses the webhook (400{FaultTable.Said(answer)}). {cure}";
}
