using BitbucketOperator.Convergence.Tests.Histories;
using BitbucketOperator.Convergence.Tests.World;
using BitbucketOperator.Core.Api.V1Alpha1;

namespace BitbucketOperator.Convergence.Tests.Rules;

/// <summary>What is true of every status that is written.</summary>
internal static class StatusRules
{
    public static void Check(Scene scene, BitbucketConnectionStatus status)
    {
        ConditionInvariants.Check(scene.Resource.Connection, scene.Operator.Clock.GetUtcNow());
        var text = StatusText.Of(status);
        if (scene.Resource.EverSecret.FirstOrDefault(s => text.Contains(s, StringComparison.Ordinal)) is { } secret)
        {
            throw new BrokenRuleException($"a status holds the secret {secret}: {text}");
        }
    }
}
