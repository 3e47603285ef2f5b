using BitbucketOperator.Core.Api;
using BitbucketOperator.Core.Messages;
using BitbucketOperator.Core.Model;
using BitbucketOperator.Core.Port;

namespace BitbucketOperator.Core.Validation;

/// <summary>What annotations alone tell.</summary>
public static class AnnotationRules
{
    /// <summary>Why nothing is done for a connection; null when something is. Clean-up does not ask: it needs the owner id alone.</summary>
    public static Fault? Refusal(Connection connection) => connection.OverlongAnnotation is { } name
        ? Fault.Terminal(Reasons.AnnotationTooLong, Sentences.AnnotationTooLong(name))
        : null;
}
