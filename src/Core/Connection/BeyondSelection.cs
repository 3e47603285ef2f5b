using BitbucketOperator.Core.Api.V1Alpha1;

namespace BitbucketOperator.Core.Connection;

/// <summary>Tells for which repositories webhooks of projects or the workspace deliver although they are not selected.</summary>
internal static class BeyondSelection
{
    private const int Limit = 20;

    public static BeyondSelectionStatus? Of(ConnectionPass pass, WebhookLevels levels)
    {
        var reached = (pass.Observed.Selection?.Skipped ?? []).Select(s => s.Repository)
            .Where(r => !r.Archived && levels.AboveOf(r) is { CountAbove: > 0 })
            .Select(r => r.Name.ToString())
            .Order(StringComparer.OrdinalIgnoreCase)
            .ToList();
        var asked = pass.Connection.Spec.Discovery.Repositories.Count == 0 ? [] : levels.Places.Where(p => p is { CountAbove: > 0, Selected.Count: > 0 }).Select(p => WebhooksStage.Named(p.Place)).ToList();
        return reached.Count == 0 && asked.Count == 0
            ? null
            : new BeyondSelectionStatus
            {
                Repositories = reached.Count,
                First = reached.Count == 0 ? null : [.. reached.Take(Limit)],
                Note = asked.Count == 0 ? null : $"spec.discovery.repositories is an exact list, and all other repositories of {string.Join(", ", asked.Take(Limit))}{(asked.Count > Limit ? " and so on" : "")} are reached too",
            };
    }
}
