using System.Reflection;
using System.Text.RegularExpressions;
using BitbucketOperator.Core.Api;
using BitbucketOperator.Core.Api.V1Alpha1;
using BitbucketOperator.Core.Status;

namespace BitbucketOperator.Testing;

/// <summary>What is true of every status that the operator writes, whatever happened.</summary>
public static partial class ConditionInvariants
{
    private const int FailureLimit = 10;
    private const int ExampleLimit = 5;
    private const int PlanLimit = 50;

    private static readonly string[] Order =
        [.. ConditionTypes.InOrder.Select(c => c.Type)];

    // With these the listing is complete but for things that were asked for by name: the webhooks of the rest are looked after.
    private static readonly string[] UsableListing =
        [Reasons.ProjectNotFound.Name, Reasons.RepositoryNotFound.Name, Reasons.ReadPermissionDenied.Name, Reasons.InventorySuspect.Name];

    private static readonly HashSet<string> KnownReasons = typeof(Reasons)
        .GetFields(BindingFlags.Public | BindingFlags.Static)
        .Select(f => ((Reason)f.GetValue(null)!).Name)
        .ToHashSet(StringComparer.Ordinal);

    /// <summary>Checks all of them.</summary>
    /// <param name="connection">The resource, with its status.</param>
    /// <param name="now">The operator's clock; no condition may have changed later.</param>
    /// <exception cref="InvalidOperationException">Some do not hold; the message lists each.</exception>
    public static void Check(BitbucketConnection connection, DateTimeOffset now)
    {
        var violations = Violations(connection, now);
        if (violations.Count > 0)
        {
            throw new InvalidOperationException(
                $"the status of {connection.Metadata.NamespaceProperty}/{connection.Metadata.Name} breaks invariants:\n- " + string.Join("\n- ", violations));
        }
    }

    /// <summary>What does not hold; empty when all is well.</summary>
    /// <param name="connection">The resource, with its status.</param>
    /// <param name="now">The operator's clock; no condition may have changed later.</param>
    public static IReadOnlyList<string> Violations(BitbucketConnection connection, DateTimeOffset now) =>
        connection.Status is not { } status
            ? ["there is no status"]
            :
            [
                .. OfList(status.Conditions),
                .. status.Conditions.SelectMany(c => OfCondition(c, now)),
                .. OfReady(connection, status),
                .. OfStages(connection, status.Conditions),
                .. OfExpiry(status.Conditions),
                .. OfVerified(status),
                .. OfCounts(status),
                .. OfPlan(connection, status),
            ];

    private static IEnumerable<string> OfList(List<Condition> conditions)
    {
        var types = conditions.ConvertAll(c => c.Type);
        foreach (var twice in types.GroupBy(t => t, StringComparer.Ordinal).Where(g => g.Count() > 1))
        {
            yield return $"condition {twice.Key} stands {twice.Count()} times";
        }

        foreach (var unknown in types.Except(Order, StringComparer.Ordinal))
        {
            yield return $"condition {unknown} is of no known type";
        }

        if (!types.Order(Comparer<string>.Create((x, y) => Array.IndexOf(Order, x).CompareTo(Array.IndexOf(Order, y))))
            .SequenceEqual(types, StringComparer.Ordinal))
        {
            yield return $"conditions stand in the order {string.Join(", ", types)}";
        }
    }

    private static IEnumerable<string> OfCondition(Condition condition, DateTimeOffset now)
    {
        if (!CamelCase().IsMatch(condition.Reason) || !KnownReasons.Contains(condition.Reason))
        {
            yield return $"{condition.Type} has the reason '{condition.Reason}', which Reasons does not know";
        }

        if (string.IsNullOrWhiteSpace(condition.Message))
        {
            yield return $"{condition.Type} has no message";
        }

        if (condition.Message.Any(char.IsControl))
        {
            yield return $"the message of {condition.Type} holds a line break or control character";
        }

        // The end of a credential is a fixed time, and so is that of app passwords.
        if (condition.Type != ConditionTypes.CredentialExpiring && condition.Reason != Reasons.AppPasswordRemoved.Name && Time().IsMatch(condition.Message))
        {
            yield return $"the message of {condition.Type} holds a time: {condition.Message}";
        }

        if (condition.LastTransitionTime == default || condition.LastTransitionTime > now)
        {
            yield return $"{condition.Type} changed at {condition.LastTransitionTime:O}, which is not before now";
        }
    }

    private static IEnumerable<string> OfReady(BitbucketConnection connection, BitbucketConnectionStatus status)
    {
        if (status.Conditions.Find(c => c.Type == ConditionTypes.Ready) is not { } ready)
        {
            yield return "there is no condition Ready";
            yield break;
        }

        if (ready.ObservedGeneration != connection.Metadata.Generation || status.ObservedGeneration != connection.Metadata.Generation)
        {
            yield return $"observedGeneration is {ready.ObservedGeneration} on Ready and {status.ObservedGeneration} on status, and the generation "
                + $"{connection.Metadata.Generation}";
        }

        var progress = status.Conditions.Where(c => c.Type is ConditionTypes.Reconciling or ConditionTypes.Stalled).ToList();
        foreach (var condition in progress.Where(c => c.Status != ConditionState.True))
        {
            yield return $"{condition.Type} is {condition.Status}; it must be True or absent";
        }

        if (progress.Count > 1)
        {
            yield return "Reconciling and Stalled stand together";
        }

        if (ready.Status == ConditionState.True && progress.Count > 0)
        {
            yield return $"Ready is True and {progress[0].Type} is there";
        }

        if (ready.Status == ConditionState.False && progress.Count == 0)
        {
            yield return "Ready is False and neither Reconciling nor Stalled says whether it goes on";
        }
    }

    private static IEnumerable<string> OfStages(BitbucketConnection connection, List<Condition> conditions)
    {
        var stages = ConditionTypes.Stages.Select(t => conditions.Find(c => c.Type == t)).ToList();
        var mayBeAbsent = connection.Spec.Suspend || connection.Metadata.DeletionTimestamp is not null;
        foreach (var (type, _) in ConditionTypes.Stages.Zip(stages).Where(s => s.Second is null && !mayBeAbsent))
        {
            yield return $"condition {type} is missing";
        }

        // A server can fall silent after it took the credential, so that CredentialValid depends on no other condition. A fault
        // of spec.webhookAuth keeps nobody from listing repositories.
        var (reachable, credential, discovered, webhooks) = (stages[0], stages[1], stages[2], stages[3]);
        var canDiscoverAnyway = connection.Spec.WebhookAuth is not null;
        var need = canDiscoverAnyway ? [webhooks] : new[] { discovered, webhooks };
        foreach (var later in need.Where(c => c is { Status: ConditionState.True }))
        {
            foreach (var earlier in new[] { reachable, credential }.Where(c => c is { Status: not ConditionState.True }))
            {
                yield return $"{later!.Type} is True although {earlier!.Type} is {earlier.Status}";
            }
        }

        if (webhooks is { Status: ConditionState.True } && discovered is { Status: ConditionState.False }
            && !UsableListing.Contains(discovered.Reason, StringComparer.Ordinal))
        {
            yield return $"WebhooksReady is True although RepositoriesDiscovered is False with {discovered.Reason}";
        }
    }

    private static IEnumerable<string> OfExpiry(List<Condition> conditions)
    {
        string[] reasons = [Reasons.ExpiresSoon.Name, Reasons.ExpiryPassed.Name, Reasons.ExpiryUnreadable.Name];
        foreach (var condition in conditions)
        {
            var isExpiry = condition.Type == ConditionTypes.CredentialExpiring;
            if (isExpiry && condition.Status != ConditionState.True)
            {
                yield return $"CredentialExpiring is {condition.Status}; it must be True or absent";
            }

            if (reasons.Contains(condition.Reason) != isExpiry)
            {
                yield return $"{condition.Type} has the reason {condition.Reason}";
            }
        }
    }

    private static IEnumerable<string> OfVerified(BitbucketConnectionStatus status)
    {
        var downgraded = status.Conditions.Find(c => c.Reason == Reasons.VerifiedBeforeDowngrade.Name);
        if (downgraded is not null && (downgraded.Type != ConditionTypes.WebhooksReady || downgraded.Status != ConditionState.Unknown))
        {
            yield return $"{downgraded.Type} is {downgraded.Status} with {downgraded.Reason}; only WebhooksReady has that reason, and is Unknown";
        }

        if (downgraded is not null && status.Webhooks is not { Failed: 0 })
        {
            yield return "WebhooksReady tells of webhooks seen before the downgrade, and some failed";
        }
    }

    private static IEnumerable<string> OfCounts(BitbucketConnectionStatus status)
    {
        if (status.Webhooks is { } webhooks)
        {
            var waiting = webhooks.Waiting ?? 0;
            if (webhooks.Ready < 0 || webhooks.Failed < 0 || waiting < 0 || webhooks.Ready + webhooks.Failed + waiting != webhooks.Desired)
            {
                yield return $"webhooks do not add up: desired {webhooks.Desired}, ready {webhooks.Ready}, waiting {waiting}, failed {webhooks.Failed}";
            }

            var summary = status.Repositories is { Covered: { } covered, Selected: var selected } ? $"{covered}/{selected}" : "";
            if (webhooks.Summary != summary)
            {
                yield return $"webhooks.summary is {webhooks.Summary}, not {summary}";
            }
        }

        var failures = status.Failures ?? [];
        if (failures.Count > FailureLimit || (status.FailuresNotListed is not null && failures.Count < FailureLimit))
        {
            yield return $"failures lists {failures.Count} and leaves out {status.FailuresNotListed ?? 0}; the limit is {FailureLimit}";
        }

        foreach (var group in failures.Where(f => f.Examples.Count == 0 || f.Examples.Count > ExampleLimit || f.Examples.Count > f.Count))
        {
            yield return $"the failure {group.Reason} counts {group.Count} and has {group.Examples.Count} examples; the limit is {ExampleLimit}";
        }

        if (status.Repositories is { Covered: { } all } repositories && all > repositories.Selected)
        {
            yield return "more repositories are covered than selected";
        }
    }

    private static IEnumerable<string> OfPlan(BitbucketConnection connection, BitbucketConnectionStatus status)
    {
        var plan = status.Plan ?? [];
        if (connection.Spec.Mode != Mode.Plan && (status.Plan is not null || status.PlanNotListed is not null))
        {
            yield return "there is a plan although mode is Enforce";
        }

        if (plan.Count > PlanLimit || (status.PlanNotListed is not null && plan.Count < PlanLimit))
        {
            yield return $"plan lists {plan.Count} and leaves out {status.PlanNotListed ?? 0}; the limit is {PlanLimit}";
        }

        if (!plan.OrderBy(p => p.Scope(), StringComparer.OrdinalIgnoreCase).ThenBy(p => p.Webhook, StringComparer.Ordinal).SequenceEqual(plan))
        {
            yield return "plan is not sorted by repository and webhook";
        }

        if (plan.Count == 0 && status.Conditions.Exists(c => c.Reason == Reasons.ChangesPlanned.Name))
        {
            yield return "changes are planned, and plan lists none";
        }
    }

    [GeneratedRegex("^[A-Z][A-Za-z0-9]*$")]
    private static partial Regex CamelCase();

    [GeneratedRegex(@"\b\d{4}-\d{2}-\d{2}\b|\b\d{1,2}:\d{2}:\d{2}\b")]
    private static partial Regex Time();
}
