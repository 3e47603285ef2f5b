using System.Net;

namespace BitbucketOperator.ControlPlane.Tests;

public sealed class AccessTests(SharedCluster shared)
{
    private readonly Cluster _cluster = shared.Cluster;

    [Fact]
    public async Task ServiceAccount_MayDoWhatItsRoleGrantsAndNothingElse()
    {
        var ns = await shared.CreateNamespaceAsync();
        await _cluster.ApplyAsync(Reader(ns));
        var kubeconfig = await _cluster.WriteKubeconfigForServiceAccountAsync(ns, "reader", TestContext.Current.CancellationToken);

        (await AsAsync(kubeconfig, "get", "secrets")).EnsureSuccess();
        (await AsAsync(kubeconfig, "delete", "secret", "one")).Error.ShouldContain("Forbidden");
        (await AsAsync(kubeconfig, "get", "secrets", "-n", "default")).Error.ShouldContain("Forbidden");
        (await AsAsync(kubeconfig, "get", "widgets")).Error.ShouldContain("Forbidden");
    }

    [Fact]
    public async Task KubeconfigOfAServiceAccount_IsForItsOwnerAlone()
    {
        var ns = await shared.CreateNamespaceAsync();
        await _cluster.ApplyAsync(Reader(ns));

        var kubeconfig = await _cluster.WriteKubeconfigForServiceAccountAsync(ns, "reader", TestContext.Current.CancellationToken);

        File.GetUnixFileMode(kubeconfig).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }

    [Fact]
    public async Task TokenOfAnAccountThatDoesNotExist_Fails()
    {
        var ns = await shared.CreateNamespaceAsync();

        await Should.ThrowAsync<ClusterException>(() => _cluster.WriteKubeconfigForServiceAccountAsync(ns, "nobody", TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData("", HttpStatusCode.Forbidden)]
    [InlineData("made-up", HttpStatusCode.Unauthorized)]
    public async Task WithoutAValidToken_NothingIsShown(string token, HttpStatusCode expected)
    {
        using var client = _cluster.CreateClient(token);
        if (token.Length == 0)
            client.DefaultRequestHeaders.Authorization = null;

        using var response = await client.GetAsync(new Uri("/api/v1/secrets", UriKind.Relative), TestContext.Current.CancellationToken);

        response.StatusCode.ShouldBe(expected);
    }

    private Task<CommandResult> AsAsync(string kubeconfig, params string[] arguments) =>
        _cluster.KubectlAsync(["--kubeconfig", kubeconfig, .. arguments]);

    private static string Reader(string ns) => $$"""
        apiVersion: v1
        kind: ServiceAccount
        metadata: { name: reader, namespace: {{ns}} }
        ---
        apiVersion: v1
        kind: Secret
        metadata: { name: one, namespace: {{ns}} }
        ---
        apiVersion: rbac.authorization.k8s.io/v1
        kind: Role
        metadata: { name: reader, namespace: {{ns}} }
        rules: [{ apiGroups: [""], resources: [secrets], verbs: [get, list] }]
        ---
        apiVersion: rbac.authorization.k8s.io/v1
        kind: RoleBinding
        metadata: { name: reader, namespace: {{ns}} }
        roleRef: { apiGroup: rbac.authorization.k8s.io, kind: Role, name: reader }
        subjects: [{ kind: ServiceAccount, name: reader, namespace: {{ns}} }]
        """;
}
