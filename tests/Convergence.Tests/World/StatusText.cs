using System.Text.Json;
using BitbucketOperator.Core.Api;
using BitbucketOperator.Core.Api.V1Alpha1;

namespace BitbucketOperator.Convergence.Tests.World;

/// <summary>A status as the API server sees it.</summary>
internal static class StatusText
{
    public static string Of(BitbucketConnectionStatus? status) =>
        status is null ? "" : JsonSerializer.Serialize(status, ApiJsonContext.Default.BitbucketConnectionStatus);

    public static BitbucketConnectionStatus Read(string text) => JsonSerializer.Deserialize(text, ApiJsonContext.Default.BitbucketConnectionStatus)!;

    /// <summary>The status but for the times at which webhooks were looked at.</summary>
    public static string WithoutLooks(BitbucketConnectionStatus status)
    {
        var copy = Read(Of(status));
        copy.Webhooks?.LastFullCheck = null;
        return Of(copy);
    }
}
