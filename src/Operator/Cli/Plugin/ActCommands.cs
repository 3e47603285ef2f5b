using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using BitbucketOperator.Cli.Output;
using BitbucketOperator.Cli.Settings;
using BitbucketOperator.Core.Api;
using BitbucketOperator.Core.Api.V1Alpha1;

namespace BitbucketOperator.Cli.Plugin;

/// <summary>The commands that change a connection: <c>reconcile</c>, <c>suspend</c>, <c>resume</c>.</summary>
internal sealed class ActCommands(ClusterFlags cluster)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);

    public Command Reconcile()
    {
        var name = cluster.Name();
        var wait = new Option<bool>("--wait")
        {
            Description = "Wait until the pass is done. Exit code 1 when the connection is not ready then.",
        };
        var timeout = new Option<int>("--timeout") { Description = "With --wait: seconds to wait for.", DefaultValueFactory = _ => 120 };
        timeout.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() is < 1 or > 86400)
            {
                result.AddError("--timeout must lie between 1 and 86400 seconds");
            }
        });
        var command = new Command("reconcile", "Ask the operator for a full pass now.") { name, wait, timeout };
        cluster.Run(command, async (parsed, connections, cancellationToken) =>
        {
            var one = parsed.GetValue(name)!;
            if ((await connections.ReadAsync(one, cancellationToken)).Spec.Suspend)
            {
                throw new PluginException(
                    ExitCodes.NotHealthy, $"{one} is suspended, so that nothing would come of it: kubectl bitbucket resume {one}");
            }

            var request = TimeProvider.System.GetUtcNow().ToString("yyyy-MM-dd'T'HH:mm:ss.fffffff'Z'", CultureInfo.InvariantCulture);
            var annotations = new JsonObject { [Annotations.RequestedAt] = request };
            var patch = new JsonObject { ["metadata"] = new JsonObject { ["annotations"] = annotations } };
            await connections.PatchAsync(one, patch, cancellationToken);
            if (!parsed.GetValue(wait))
            {
                Screen.Output.Line($"{one}: a full pass is asked for");
                return ExitCodes.Healthy;
            }

            var done = await WaitAsync(connections, one, request, TimeSpan.FromSeconds(parsed.GetValue(timeout)), cancellationToken);
            new StatusTree(Screen.Output, Paint.ForOutput()).Write(done);
            return Verdict.IsHealthy(done.Status) ? ExitCodes.Healthy : ExitCodes.NotHealthy;
        });
        return command;
    }

    public Command Suspend() => Switch("suspend", "Have the operator stop: nothing is read or written until resume.", suspend: true);

    public Command Resume() => Switch("resume", "Have the operator go on.", suspend: false);

    private static async Task<BitbucketConnection> WaitAsync(
        ClusterConnections connections, string name, string request, TimeSpan patience, CancellationToken cancellationToken)
    {
        var clock = TimeProvider.System;
        var start = clock.GetTimestamp();
        while (clock.GetElapsedTime(start) < patience)
        {
            var connection = await connections.ReadAsync(name, cancellationToken);
            if (connection.Status?.LastHandledReconcileAt == request)
            {
                return connection;
            }

            await Task.Delay(Pause, clock, cancellationToken);
        }

        throw new PluginException(
            ExitCodes.NotHealthy,
            $"the operator has not finished the pass within {patience.TotalSeconds} seconds: it may be at it still, "
            + $"or it does not run, or it does not watch namespace {connections.Namespace}");
    }

    private Command Switch(string verb, string description, bool suspend)
    {
        var name = cluster.Name();
        var command = new Command(verb, description) { name };
        cluster.Run(command, async (parsed, connections, cancellationToken) =>
        {
            var one = parsed.GetValue(name)!;
            var before = (await connections.ReadAsync(one, cancellationToken)).Spec.Suspend;
            await connections.PatchAsync(one, new JsonObject { ["spec"] = new JsonObject { ["suspend"] = suspend } }, cancellationToken);
            Screen.Output.Line($"{one}: {(suspend ? "suspended" : "resumed")}{(before == suspend ? " already" : "")}");
            return ExitCodes.Healthy;
        });
        return command;
    }
}
