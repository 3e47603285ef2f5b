using System.CommandLine;
using BitbucketOperator.Cli.DryRun;
using BitbucketOperator.Cli.Output;
using BitbucketOperator.Cli.Settings;
using BitbucketOperator.Core.Api;
using BitbucketOperator.Core.Api.V1Alpha1;
using BitbucketOperator.Core.Mapping;
using BitbucketOperator.Core.Model;
using BitbucketOperator.Core.Ownership;

namespace BitbucketOperator.Cli.Plugin;

/// <summary>The commands that look and write nothing: <c>status</c>, <c>repos</c>, <c>plan</c>, <c>doctor</c>.</summary>
internal sealed class LookCommands(ClusterFlags cluster)
{
    public Command Status()
    {
        var name = new Argument<string?>("name")
        {
            Description = "Name of the BitbucketConnection. Default: all of the namespace.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        cluster.Complete(name);
        var all = new Option<bool>("--all-namespaces", "-A") { Description = "Those of all namespaces." };
        var command = new Command("status", "What the operator says: conditions, permissions, failures. Exit code 1 when one is not ready.")
        {
            name, all,
        };
        cluster.Run(command, async (parsed, connections, cancellationToken) =>
        {
            var found = parsed.GetValue(name) is { } one
                ? [await connections.ReadAsync(one, cancellationToken)]
                : await connections.ListAsync(parsed.GetValue(all), cancellationToken);
            var tree = new StatusTree(Screen.Output, Paint.ForOutput());
            foreach (var connection in found)
            {
                tree.Write(connection);
            }

            if (found.Count == 0)
            {
                var where = parsed.GetValue(all) ? "the cluster" : $"namespace {connections.Namespace}";
                Screen.Error.Line($"no BitbucketConnection in {where}");
            }

            return found.All(c => Verdict.IsHealthy(c.Status)) ? ExitCodes.Healthy : ExitCodes.NotHealthy;
        });
        return command;
    }

    public Command Repos() => Look(
        "repos",
        "Which repositories are selected, and which rule leaves the others out. Asks Bitbucket, with the connection's Secret.",

        // Without webhooks nothing is asked but the listing.
        connection => connection with { Spec = connection.Spec with { Webhooks = [] }, Known = new KnownState() },
        (connection, result) =>
        {
            if (result.Outcome.Observed.Selection is not { } selection)
            {
                throw new PluginException(ExitCodes.NotHealthy, Verdict.MessageOf(result.Status));
            }

            var table = new TextTable("REPOSITORY", "SELECTED", "WHY NOT");
            var rows = selection.Selected.Select(r => (Name: r.Name.ToString(), Selected: "yes", Why: ""))
                .Concat(selection.Skipped.Select(s =>
                    (Name: s.Repository.Name.ToString(), Selected: "no", Why: SkipRules.Sentence(s, connection.Spec.Discovery.ToModel()))));
            foreach (var (repository, selected, why) in rows.OrderBy(r => r.Name, StringComparer.OrdinalIgnoreCase))
            {
                table.Add(repository, selected, why);
            }

            table.Write(Screen.Output, Paint.ForOutput());
            var discovered = Verdict.Find(result.Status, ConditionTypes.RepositoriesDiscovered);
            return discovered?.Status == ConditionState.True ? ExitCodes.Healthy : ExitCodes.NotHealthy;
        });

    public Command Plan() => Look(
        "plan",
        "What a pass would change, and why; changes nothing. Asks Bitbucket, with the connection's Secret.",
        narrow: null,
        (connection, result) =>
        {
            var paint = Paint.ForOutput();
            var report = new ConnectionReport(Screen.Output, paint);
            report.WriteHead(connection.ToModel().FullName, connection.Spec.ToModel(), result.Status);
            report.WritePlan(result);
            return Verdict.IsHealthy(result.Status) ? ExitCodes.Healthy : ExitCodes.NotHealthy;
        });

    public Command DoctorCommand() => Look(
        "doctor",
        "Looks from here with the connection's Secret, and compares with what the operator sees.",
        narrow: null,
        (connection, result) =>
        {
            var table = new TextTable("CONDITION", "OPERATOR", "FROM HERE");
            foreach (var type in ConditionTypes.Stages)
            {
                table.Add(type, Short(connection.Status, type), Short(result.Status, type));
            }

            table.Write(Screen.Output, Paint.ForOutput());
            Screen.Output.Line();
            Screen.Output.Line($"{Doctor.Diagnose(connection, result.Status)}");
            return Verdict.IsHealthy(connection.Status) && Verdict.IsHealthy(result.Status) ? ExitCodes.Healthy : ExitCodes.NotHealthy;
        });

    private static string Short(BitbucketConnectionStatus? status, string type) =>
        Verdict.Find(status, type) is { } condition ? $"{condition.Status} {condition.Reason}" : "not known";

    // A command that has one connection looked at from here.
    private Command Look(string verb, string description, Func<Connection, Connection>? narrow, Func<BitbucketConnection, DryResult, int> tell)
    {
        var name = cluster.Name();
        var verbose = new Option<bool>("--verbose", "-v") { Description = "Show each request to Bitbucket on standard error." };
        var server = new ServerFlags();
        var command = new Command(verb, description) { name, verbose };
        foreach (var flag in server.All)
        {
            command.Options.Add(flag);
        }

        cluster.Run(command, async (parsed, connections, cancellationToken) =>
        {
            var connection = await connections.ReadAsync(parsed.GetValue(name)!, cancellationToken);
            var owner = await connections.OwnerOfAsync(connection.ToModel(), cancellationToken);
            DryResult result;
            using (var progress = new Progress(parsed.GetValue(verbose)))
            {
                await using var reconciler = new DryReconciler(server.Read(parsed), progress);
                progress.Begin(connection.ToModel().FullName);
                var owners = await OwnersAsync(connections, cancellationToken);
                result = await reconciler.RunAsync(connection, owner, owners, connections.References, cancellationToken, narrow);
            }

            return tell(connection, result);
        });
        return command;
    }

    private static async Task<ListedOwners> OwnersAsync(ClusterConnections connections, CancellationToken cancellationToken)
    {
        var owners = new List<(string, KnownOwner)>();
        foreach (var connection in (await connections.ListAsync(allNamespaces: false, cancellationToken)).Select(c => c.ToModel()))
        {
            owners.Add(((await connections.OwnerOfAsync(connection, cancellationToken)).Id, KnownOwner.Of(connection)));
        }

        return ListedOwners.Of(owners);
    }
}
