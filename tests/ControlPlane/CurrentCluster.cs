namespace BitbucketOperator.ControlPlane;

/// <summary>The cluster that <c>KUBECONFIG</c> names: used as it is.</summary>
internal sealed class CurrentCluster : Cluster
{
    private CurrentCluster(string directory, Tools tools) : base(directory, tools)
    {
    }

    public override ClusterKind Kind => ClusterKind.Current;

    public override bool IsOurs => false;

    public static async Task<CurrentCluster> OpenAsync(string directory, Tools tools, CancellationToken cancellationToken)
    {
        var cluster = new CurrentCluster(directory, tools);
        // KUBECONFIG may be a list of files, so kubectl is left to read it.
        var copy = await Command.RunAsync(
            tools.Kubectl, ["config", "view", "--raw", "--minify", "--flatten", "-o", "json"], cancellationToken: cancellationToken);
        await cluster.AdoptAsync(copy.EnsureSuccess().Output, cancellationToken);
        return cluster;
    }

    private protected override Task ReleaseAsync() => Task.CompletedTask;

    private async Task AdoptAsync(string kubeconfig, CancellationToken cancellationToken)
    {
        await Kubeconfig.WritePrivateAsync(KubeconfigPath, kubeconfig, cancellationToken);
        (Server, CaPem, var token) = Kubeconfig.Read(kubeconfig);
        AdminToken = token ?? await AdminAccount.IssueTokenAsync(this, cancellationToken);
    }
}

/// <summary>A service account with all rights, for clusters whose administrator logs in with a certificate or a plug-in.</summary>
internal static class AdminAccount
{
    private const string Name = "bitbucket-operator-tests";

    public static async Task<string> IssueTokenAsync(Cluster cluster, CancellationToken cancellationToken)
    {
        await cluster.ApplyAsync($$"""
            apiVersion: v1
            kind: ServiceAccount
            metadata: { name: {{Name}}, namespace: kube-system }
            ---
            apiVersion: rbac.authorization.k8s.io/v1
            kind: ClusterRoleBinding
            metadata: { name: {{Name}} }
            roleRef: { apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: cluster-admin }
            subjects: [{ kind: ServiceAccount, name: {{Name}}, namespace: kube-system }]
            """, cancellationToken);
        var token = await cluster.KubectlAsync(["create", "token", Name, "--namespace", "kube-system", "--duration", "24h"], input: null, cancellationToken);
        return token.EnsureSuccess().Output.Trim();
    }
}
