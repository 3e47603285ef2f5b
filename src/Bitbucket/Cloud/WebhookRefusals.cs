using BitbucketOperator.Core;
using BitbucketOperator.Core.Api;

namespace BitbucketOperator.Bitbucket.Cloud;

/// <summary>The rows of <see cref="FaultTable"/> in which a webhook is refused with a 400.</summary>
internal static class WebhookRefusals
{
    /// <summary>Terminal only where nothing but another spec helps: a name can become public, a webhook be removed, a Secret be changed.</summary>
    public static Fault Of(AnswerFacts answer)
    {
        const string url = "The url must lead to an address that Bitbucket Cloud can reach from the internet: a cluster's own names, localhost and private addresses do not. Correct spec.webhooks[].url, or publish the name.";
        if (answer.Message.Length == 0) return Waiting(answer, "Look at spec.webhooks.");
        if (IsFull(answer))
            return Waiting(answer, "A repository takes at most 50 webhooks: remove some that are not needed, in its settings.");
        if (answer.Says("secret")) return Waiting(answer, "The secret may have at most 128 characters: shorten it in the Secret of spec.webhooks[].secretRef.");
        if (answer.Says("event"))
        {
            return answer.Says("unique") || answer.Says("duplicate")
                ? Terminal(Reasons.WebhookRejected, answer, "Name each event once in spec.webhooks[].events.")
                : Terminal(Reasons.UnknownEvent, answer, "Correct spec.webhooks[].events; Bitbucket Cloud's keys are such as repo:push and pullrequest:created.");
        }

        return answer.Says("url") || answer.Says("address") || answer.Says("host")
            ? Waiting(answer, url)
            : Terminal(Reasons.WebhookRejected, answer, "Correct it in spec.webhooks.");
    }

    private static bool IsFull(AnswerFacts answer) =>
        answer.Says("hook") && (answer.Says("limit") || answer.Says("maximum") || answer.Says("too many") || answer.Says("at most") || answer.Says("more than 50"));

    private static Fault Waiting(AnswerFacts answer, string cure) => Fault.Waiting(Reasons.WebhookRejected, Refused(answer, cure));

    private static Fault Terminal(Reason reason, AnswerFacts answer, string cure) => Fault.Terminal(reason, Refused(answer, cure));

    private static string Refused(AnswerFacts answer, string cure) => $"Bitbucket refuses the webhook (400{FaultTable.Said(answer)}). {cure}";
}
