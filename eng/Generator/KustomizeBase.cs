using BitbucketOperator.ControlPlane;

namespace BitbucketOperator.Generator;

/// <summary>config/ as a kustomize base: what the chart renders with its defaults, without the marks of a Helm release.</summary>
internal static class KustomizeBase
{
    private const string Name = "bitbucket-operator";
    private const string Namespace = "bitbucket-operator-system";
    private const string GenerateSecret = "generate_secret.yaml";
    private const string Head = "# Written by `make generate` from the chart. Do not edit.\n";

    /// <summary>The files, the list of them last. The chart's own files must be up to date by then.</summary>
    public static async IAsyncEnumerable<(string Path, string Text)> FilesAsync(string root)
    {
        var paths = new List<string> { "rbac/namespace.yaml", "crd/bitbucketconnections.yaml", "crd/bitbucketinventories.yaml" };
        yield return ("config/rbac/namespace.yaml", Head + NamespaceText);
        foreach (var (template, text) in await RenderAsync(root, "crds.enabled=false"))
        {
            var path = PathOf(template);
            paths.Add(path);
            yield return ($"config/{path}", Head + text);
        }

        yield return ("config/kustomization.yaml", Kustomization(paths));
        var secrets = (await RenderAsync(root, "generateSecret.enabled=true")).Single(f => f.Template == GenerateSecret).Text;
        yield return ($"config/components/generate-secret/{GenerateSecret}", Head + InAnyNamespace(secrets));
        yield return ("config/components/generate-secret/kustomization.yaml", Component);
    }

    // kustomize moves objects to another namespace, and does not look into expressions.
    private static string InAnyNamespace(string policy)
    {
        const string User = "request.userInfo.username";
        const string Exact = $"{User} == \"system:serviceaccount:{Namespace}:{Name}\"";
        const string ByName = $"{User}.startsWith(\"system:serviceaccount:\") && {User}.endsWith(\":{Name}\")";
        return policy.Contains(Exact, StringComparison.Ordinal)
            ? policy.Replace(Exact, ByName, StringComparison.Ordinal)
            : throw new InvalidOperationException("The policy does not name the operator as is expected here");
    }

    private const string Component =
        $"""
        {Head}# For webhooks with generateSecret; the same as the value generateSecret.enabled of the chart.
        apiVersion: kustomize.config.k8s.io/v1alpha1
        kind: Component
        resources:
        - {GenerateSecret}

        """;

    private const string NamespaceText =
        $"""
        ---
        apiVersion: v1
        kind: Namespace
        metadata:
          name: {Namespace}
          labels:
            app.kubernetes.io/name: {Name}
            pod-security.kubernetes.io/enforce: restricted

        """;

    private static string PathOf(string template) => template switch
    {
        "serviceaccount.yaml" => "rbac/service_account.yaml",
        "role.yaml" or "leader_election.yaml" or "user_roles.yaml" => "rbac/" + template,
        _ => "manager/" + template,
    };

    private static string Kustomization(IEnumerable<string> paths) =>
        $"""
        {Head}apiVersion: kustomize.config.k8s.io/v1beta1
        kind: Kustomization
        resources:
        {string.Join('\n', paths.Select(p => "- " + p))}

        """;

    private static async Task<IReadOnlyList<(string Template, string Text)>> RenderAsync(string root, string set)
    {
        const string Source = "# Source: bitbucket-operator/templates/";
        var tools = await Tools.EnsureAsync();
        string[] arguments = ["template", Name, Path.Combine(root, "charts", Name), "--namespace", Namespace, "--no-hooks", "--set", set];
        var rendered = (await tools.HelmAsync(arguments)).EnsureSuccess().Output;
        return
        [
            .. rendered.Split("---\n" + Source, StringSplitOptions.RemoveEmptyEntries)
                .Select(d => (Template: d[..d.IndexOf('\n', StringComparison.Ordinal)], Text: "---\n"
                    + WithoutRelease(d[(d.IndexOf('\n', StringComparison.Ordinal) + 1)..])))
                .GroupBy(d => d.Template, StringComparer.Ordinal)
                .Select(g => (g.Key, string.Concat(g.Select(d => d.Text)))),
        ];
    }

    private static string WithoutRelease(string text) => string.Concat(text.TrimEnd('\n').Split('\n')
        .Where(l => !l.TrimStart().StartsWith("helm.sh/chart:", StringComparison.Ordinal) && l.Trim() is not "app.kubernetes.io/managed-by: Helm")
        .Select(l => l + '\n'));
}
