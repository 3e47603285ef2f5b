using BitbucketOperator.Core.Api.V1Alpha1;

namespace BitbucketOperator.Core.Connection;

/// <summary>Tells what a connection of mode Plan would change.</summary>
internal static class PlannedChanges
{
    /// <summary>Goes with every message of this mode.</summary>
    public const string NothingChanges = "mode is Plan, so that nothing is changed";

    private const int Limit = 50;

    /// <summary>Writes status.plan and status.planNotListed.</summary>
    public static void Write(BitbucketConnectionStatus status, IReadOnlyList<WebhookChange> planned)
    {
        status.Plan = planned.Count == 0
            ? null
            :
            [
                .. planned.Take(Limit).Select(Describe),
            ];
        status.PlanNotListed = planned.Count > Limit ? planned.Count - Limit : null;
    }

    private static PlannedChangeStatus Describe(WebhookChange change)
    {
        var (repository, project, workspace) = StatusPlaces.FieldsOf(change.Place.Level, change.Place.Name);
        return new PlannedChangeStatus
        {
            Action = change.Kind.ToString(), Repository = repository, Project = project, Workspace = workspace, Webhook = change.Hook, Reason = change.Reason,
        };
    }

    /// <summary>Such as <c>12 webhooks would be created, 3 updated; mode is Plan, so that nothing is changed</c>.</summary>
    public static string Sum(IReadOnlyList<WebhookChange> planned)
    {
        var kinds = planned.CountBy(c => c.Kind).OrderBy(k => k.Key).ToList();
        var first = kinds[0];
        var words = kinds.Skip(1).Select(k => $", {k.Value} {ConnectionEvents.Past(k.Key)}");
        return $"{WebhooksStage.Counted(first.Value)} would be {ConnectionEvents.Past(first.Key)}{string.Concat(words)}; {NothingChanges}";
    }
}
