using BitbucketOperator.Core.Api;
using BitbucketOperator.Core.Api.V1Alpha1;

namespace BitbucketOperator.Cli.Output;

/// <summary>Reads a status: whether all is well, and what people should know.</summary>
internal static class Verdict
{
    /// <summary>True when Ready is True.</summary>
    public static bool IsHealthy(BitbucketConnectionStatus? status) => Find(status, ConditionTypes.Ready)?.Status == ConditionState.True;

    /// <summary>What Ready says.</summary>
    public static string MessageOf(BitbucketConnectionStatus? status) =>
        Find(status, ConditionTypes.Ready)?.Message ?? "the operator has not looked at it yet";

    /// <summary>
    /// Why a healthy connection is not without flaw, in the order of the status. Planned changes are none: they are what a
    /// check is for.
    /// </summary>
    public static IReadOnlyList<string> Warnings(BitbucketConnectionStatus status)
    {
        var warnings = new List<string>();
        if (Find(status, ConditionTypes.Ready) is { Status: ConditionState.True } ready && ready.Reason == Reasons.Degraded.Name)
        {
            warnings.Add($"degraded: {ready.Message}");
        }

        if (Find(status, ConditionTypes.CredentialExpiring) is { Status: ConditionState.True } expiring)
        {
            warnings.Add(expiring.Message);
        }

        if (Find(status, ConditionTypes.WebhooksReady) is { } webhooks && webhooks.Reason == Reasons.VerifiedBeforeDowngrade.Name)
        {
            warnings.Add(webhooks.Message);
        }

        foreach (var permission in (status.Permissions ?? []).Where(p => p.State != PermissionState.Granted))
        {
            var state = permission.State == PermissionState.Missing ? "missing" : "unknown";
            warnings.Add($"{permission.Capability} is {state}{(permission.Message is null ? "" : $": {permission.Message}")}");
        }

        if (status.Server?.BaseUrlMismatch is { } mismatch)
        {
            warnings.Add(mismatch);
        }

        return warnings;
    }

    /// <summary>The conditions that are not as they should be; Ready, which sums up, and what repeats it are left out.</summary>
    public static IEnumerable<Condition> NotWell(BitbucketConnectionStatus status) => status.Conditions.Where(c => c.Type switch
    {
        ConditionTypes.Ready or ConditionTypes.Reconciling or ConditionTypes.Stalled => false,
        var type when ConditionTypes.IsNegative(type) => c.Status != ConditionState.False,
        _ => c.Status != ConditionState.True && c.Reason != Reasons.ChangesPlanned.Name,
    });

    /// <summary>A condition; null when it is not there.</summary>
    public static Condition? Find(BitbucketConnectionStatus? status, string type) => status?.Conditions.Find(c => c.Type == type);
}
