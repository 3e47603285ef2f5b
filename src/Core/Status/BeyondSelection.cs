using BitbucketOperator.Core.Api.V1Alpha1;
using BitbucketOperator.Core.Levels;
using BitbucketOperator.Core.Messages;
using BitbucketOperator.Core.Planning;
using BitbucketOperator.Core.Port;

namespace BitbucketOperator.Core.Status;

/// <summary>Tells for which repositories webhooks of projects or the workspace deliver although they are not selected.</summary>
internal static class BeyondSelection
{
    private const int Limit = 20;
    private const int MostCharacters = 1_500;

    public static BeyondSelectionStatus? Of(ReconcileOutcome outcome, WebhookLevels levels)
    {
        var reached = (outcome.Observed.Selection?.Skipped ?? []).Select(s => s.Repository)
            .Where(r => !r.Archived && levels.ProjectLevelOf(r) is { CountProjectLevel: > 0 })
            .Select(r => r.Name.ToString())
            .Order(StringComparer.OrdinalIgnoreCase)
            .ToList();
        var discovery = outcome.Connection.Spec.Discovery;
        var isExact = discovery.Repositories.Count > 0;
        var asked = levels.Scopes.Where(p => p is { CountProjectLevel: > 0, Selected.Count: > 0 })
            .Where(p => isExact || (discovery.Projects.Count > 0 && p.Scope.Kind == ScopeKind.Workspace))
            .Select(p => p.Scope).ToList();
        return reached.Count == 0 && asked.Count == 0
            ? null
            : new BeyondSelectionStatus
            {
                Repositories = reached.Count,
                First = reached.Count == 0 ? null : Bounds.First(reached, Limit, MostCharacters, name => name.Length),
                Note = asked.Count == 0 ? null : Sentences.BeyondSelection(isExact, asked.Take(Limit), andMore: asked.Count > Limit),
            };
    }
}
