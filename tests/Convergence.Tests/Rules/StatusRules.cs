using System.Text.Json;
using BitbucketOperator.Convergence.Tests.Histories;
using BitbucketOperator.Core.Api;
using BitbucketOperator.Core.Api.V1Alpha1;

namespace BitbucketOperator.Convergence.Tests.Rules;

/// <summary>What is true of every status that is written.</summary>
internal static class StatusRules
{
    public static void Check(Scene scene, BitbucketConnectionStatus status)
    {
        ConditionInvariants.Check(scene.Resource.Connection, scene.Operator.Clock.GetUtcNow());
        var text = Text(status);
        if (scene.Resource.EverSecret.FirstOrDefault(s => text.Contains(s, StringComparison.Ordinal)) is { } secret)
        {
            throw new BrokenRuleException($"a status holds the secret {secret}: {text}");
        }
    }

    public static string Text(BitbucketConnectionStatus? status) =>
        status is null ? "" : JsonSerializer.Serialize(status, ApiJsonContext.Default.BitbucketConnectionStatus);

    /// <summary>The status but for the times at which webhooks were looked at.</summary>
    public static string TextWithoutLooks(BitbucketConnectionStatus? status)
    {
        var copy = JsonSerializer.Deserialize(Text(status), ApiJsonContext.Default.BitbucketConnectionStatus)!;
        copy.Webhooks?.LastFullCheck = null;
        copy.Webhooks?.Verified?.At = default;
        return Text(copy);
    }
}
