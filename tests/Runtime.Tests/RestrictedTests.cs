using System.Net;
using BitbucketOperator.Runtime.Client;
using BitbucketOperator.Runtime.Events;
using BitbucketOperator.Runtime.Hosting;
using BitbucketOperator.Runtime.Model;
using BitbucketOperator.Testing;

namespace BitbucketOperator.Runtime.Tests;

[Collection(SharedCluster.Name)]
public sealed class RestrictedTests(SharedCluster cluster)
{
    private const string Role = """
        apiVersion: rbac.authorization.k8s.io/v1
        kind: Role
        metadata: { name: operator, namespace: NAMESPACE }
        rules:
          - { apiGroups: [test.example.com], resources: [widgets], verbs: [get, list, watch, patch] }
          - { apiGroups: [test.example.com], resources: [widgets/status], verbs: [patch] }
          - { apiGroups: [""], resources: [secrets, configmaps], verbs: [list, watch] }
          - { apiGroups: [""], resources: [events], verbs: [create, patch] }
          - { apiGroups: [coordination.k8s.io], resources: [leases], verbs: [get, create, update] }
        ---
        apiVersion: rbac.authorization.k8s.io/v1
        kind: RoleBinding
        metadata: { name: operator, namespace: NAMESPACE }
        roleRef: { apiGroup: rbac.authorization.k8s.io, kind: Role, name: operator }
        subjects: [{ kind: ServiceAccount, name: operator, namespace: HOME }]
        ---
        """;

    [Fact]
    public async Task RolesInTheWatchedNamespaces_AreEnough()
    {
        var (home, second, foreign) = (await cluster.NamespaceAsync(), await cluster.NamespaceAsync(), await cluster.NamespaceAsync());
        var kubeconfig = await AccountAsync(home, second);
        foreach (var ns in new[] { home, second, foreign })
        {
            await cluster.CreateAsync(ns, $"in-{ns}", w => w.Spec.SecretName = "token");
        }

        await using var op = TestOperator.Create(
            ApiServerClient.Open(kubeconfig),
            home,
            o => (o.Namespaces, o.LeaderElection.Enabled) = ([home, second], true),
            b => b.WithReferences<Widget>(w => [new(ReferenceKind.Secret, w.Metadata.NamespaceProperty, w.Spec.SecretName!)]));
        op.Controller.OnReconcile = async (widget, stop) =>
        {
            await op.Get<EventPublisher>()(widget, "Seen", "seen", cancellationToken: stop);
            await op.Controller.Status.PatchAsync(widget, w => w.Status = new() { Phase = "Seen" }, stop);
            return ReconciliationResult<Widget>.Success(widget);
        };
        await op.StartAsync();

        await Eventually.IsTrueAsync("both statuses", async () => await PhaseAsync(home) == "Seen" && await PhaseAsync(second) == "Seen");
        op.Controller.Reconciled.Count.ShouldBe(2);
        (await PhaseAsync(foreign)).ShouldBeNull();
    }

    [Fact]
    public async Task MissingPermission_IsReportedByReadinessAndHealsWhenItIsGranted()
    {
        var home = await cluster.NamespaceAsync();
        await cluster.CreateAsync(home, "one");
        var kubeconfig = await AccountAsync(home);
        var other = await cluster.NamespaceAsync();
        await using var op = TestOperator.Create(
            ApiServerClient.Open(kubeconfig), home, o => (o.Namespaces, o.WatchBackoffCap) = ([home, other], TimeSpan.FromMilliseconds(200)));
        await op.StartAsync();
        await Eventually.IsTrueAsync("own namespace in the store", () => op.Store.Count == 1);
        var report = await op.HealthAsync(ServiceCollectionExtensions.ReadyTag);
        report.Entries["caches"].Description.ShouldNotBeNull().ShouldContain(other);

        await GrantAsync(home, other);

        await Eventually.IsTrueAsync("pass", () => op.Controller.PassesOf("one") == 1);
    }

    [Fact]
    public async Task RefusedRequest_CarriesTheServersReason()
    {
        var home = await cluster.NamespaceAsync();
        using var client = ApiServerClient.Open(await AccountAsync(home));
        var api = new KubernetesApi(client, TimeProvider.System);

        var refused = await Should.ThrowAsync<KubernetesApiException>(() => api.FindAsync(
            ResourcePath.Collection("", "v1", null, "secrets"), RuntimeJson.Default.PartialObject, TestContext.Current.CancellationToken));

        (refused.StatusCode, refused.Reason).ShouldBe((HttpStatusCode.Forbidden, "Forbidden"));
        refused.Message.ShouldContain("secrets");
    }

    private async Task<string> AccountAsync(string home, params string[] others)
    {
        await cluster.Cluster.ApplyAsync($"apiVersion: v1\nkind: ServiceAccount\nmetadata: {{ name: operator, namespace: {home} }}");
        await GrantAsync(home, [home, .. others]);
        return await cluster.Cluster.WriteKubeconfigForServiceAccountAsync(home, "operator");
    }

    private Task GrantAsync(string home, params string[] namespaces) => cluster.Cluster.ApplyAsync(
        string.Concat(namespaces.Select(ns => Role.Replace("NAMESPACE", ns, StringComparison.Ordinal).Replace("HOME", home, StringComparison.Ordinal) + "\n")));

    private async Task<string?> PhaseAsync(string ns) => (await cluster.FindAsync(new(ns, $"in-{ns}")))!.Status?.Phase;
}
