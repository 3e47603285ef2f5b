using System.CommandLine;
using System.CommandLine.Parsing;
using System.Net;
using BitbucketOperator.Cli.Settings;
using static BitbucketOperator.Cli.Settings.Flags;

namespace BitbucketOperator.Cli.Run;

/// <summary>The flags of <c>run</c>. A flag that is not given takes its value from the environment, then its default.</summary>
internal static class RunCommand
{
    private const string Off = "0";
    private static readonly RunOptions Defaults = new();

    public static Command Create(string name, string description)
    {
        var command = new Command(name, description);
        AddTo(command);
        return command;
    }

    /// <summary>Adds the flags and the action to a command.</summary>
    public static void AddTo(Command command)
    {
        var kubeconfig = Text("--kubeconfig", "Kubeconfig file. Default: KUBECONFIG, else the service account in a cluster, else ~/.kube/config.", null);
        var context = Text("--context", "Context of the kubeconfig file. Default: its current one.", null);
        var namespaces = Text("--watch-namespaces", "Namespaces to watch, separated by commas; Roles in them are enough then. Default: all.", null);
        var selector = Text("--watch-selector", "Label selector on the connections, to split the work among several releases. Default: all.", null);
        var operatorNamespace = Text("--operator-namespace", "Namespace of the Lease.", Defaults.OperatorNamespace);
        var clusterName = Text(
            "--cluster-name", "Tells this cluster from others that manage webhooks on the same Bitbucket. Default: the UID of kube-system.", null);
        var leaderElection = Switch("--leader-election", "Elect a leader among replicas.", Defaults.LeaderElection);
        var leaseName = Text("--lease-name", "Name of the Lease.", Defaults.LeaseName);
        var workers = Number("--workers", "Connections handled at the same time.", Defaults.Workers, 1, 256);
        var server = new ServerFlags();
        var health = Text("--health-address", "Address and port of /livez and /readyz; empty to switch them off.", Defaults.HealthAddress);
        var metrics = Text("--metrics-bind-address", "Address and port of /metrics, for Prometheus; 0 to switch it off.", Defaults.MetricsAddress);
        var otlp = Text(
            "--otlp-endpoint",
            "OpenTelemetry collector that metrics and traces are sent to, such as http://collector:4317. "
            + "Default: OTEL_EXPORTER_OTLP_ENDPOINT; without either nothing is sent. The other OTEL_ variables are used too.",
            null);
        var level = Text("--log-level", "Verbose, Debug, Information, Warning or Error.", Defaults.LogLevel);
        level.AcceptOnlyFromAmong("Verbose", "Debug", "Information", "Warning", "Error");
        var format = Text("--log-format", "Text, Json, or Auto: text on a terminal and JSON elsewhere.", nameof(LogFormat.Auto));
        format.AcceptOnlyFromAmong(nameof(LogFormat.Auto), nameof(LogFormat.Text), nameof(LogFormat.Json));
        health.Validators.Add(result => RefuseBadAddress(result, off: "", such: Defaults.HealthAddress));
        metrics.Validators.Add(result => RefuseBadAddress(result, Off, $"{Defaults.MetricsAddress}, or {Off} to switch it off"));
        otlp.Validators.Add(RefuseBadEndpoint);
        Option[] all =
        [
            kubeconfig, context, namespaces, selector, operatorNamespace, clusterName, leaderElection, leaseName, workers,
            .. server.All, health, metrics, otlp, level, format,
        ];
        foreach (var option in all)
        {
            command.Options.Add(option);
        }

        command.SetAction((parsed, cancellationToken) => Application.RunAsync(
            server.Read(parsed) with
            {
                Kubeconfig = parsed.GetValue(kubeconfig),
                Context = parsed.GetValue(context),
                WatchNamespaces = Items(parsed.GetValue(namespaces)),
                WatchSelector = parsed.GetValue(selector),
                OperatorNamespace = parsed.GetValue(operatorNamespace)!,
                ClusterName = parsed.GetValue(clusterName),
                LeaderElection = parsed.GetValue(leaderElection),
                LeaseName = parsed.GetValue(leaseName)!,
                Workers = parsed.GetValue(workers),
                HealthAddress = parsed.GetValue(health)!,
                MetricsAddress = parsed.GetValue(metrics) is { } address and not Off ? address : null,
                OtlpEndpoint = parsed.GetValue(otlp),
                LogLevel = parsed.GetValue(level)!,
                LogFormat = Enum.Parse<LogFormat>(parsed.GetValue(format)!),
            },
            cancellationToken));
    }

    private static void RefuseBadAddress(OptionResult result, string off, string such)
    {
        var text = result.GetValueOrDefault<string?>() ?? "";
        if (text == off)
        {
            return;
        }

        // An address without a port is taken for port 0.
        if (!IPEndPoint.TryParse(text, out var address) || (address.Port == 0 && !text.EndsWith(":0", StringComparison.Ordinal)))
        {
            result.AddError($"{result.Option.Name} must be an IP address with a port, such as {such}, not '{text}'");
        }
    }

    private static void RefuseBadEndpoint(OptionResult result)
    {
        var text = result.GetValueOrDefault<string?>();
        if (text is not null
            && (!Uri.TryCreate(text, UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https") || url.UserInfo.Length > 0))
        {
            result.AddError("--otlp-endpoint must be an http or https URL without user name, such as http://collector:4317");
        }
    }
}
