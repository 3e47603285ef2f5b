using BitbucketOperator.Core.Api;
using BitbucketOperator.Core.Api.V1Alpha1;

namespace BitbucketOperator.Core.Connection;

/// <summary>One of the conditions that a pass works through.</summary>
internal sealed record Stage(string Type, ConditionState State, Reason Reason, string Message);

/// <summary>The conditions Reachable, CredentialValid, RepositoriesDiscovered and WebhooksReady.</summary>
internal static class StageConditions
{
    public static IReadOnlyList<Stage> Of(ConnectionPass pass, WebhookTally tally, IReadOnlyList<Fault> faults)
    {
        var stages = new List<Stage>();
        foreach (var type in ConditionTypes.Stages)
        {
            stages.Add(Failed(type, faults) ?? Reached(type, pass, tally) ?? NotReached(type, stages, faults));
        }

        return stages;
    }

    private static Stage? Failed(string type, IReadOnlyList<Fault> faults)
    {
        var mine = faults.Where(f => f.Reason.Condition == type).ToList();
        return mine.Count == 0
            ? null
            : new Stage(type, ConditionState.False, mine[0].Reason, string.Join(". ", mine.Select(f => f.Message.TrimEnd('.')).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).Take(5)));
    }

    private static Stage? Reached(string type, ConnectionPass pass, WebhookTally tally)
    {
        var observed = pass.Observed;
        return type switch
        {
            ConditionTypes.Reachable when observed.Server?.Value is { } server =>
                new Stage(type, ConditionState.True, Reasons.Connected, $"{server.DisplayName ?? Product(pass)} {server.Version}".TrimEnd() + " answers"),
            ConditionTypes.CredentialValid when observed.Account?.Value is { } account =>
                new Stage(type, ConditionState.True, Reasons.Authenticated, LoggedIn(account, observed.WebhookAccount?.Value)),
            ConditionTypes.RepositoriesDiscovered when observed is { Inventory: { IsUsable: true } inventory, Selection: { } selection } =>
                Suspect(type, pass.Connection, inventory) ?? Discovered(type, pass.Connection.Spec.Discovery, selection),
            ConditionTypes.WebhooksReady when observed is { ReachesWebhooks: true, Selection: { } selection } =>
                WebhooksStage.Of(pass, tally, selection),
            _ => null,
        };
    }

    private static string Product(ConnectionPass pass) =>
        ConnectionGate.HostingOf(pass.Connection.Spec) == Hosting.Cloud ? "Bitbucket Cloud" : "Bitbucket";

    private static string LoggedIn(Account account, Account? forWebhooks)
    {
        var text = account.Name is null ? "the server accepts the credential" : $"logged in as {account.Name}";
        if (forWebhooks is null)
        {
            return text;
        }

        return text + (forWebhooks.Name is null ? "; it accepts that of spec.webhookAuth too" : $", and for webhooks as {forWebhooks.Name}");
    }

    private static Stage? Suspect(string type, BitbucketConnection connection, Inventory inventory) =>
        ListingTrust.Of(connection, inventory) is { Doubt: not null } trust
            ? new Stage(type, ConditionState.False, Reasons.InventorySuspect, trust.Explain(connection.Spec.Discovery))
            : null;

    private static Stage Discovered(string type, DiscoverySpec spec, RepositorySelection selection)
    {
        var total = selection.Selected.Count + selection.Skipped.Count;
        var unmatched = selection.UnmatchedIncludes.Count == 0
            ? null
            : $"spec.discovery.include: {string.Join(", ", selection.UnmatchedIncludes)} matches none of the {total} repositories; patterns have the form PROJECT/slug";
        if (selection.Selected.Count == 0)
        {
            return new Stage(
                type,
                ConditionState.False,
                unmatched is null ? Reasons.NothingSelected : Reasons.PatternMatchesNothing,
                unmatched ?? NothingSelected(spec, total));
        }

        var found = $"{selection.Selected.Count} of {total} repositories selected";
        return unmatched is null
            ? new Stage(type, ConditionState.True, Reasons.Discovered, found)
            : new Stage(type, ConditionState.True, Reasons.PatternMatchesNothing, $"{found}; {unmatched}");
    }

    private static string NothingSelected(DiscoverySpec spec, int total) => total == 0
        ? "the credential sees no repository" + (spec.Projects.Count > 0 ? " in the projects of spec.discovery.projects" : "") + ": give its account read access to some"
        : $"spec.discovery leaves out all repositories, {total} of {total}: loosen include, exclude, archived, forks or personal";

    // The server is not asked without a credential, so that a later condition can be what keeps an earlier one from being known.
    private static Stage NotReached(string type, List<Stage> before, IReadOnlyList<Fault> faults)
    {
        var cause = before.Find(s => s.State == ConditionState.False)?.Type ?? (faults.Count > 0 ? faults[0].Reason.Condition : null);
        return new Stage(type, ConditionState.Unknown, Reasons.NotChecked, cause is null ? "not checked yet" : $"not checked, because {cause} is False");
    }
}
