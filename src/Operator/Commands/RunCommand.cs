using System.CommandLine;
using System.CommandLine.Parsing;
using System.Net;
using BitbucketOperator.Core;

namespace BitbucketOperator.Commands;

/// <summary>The flags of <c>run</c>. A flag that is not given takes its value from the environment, then its default.</summary>
internal static class RunCommand
{
    private const string EnvironmentPrefix = "BITBUCKET_OPERATOR_";
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
        var kubeconfig = Text("--kubeconfig", "Kubeconfig file. Default: the service account in a cluster, else KUBECONFIG or ~/.kube/config.", null);
        var context = Text("--context", "Context of the kubeconfig file. Default: its current one.", null);
        var namespaces = Text("--watch-namespaces", "Namespaces to watch, separated by commas; Roles in them are enough then. Default: all.", null);
        var selector = Text("--watch-selector", "Label selector on the connections, to split the work among several releases. Default: all.", null);
        var operatorNamespace = Text("--operator-namespace", "Namespace of the Lease.", Defaults.OperatorNamespace);
        var clusterName = Text("--cluster-name", "Tells this cluster from others that manage webhooks on the same Bitbucket. Default: the UID of kube-system.", null);
        var leaderElection = Switch("--leader-election", "Elect a leader among replicas.", Defaults.LeaderElection);
        var leaseName = Text("--lease-name", "Name of the Lease.", Defaults.LeaseName);
        var workers = Number("--workers", "Connections handled at the same time.", Defaults.Workers, 1, 256);
        var requests = Number("--max-requests-per-host", "Requests in flight to one Bitbucket at most.", Defaults.MaxRequestsPerHost, 1, 256);
        var allowHttp = Switch("--allow-http", "Accept http in spec.url and webhook URLs. Credentials then travel unencrypted.", Defaults.AllowHttp);
        var hosts = Text("--allowed-hosts", "Hosts that spec.url and spec.proxy.url may name, separated by commas; * stands for any characters. A host without * may also lead to an address that is refused otherwise, such as loopback. Default: every host.", null);
        hosts.Validators.Add(RefuseBadHosts);
        var denyPrivate = Switch("--deny-private", "Refuse private addresses too, unless --allowed-hosts lists the host without *.", Defaults.DenyPrivate);
        var cloudApi = Url("--cloud-api-url", "Root of Bitbucket Cloud's REST API.", Defaults.CloudApiUrl);
        var cloudToken = Url("--cloud-token-url", "Where Bitbucket Cloud gives tokens to OAuth consumers.", Defaults.CloudTokenUrl);
        var health = Text("--health-address", "Address and port of /livez and /readyz; empty to switch them off.", Defaults.HealthAddress);
        var metrics = Text("--metrics-bind-address", "Address and port of /metrics, for Prometheus; 0 to switch it off.", Defaults.MetricsAddress);
        var otlp = Text("--otlp-endpoint", "OpenTelemetry collector that metrics and traces are sent to, such as http://collector:4317. Default: OTEL_EXPORTER_OTLP_ENDPOINT; without either nothing is sent. The other OTEL_ variables are heeded too.", null);
        var level = Text("--log-level", "Verbose, Debug, Information, Warning or Error.", Defaults.LogLevel);
        level.AcceptOnlyFromAmong("Verbose", "Debug", "Information", "Warning", "Error");
        var format = Text("--log-format", "Text, Json, or Auto: text on a terminal and JSON elsewhere.", nameof(LogFormat.Auto));
        format.AcceptOnlyFromAmong(nameof(LogFormat.Auto), nameof(LogFormat.Text), nameof(LogFormat.Json));
        health.Validators.Add(RefuseBadAddress);
        metrics.Validators.Add(RefuseBadAddress);
        otlp.Validators.Add(RefuseBadEndpoint);
        Option[] all =
        [
            kubeconfig, context, namespaces, selector, operatorNamespace, clusterName, leaderElection, leaseName, workers, requests,
            allowHttp, hosts, denyPrivate, cloudApi, cloudToken, health, metrics, otlp, level, format,
        ];
        foreach (var option in all)
        {
            command.Options.Add(option);
        }

        command.SetAction((parsed, cancellationToken) => Application.RunAsync(
            new RunOptions
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
                MaxRequestsPerHost = parsed.GetValue(requests),
                AllowHttp = parsed.GetValue(allowHttp),
                AllowedHosts = Items(parsed.GetValue(hosts)),
                DenyPrivate = parsed.GetValue(denyPrivate),
                CloudApiUrl = new Uri(parsed.GetValue(cloudApi)!),
                CloudTokenUrl = new Uri(parsed.GetValue(cloudToken)!),
                HealthAddress = parsed.GetValue(health)!,
                MetricsAddress = parsed.GetValue(metrics) is { } address and not Off ? address : null,
                OtlpEndpoint = parsed.GetValue(otlp),
                LogLevel = parsed.GetValue(level)!,
                LogFormat = Enum.Parse<LogFormat>(parsed.GetValue(format)!),
            },
            cancellationToken));
    }

    private static Option<string?> Text(string name, string description, string? fallback) => new(name)
    {
        Description = Describe(name, description),
        DefaultValueFactory = _ => FromEnvironment(name) ?? fallback,
    };

    private static Option<string?> Url(string name, string description, Uri fallback)
    {
        var option = Text(name, description, fallback.OriginalString);
        option.Validators.Add(result =>
        {
            if (!Uri.TryCreate(result.GetValueOrDefault<string?>(), UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https") || url.Query + url.Fragment + url.UserInfo != "")
            {
                result.AddError($"{name} must be an absolute https URL without user name and query, such as {fallback.OriginalString}, not '{result.GetValueOrDefault<string?>()}'");
            }
        });
        return option;
    }

    private static Option<bool> Switch(string name, string description, bool fallback) => new(name)
    {
        Description = Describe(name, description),
        DefaultValueFactory = result => FromEnvironment(name) is not { } text ? fallback : bool.TryParse(text, out var value) ? value : Refuse<bool>(result, name, text, "true or false"),
    };

    private static Option<int> Number(string name, string description, int fallback, int least, int most)
    {
        var option = new Option<int>(name)
        {
            Description = Describe(name, description),
            DefaultValueFactory = result => FromEnvironment(name) is not { } text ? fallback : int.TryParse(text, out var value) ? value : Refuse<int>(result, name, text, "a number"),
        };
        option.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() is var value && (value < least || value > most))
            {
                result.AddError($"{name} must lie between {least} and {most}, not {value}");
            }
        });
        return option;
    }

    private static T Refuse<T>(ArgumentResult result, string name, string text, string wanted)
        where T : struct
    {
        result.AddError($"{VariableOf(name)} must be {wanted}, not '{text}'");
        return default;
    }

    private static void RefuseBadAddress(OptionResult result)
    {
        var text = result.GetValueOrDefault<string?>();
        var isMetrics = result.Option.Name == "--metrics-bind-address";
        if (isMetrics ? text == Off : string.IsNullOrEmpty(text))
        {
            return;
        }

        // An address without a port is taken for port 0.
        if (!IPEndPoint.TryParse(text ?? "", out var address) || (address.Port == 0 && !text!.EndsWith(":0", StringComparison.Ordinal)))
        {
            result.AddError($"{result.Option.Name} must be an IP address with a port, such as {(isMetrics ? Defaults.MetricsAddress + ", or 0 to switch it off" : Defaults.HealthAddress)}, not '{text}'");
        }
    }

    private static void RefuseBadEndpoint(OptionResult result)
    {
        var text = result.GetValueOrDefault<string?>();
        if (text is not null && (!Uri.TryCreate(text, UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https") || url.UserInfo.Length > 0))
        {
            result.AddError("--otlp-endpoint must be an http or https URL without user name, such as http://collector:4317");
        }
    }

    private static void RefuseBadHosts(OptionResult result)
    {
        foreach (var entry in Items(result.GetValueOrDefault<string?>()))
        {
            if (HostRules.Flaw(entry) is { } flaw)
            {
                result.AddError($"--allowed-hosts: '{entry}' {flaw}");
            }
        }
    }

    private static string[] Items(string? text) => (text ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    private static string Describe(string name, string description) => $"{description} [{VariableOf(name)}]";

    private static string VariableOf(string name) => EnvironmentPrefix + name.TrimStart('-').Replace('-', '_').ToUpperInvariant();

    private static string? FromEnvironment(string name) =>
        Environment.GetEnvironmentVariable(VariableOf(name)) is { Length: > 0 } value ? value : null;
}
