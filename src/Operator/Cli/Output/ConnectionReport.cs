using BitbucketOperator.Cli.DryRun;
using BitbucketOperator.Core.Api.V1Alpha1;
using BitbucketOperator.Core.Discovery;
using BitbucketOperator.Core.Model;
using BitbucketOperator.Core.Port;

namespace BitbucketOperator.Cli.Output;

/// <summary>Prints what a dry run found.</summary>
internal sealed class ConnectionReport(Screen screen, Paint paint)
{
    private const int Listed = 50;

    /// <summary>All of it.</summary>
    /// <param name="name">Namespace and name, and where it comes from.</param>
    /// <param name="result">What was found.</param>
    public void Write(string name, DryResult result)
    {
        var status = result.Status;
        WriteHead(name, result.Outcome.Connection.Spec, status, result.IsHealthy);
        if (result.NotLookedAt > 0 && result.IsHealthy)
        {
            screen.Line($"{NotLookedAt(result)}");
        }

        Section(Permissions(status), Colour);
        Section(Repositories(result.Outcome.Observed.Selection));
        WritePlan(result);
        Section(Conditions(status), Colour);
        Section(Failures(status));
        Rest(status.FailuresNotListed ?? 0, "failures");
    }

    private static string NotLookedAt(DryResult result) =>
        $"rate limit: {result.NotLookedAt} of {result.Outcome.State.Scopes.Count} repositories and projects were not looked at";

    /// <summary>The planned changes alone.</summary>
    public void WritePlan(DryResult result)
    {
        var changes = result.Outcome.Observed.Checks.Values.SelectMany(c => c.Planned)
            .OrderBy(c => c.Scope.Name, StringComparer.OrdinalIgnoreCase).ThenBy(c => c.Hook, StringComparer.Ordinal).ThenBy(c => c.Kind)
            .ToList();
        var table = new TextTable("CHANGE", "WEBHOOK", "PLACE", "WHY");
        foreach (var change in changes.Take(Listed))
        {
            table.Add(change.Kind.ToString(), change.Hook, change.Scope.Name, change.Reason);
        }

        Section(table);
        Rest(changes.Count - Listed, "changes");
        foreach (var secret in result.Generated)
        {
            screen.Line();
            var name = $"{secret.Namespace}/{secret.Name}";
            screen.Line($"Secret {name} would be generated for webhook {secret.Webhook}, unless the cluster has it already");
        }
    }

    /// <summary>Name, verdict, server and account.</summary>
    public void WriteHead(string name, ConnectionSpec spec, BitbucketConnectionStatus status, bool? isHealthy = null)
    {
        var verdict = (isHealthy ?? Verdict.IsHealthy(status), Verdict.Warnings(status).Count > 0) switch
        {
            (false, _) => paint.Bad("not healthy"),
            (true, true) => paint.Doubtful("healthy, with warnings"),
            (true, false) => paint.Good("healthy"),
        };
        screen.Line($"{paint.Bold(name)}: {verdict}");
        screen.Line($"  {Verdict.MessageOf(status)}");
        screen.Line($"  {spec.Url}, {Server(status.Server)}, {Account(spec, status.Account)}");
        if (status.Server?.BaseUrlMismatch is { } mismatch)
        {
            screen.Line($"  {paint.Doubtful(mismatch)}");
        }
    }

    private static string Server(ServerStatus? server) => server switch
    {
        null => "server not known",
        { Version: null } => $"Bitbucket {server.Hosting}",
        _ => $"{server.DisplayName ?? "Bitbucket"} {server.Version}",
    };

    private static string Account(ConnectionSpec spec, AccountStatus? account) => account switch
    {
        null => $"not logged in with {spec.Auth.Kind}",
        { Name: null } => $"logged in with {spec.Auth.Kind}",
        _ => $"logged in as {account.Name}{(account.Kind is { } kind ? $" ({kind})" : "")} with {spec.Auth.Kind}",
    };

    private static TextTable Permissions(BitbucketConnectionStatus status)
    {
        var table = new TextTable("PERMISSION", "STATE", "NEEDS", "NOTE");
        foreach (var row in status.Permissions ?? [])
        {
            var scopes = row.Capability == nameof(Capability.ManageProjectWebhooks) ? "projects" : "repositories";
            var on = row.GrantedOn is { } granted ? $"on {granted} of {granted + (row.MissingOn ?? 0)} {scopes}" : "";
            table.Add(row.Capability, row.State.ToString(), row.Required ?? "", row.Message ?? on);
        }

        return table;
    }

    private static TextTable Repositories(RepositorySelection? selection)
    {
        var table = new TextTable("PROJECT", "REPOSITORIES", "SELECTED", "LEFT OUT");
        var selected = selection?.Selected.ToLookup(r => r.Name.Project, StringComparer.OrdinalIgnoreCase);
        var skipped = selection?.Skipped.ToLookup(s => s.Repository.Name.Project, StringComparer.OrdinalIgnoreCase);
        var projects = (selected?.Select(p => p.Key) ?? []).Union(skipped?.Select(p => p.Key) ?? [], StringComparer.OrdinalIgnoreCase);
        foreach (var project in projects.Order(StringComparer.OrdinalIgnoreCase))
        {
            var (taken, left) = (selected![project].Count(), skipped![project].ToList());
            var rules = left.CountBy(s => s.Rule).OrderBy(r => r.Key).Select(r => $"{r.Value} {SkipRules.Word(r.Key)}");
            table.Add(project, $"{taken + left.Count}", $"{taken}", string.Join(", ", rules));
        }

        return table;
    }

    private static TextTable Conditions(BitbucketConnectionStatus status)
    {
        var table = new TextTable("NOT WELL", "STATUS", "REASON", "MESSAGE");
        foreach (var condition in Verdict.NotWell(status))
        {
            table.Add(condition.Type, condition.Status.ToString(), condition.Reason, condition.Message);
        }

        return table;
    }

    private static TextTable Failures(BitbucketConnectionStatus status)
    {
        var table = new TextTable("FAILURE", "COUNT", "PLACES", "MESSAGE");
        foreach (var failure in status.Failures ?? [])
        {
            table.Add(failure.Reason, $"{failure.Count}", Places(failure), failure.Message);
        }

        return table;
    }

    private static string Places(FailureStatus failure) =>
        string.Join(", ", failure.Examples) + (failure.Count > failure.Examples.Count ? ", ..." : "");

    private Painted Colour(int column, string text) => (column, text) switch
    {
        (1, nameof(PermissionState.Granted)) => paint.Good(text),
        (1, nameof(PermissionState.Missing) or nameof(ConditionState.False)) => paint.Bad(text),
        (1, nameof(PermissionState.Unknown) or nameof(ConditionState.True)) => paint.Doubtful(text),
        _ => Painted.Quoted(text),
    };

    private void Section(TextTable table, Func<int, string, Painted>? colour = null)
    {
        if (!table.IsEmpty)
        {
            screen.Line();
            table.Write(screen, paint, colour);
        }
    }

    private void Rest(int count, string what)
    {
        if (count > 0)
        {
            screen.Line($"and {count} more {what}");
        }
    }
}
