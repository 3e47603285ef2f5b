using BitbucketOperator.Core.Api;
using BitbucketOperator.Core.Api.V1Alpha1;

namespace BitbucketOperator.Core.Connection;

/// <summary>What the credential may do, as far as this pass tried it. Nothing is guessed.</summary>
internal static class PermissionReport
{
    /// <summary>Null where a pass broke off before it could tell: what was known stays.</summary>
    public static List<PermissionStatus>? Of(ConnectionPass pass, WebhookTally tally) =>
        pass.Observed.Inventory is { IsUsable: true } inventory ? [Read(inventory), Manage(pass, tally)] : null;

    private static PermissionStatus Read(Inventory inventory)
    {
        var denied = inventory.Faults.FirstOrDefault(f => f.Reason == Reasons.ReadPermissionDenied);
        return new PermissionStatus
        {
            Capability = "ReadRepositories",
            Required = "Repository read (REPO_READ)",
            State = denied is not null ? PermissionState.Missing : inventory.Repositories.Count > 0 ? PermissionState.Granted : PermissionState.Unknown,
            Message = denied?.Message,
        };
    }

    private static PermissionStatus Manage(ConnectionPass pass, WebhookTally tally)
    {
        var selected = pass.Observed.Selection?.Selected.Count ?? 0;
        var denied = tally.Failures.Where(f => f.Fault.Reason == Reasons.WebhookPermissionDenied).ToList();
        var repositories = denied.Select(f => f.Repository).Distinct().Count();
        return new PermissionStatus
        {
            Capability = "ManageWebhooks",
            Required = "Repository admin (REPO_ADMIN)",
            State = repositories > 0 ? PermissionState.Missing : tally is { Desired: > 0, Checks.Count: > 0 } ? PermissionState.Granted : PermissionState.Unknown,
            Message = repositories > 0 ? $"REPO_ADMIN is missing on {repositories} of {selected} repositories, first: {denied[0].Repository}" : null,
        };
    }
}
