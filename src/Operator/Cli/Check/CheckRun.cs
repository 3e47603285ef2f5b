using BitbucketOperator.Cli.DryRun;
using BitbucketOperator.Cli.Output;
using BitbucketOperator.Cli.Settings;
using BitbucketOperator.Core.Api;
using BitbucketOperator.Core.Api.V1Alpha1;
using BitbucketOperator.Core.Mapping;
using BitbucketOperator.Core.Model;
using BitbucketOperator.Core.Ownership;
using BitbucketOperator.Core.Port;
using BitbucketOperator.Manifests.Documents;
using BitbucketOperator.Manifests.Reading;
using BitbucketOperator.Runtime.Client;

namespace BitbucketOperator.Cli.Check;

/// <summary>One run of <c>check</c>. Results go to standard output; problems, warnings and progress to standard error.</summary>
internal sealed class CheckRun(CheckOptions options)
{
    private readonly List<Problem> _problems = [];

    /// <summary>0 when every connection is healthy, 1 when one is not, 2 when the input is bad: nothing is asked of Bitbucket then.</summary>
    public async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        await using var input = Console.OpenStandardInput();
        var manifests = await Reader().ReadAsync(options.Files, input, cancellationToken);
        var references = new ManifestReferences(manifests, await SecretFiles.ReadAsync(options.SecretFiles, _problems, cancellationToken));
        await FindProblemsAsync(manifests, references, cancellationToken);
        foreach (var line in manifests.Skipped.Select(s => s.ToString()).Concat(_problems.Select(p => p.ToString())))
        {
            Screen.Error.Line($"{ShownUrl.In(line)}");
        }

        if (_problems.Exists(p => p.Severity == Severity.Error))
        {
            return ExitCodes.BadInput;
        }

        if (!options.Offline && FlawOfEnvironment(manifests) is { } flaw)
        {
            Screen.Error.Line($"error: {flaw}");
            return ExitCodes.BadInput;
        }

        var healthy = options.Offline ? ReportValid(manifests) : await CheckAsync(manifests, references, cancellationToken);
        return healthy && !(options.Strict && _problems.Count > 0) ? ExitCodes.Healthy : ExitCodes.NotHealthy;
    }

    private static ManifestReader<BitbucketConnection> Reader()
    {
        using var text = new StreamReader(EmbeddedDefinition.Open());
        var definition = ResourceDefinition.Parse(text.ReadToEnd(), BitbucketConnection.Version);
        return new ManifestReader<BitbucketConnection>(definition, ApiJsonContext.Default.BitbucketConnection);
    }

    private async Task FindProblemsAsync(
        ManifestSet<BitbucketConnection> manifests, ManifestReferences references, CancellationToken cancellationToken)
    {
        _problems.AddRange(manifests.Problems);
        if (manifests is { Resources.Count: 0, HasErrors: false })
        {
            _problems.Add(Problem.Error(new Position(string.Join(", ", options.Files), 0, 0), "", "there is no BitbucketConnection in it"));
        }

        // A file that could not be read whole would have its objects missing.
        if (manifests.HasErrors)
        {
            return;
        }

        var check = new InputCheck(manifests, references, options.Server.Policy, options.Offline);
        foreach (var manifest in manifests.Resources)
        {
            if (options.Credential is { } credential)
            {
                references.Give(manifest.Resource, credential);
            }

            _problems.AddRange(await check.FindAsync(manifest, cancellationToken));
        }
    }

    private static bool ReportValid(ManifestSet<BitbucketConnection> manifests)
    {
        foreach (var manifest in manifests.Resources)
        {
            Screen.Output.Line($"{NameOf(manifest)}: valid");
        }

        return true;
    }

    private static string? FlawOfEnvironment(ManifestSet<BitbucketConnection> manifests)
    {
        var environment = EnvironmentProxy.Read();
        return manifests.Resources.Select(m => m.Resource.ToModel().Spec)
            .Where(spec => spec.Proxy is null)
            .Select(spec => spec.Root is { } url ? environment.FlawFor(url) : null)
            .FirstOrDefault(flaw => flaw is not null);
    }

    private async Task<bool> CheckAsync(
        ManifestSet<BitbucketConnection> manifests, ManifestReferences references, CancellationToken cancellationToken)
    {
        var results = new List<DryResult>();
        using (var progress = new Progress(options.Verbose))
        {
            await using var reconciler = new DryReconciler(options.Server, progress);
            var all = manifests.Resources.Select(m => m.Resource.ToModel());
            var owners = ListedOwners.Of(all.Select(c => (OwnerOf(c).Id, KnownOwner.Of(c))));
            foreach (var manifest in manifests.Resources)
            {
                progress.Begin(NameOf(manifest));
                var connection = manifest.Resource.ToModel();
                var result = await reconciler.RunAsync(manifest.Resource, OwnerOf(connection), owners, references, cancellationToken);
                HideMadeUpOwner(result);
                results.Add(result);
            }
        }

        Print(manifests, results);
        return results.TrueForAll(r => r.IsHealthy && !(options.Strict && Verdict.Warnings(r.Status).Count > 0));

        WebhookOwner OwnerOf(Connection connection) => WebhookOwner.Of(options.ClusterName ?? "", connection);
    }

    private void HideMadeUpOwner(DryResult result)
    {
        if (options.ClusterName is null && result.Outcome.Connection.OwnerId is null)
        {
            result.Status.OwnerId = null;
        }
    }

    private void Print(ManifestSet<BitbucketConnection> manifests, List<DryResult> results)
    {
        switch (options.Output)
        {
            case "yaml":
                Console.Write(StatusText.Yaml(results.ConvertAll(r => (r.Resource, r.Status))));
                return;
            case "json":
                Console.Write(StatusText.Json(results.ConvertAll(r => (r.Resource, r.Status))));
                return;
        }

        var report = new ConnectionReport(Screen.Output, Paint.ForOutput());
        foreach (var (manifest, result) in manifests.Resources.Zip(results))
        {
            if (result != results[0])
            {
                Screen.Output.Line();
            }

            report.Write(NameOf(manifest), result);
            if (options.ClusterName is null && result.Status.Failures?.Exists(f => f.Reason == Reasons.WebhookConflict.Name) is true)
            {
                Screen.Output.Line($"If the other connection is this one in its cluster, name the cluster with --cluster-name");
            }
        }
    }

    private static string NameOf(ResourceManifest<BitbucketConnection> manifest) =>
        $"{manifest.Resource.ToModel().FullName} ({manifest.At.File}:{manifest.At.Line})";
}
