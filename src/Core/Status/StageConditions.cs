using BitbucketOperator.Core.Api;
using BitbucketOperator.Core.Api.V1Alpha1;
using BitbucketOperator.Core.Discovery;
using BitbucketOperator.Core.Messages;
using BitbucketOperator.Core.Model;
using BitbucketOperator.Core.Planning;
using BitbucketOperator.Core.Port;

namespace BitbucketOperator.Core.Status;

/// <summary>One of the conditions that a reconcile works through.</summary>
internal sealed record Stage(string Type, ConditionState State, Reason Reason, string Message)
{
    /// <summary>What Ready says of it.</summary>
    public string Brief { get => field ?? Message; init; }
}

/// <summary>The conditions Reachable, CredentialValid, RepositoriesDiscovered and WebhooksReady.</summary>
internal static class StageConditions
{
    private const int FaultLimit = 5;
    private const int HintLimit = 3;

    public static IReadOnlyList<Stage> Of(ReconcileOutcome outcome, WebhookTally tally, IReadOnlyList<Fault> faults)
    {
        var stages = new List<Stage>();
        foreach (var type in ConditionTypes.Stages)
        {
            stages.Add(Failed(type, faults) ?? Reached(type, outcome, tally) ?? NotReached(type, stages, faults));
        }

        return stages;
    }

    /// <summary>What a reconcile has seen of the server and the credential, whatever it looked for.</summary>
    public static IEnumerable<Stage> Contact(ReconcileOutcome outcome)
    {
        if (Connected(outcome) is { } connected)
        {
            yield return connected;
        }

        if (outcome.Observed.WebhookLoginFault is null && Authenticated(outcome) is { } authenticated)
        {
            yield return authenticated;
        }
    }

    private static Stage? Connected(ReconcileOutcome outcome) => outcome.Observed.Server?.Value is { } server
        ? new(ConditionTypes.Reachable, ConditionState.True, Reasons.Connected, Answers(server, outcome.Connection.Spec.Flavour))
        : null;

    private static Stage? Authenticated(ReconcileOutcome outcome) => outcome.Observed.Account?.Value is { } account
        ? new(ConditionTypes.CredentialValid, ConditionState.True, Reasons.Authenticated, LoggedIn(account, outcome.Observed.WebhookAccount?.Value))
        : null;

    private static Stage? Failed(string type, IReadOnlyList<Fault> faults)
    {
        var mine = faults.Where(f => f.Reason.Condition == type).ToList();
        if (mine.Count == 0)
        {
            return null;
        }

        var words = mine.Select(f => f.Words).DistinctBy(w => w.Text, StringComparer.Ordinal).OrderBy(w => w.Text, StringComparer.Ordinal).ToList();
        return new Stage(type, ConditionState.False, mine[0].Reason, Sentences.Several(words, FaultLimit))
        {
            Brief = words.Count == 1 ? words[0].Within(Sentences.MostInReady) : Sentences.AndMore(words[0].Problem, words.Count),
        };
    }

    private static Stage? Reached(string type, ReconcileOutcome outcome, WebhookTally tally)
    {
        var observed = outcome.Observed;
        return type switch
        {
            ConditionTypes.Reachable => Connected(outcome),
            ConditionTypes.CredentialValid => Authenticated(outcome),
            ConditionTypes.RepositoriesDiscovered when observed is { DiscoveredSoFar: { } found, RepositoryListing: null } =>
                new Stage(type, ConditionState.Unknown, Reasons.Progressing, Sentences.Discovering(found)),
            ConditionTypes.RepositoriesDiscovered when observed is
                { RepositoryListing: { IsUsable: true } inventory, Selection: { } selection } =>
                Suspect(type, outcome.Connection, inventory) ?? Discovered(type, outcome.Connection.Spec.Discovery, selection, inventory.Invalid),
            ConditionTypes.WebhooksReady when StatusWriter.IsCounted(observed) && observed.Selection is { } selection =>
                WebhooksStage.Of(outcome, tally, selection),
            _ => null,
        };
    }

    private static string Answers(ServerInfo server, Flavour flavour) => Sentences.Answers(server.DisplayName, flavour, server.Version);

    private static string LoggedIn(Account account, Account? forWebhooks) =>
        forWebhooks is null ? Sentences.LoggedIn(account.Name) : Sentences.LoggedInTwice(account.Name, forWebhooks.Name);

    private static Stage? Suspect(string type, Connection connection, RepositoryListing inventory) =>
        ListingPlausibility.Of(connection, inventory) is { Doubt: not null } trust
            ? Of(type, ConditionState.False, Reasons.InventorySuspect, trust.Doubt)
            : null;

    private static Stage Of(string type, ConditionState state, Reason reason, Wording words, params IEnumerable<string> more) =>
        new(type, state, reason, Sentences.Together([words.Text, .. more])) { Brief = words.Within(Sentences.MostInReady) };

    private static Stage Discovered(string type, DiscoveryRules spec, RepositorySelection selection, int invalid)
    {
        var total = selection.Selected.Count + selection.Skipped.Count + invalid;
        string[] hints = [.. PatternHints.Of(spec, selection).Take(HintLimit).Select(h => Sentences.Misspelled(h.Field, h.Pattern, h.Right))];
        var unmatched = selection.UnmatchedIncludes.Count == 0 ? null : Sentences.Unmatched(selection.UnmatchedIncludes);
        if (selection is { Selected: [], NotFound: [var first, ..] })
        {
            return Of(type, ConditionState.False, Reasons.RepositoryNotFound, Sentences.NoneFound(first.Name, selection.NotFound.Count));
        }

        if (selection.Selected.Count == 0)
        {
            return Of(
                type,
                ConditionState.False,
                unmatched is null ? Reasons.NothingSelected : Reasons.PatternMatchesNothing,
                unmatched ?? NothingSelected(spec, total),
                [.. hints, .. Invalid(invalid)]);
        }

        var found = Sentences.Selected(selection.Selected.Count, total);
        return unmatched is null
            ? Of(type, ConditionState.True, Reasons.Discovered, found, [.. hints, .. Invalid(invalid)])
            : new Stage(
                type,
                ConditionState.True,
                Reasons.PatternMatchesNothing,
                Sentences.Together([found, unmatched.Text, .. hints, .. Invalid(invalid)]))
            {
                Brief = Sentences.Together(found, unmatched.Problem),
            };
    }

    private static IEnumerable<string> Invalid(int count) => count == 0 ? [] : [Sentences.InvalidNames(count)];

    private static Wording NothingSelected(DiscoveryRules spec, int total) =>
        total == 0 ? Sentences.NoneSeen(inProjects: spec.Projects.Count > 0) : Sentences.NoneSelected(total);

    // The server is not asked without a credential, so that a later condition can be what keeps an earlier one from being known.
    private static Stage NotReached(string type, List<Stage> before, IReadOnlyList<Fault> faults)
    {
        var cause = before.Find(s => s.State == ConditionState.False)?.Type ?? (faults.Count > 0 ? faults[0].Reason.Condition : null);
        return new Stage(type, ConditionState.Unknown, Reasons.NotChecked, Sentences.NotChecked(cause));
    }
}
