using System.CommandLine;
using BitbucketOperator.Cli.Plugin;
using BitbucketOperator.Cli.Settings;
using BitbucketOperator.Core.Api.V1Alpha1;
using BitbucketOperator.Runtime.Client;
using BitbucketOperator.Runtime.Model;
using static BitbucketOperator.Cli.Settings.Flags;

namespace BitbucketOperator.Cli;

/// <summary>
/// <c>uninstall-check</c>: fails while connections have the operator's finalizer. The chart runs it before a release is
/// uninstalled: without an operator these connections could not be deleted.
/// </summary>
[EntityRbac(BitbucketConnection.Group, [BitbucketConnection.Plural], ["list"], Scope = RbacScope.Uninstall,
    Reason = "Refuses to uninstall while connections have the finalizer; asks for metadata only")]
internal static class UninstallCheckCommand
{
    private const int Named = 10;

    public static Command Create()
    {
        var kubeconfig = Text("--kubeconfig", "Kubeconfig file. Default: KUBECONFIG, else the service account in a cluster, else ~/.kube/config.", null);
        var context = Text("--context", "Context of the kubeconfig file. Default: its current one.", null);
        var namespaces = Text("--watch-namespaces", "Namespaces that the operator watches, separated by commas. Default: all.", null);
        var selector = Text("--watch-selector", "Label selector of the connections that the operator watches. Default: all.", null);
        var command = new Command(
            "uninstall-check", "Fail with exit code 1 while connections need the operator for their deletion. Run by the chart before it is uninstalled.")
        {
            kubeconfig, context, namespaces, selector,
        };
        command.SetAction((parsed, cancellationToken) => PluginException.GuardAsync(() => RunAsync(
            parsed.GetValue(kubeconfig), parsed.GetValue(context), Items(parsed.GetValue(namespaces)), parsed.GetValue(selector), cancellationToken)));
        return command;
    }

    private static async Task<int> RunAsync(
        string? kubeconfig, string? context, string[] namespaces, string? selector, CancellationToken cancellationToken)
    {
        using var client = ApiServerClient.Open(kubeconfig, context, $"bitbucket-operator/{Versions.Product}");
        var api = new KubernetesApi(client, TimeProvider.System);
        var found = new List<string>();
        foreach (var ns in namespaces is [] ? [null] : (string?[])namespaces)
        {
            var path = ResourcePath.Collection(BitbucketConnection.Group, BitbucketConnection.Version, ns, BitbucketConnection.Plural);
            found.AddRange(await api.ListWithFinalizerAsync(path, selector, BitbucketConnection.Finalizer, cancellationToken));
        }

        if (found.Count == 0)
        {
            Console.WriteLine($"no BitbucketConnection has the finalizer {BitbucketConnection.Finalizer}");
            return ExitCodes.Healthy;
        }

        await Console.Error.WriteLineAsync(Refusal(found));
        return ExitCodes.NotHealthy;
    }

    private static string Refusal(List<string> found)
    {
        found.Sort(StringComparer.Ordinal);
        var more = found.Count > Named ? $" and {found.Count - Named} more" : "";
        var (have, them) = found.Count == 1 ? (" has", "it") : ("s have", "them");
        return $"""
            Not uninstalled: {found.Count} BitbucketConnection{have} the finalizer {BitbucketConnection.Finalizer}, which only a running operator removes:
            {string.Join(", ", found.Take(Named))}{more}
            Delete {them} first: kubectl delete bitbucketconnection NAME --namespace NAMESPACE
            To keep the webhooks, set spec.deletionPolicy: Retain before. To uninstall all the same: helm uninstall --no-hooks
            """;
    }
}
