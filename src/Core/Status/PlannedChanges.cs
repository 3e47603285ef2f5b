using BitbucketOperator.Core.Api.V1Alpha1;
using BitbucketOperator.Core.Messages;
using BitbucketOperator.Core.Port;

namespace BitbucketOperator.Core.Status;

/// <summary>Tells what a connection of mode Plan would change.</summary>
internal static class PlannedChanges
{
    private const int Limit = 50;
    private const int MostCharacters = 7_000;
    private const int Overhead = 80;

    /// <summary>Writes status.plan and status.planNotListed.</summary>
    public static void Write(BitbucketConnectionStatus status, IReadOnlyList<WebhookChange> planned)
    {
        var listed = Bounds.First(planned.Select(Describe), Limit, MostCharacters, LengthOf);
        status.Plan = listed.Count == 0 ? null : listed;
        status.PlanNotListed = planned.Count > listed.Count ? planned.Count - listed.Count : null;
    }

    private static PlannedChangeStatus Describe(WebhookChange change)
    {
        var (repository, project, workspace) = StatusScopes.FieldsOf(Place.Of(change.Scope));
        return new PlannedChangeStatus
        {
            Action = change.Kind.ToString(),
            Repository = repository,
            Project = project,
            Workspace = workspace,
            Webhook = change.Hook,
            Reason = change.Reason,
        };
    }

    private static int LengthOf(PlannedChangeStatus change) =>
        Overhead + (change.Repository ?? change.Project ?? change.Workspace ?? "").Length + change.Webhook.Length + change.Reason.Length;

    /// <summary>All of it in a sentence.</summary>
    public static string Sum(IReadOnlyList<WebhookChange> planned) =>
        Sentences.Planned([.. planned.CountBy(c => c.Kind).OrderBy(k => k.Key)]);
}
