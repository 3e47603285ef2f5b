using BitbucketOperator.Core.Api.V1Alpha1;
using BitbucketOperator.Runtime.Hosting;
using BitbucketOperator.Testing;

namespace BitbucketOperator.Runtime.Tests;

public sealed class NamespaceTests
{
    // From the bottom up: a namespace uses those above it in this list only.
    private static readonly Dictionary<string, string[]> Allowed = new()
    {
        ["Model"] = [],
        ["Kubeconfig"] = [],
        ["Client"] = ["Kubeconfig"],
        ["Metrics"] = ["Model"],
        ["Queue"] = ["Model"],
        ["Informers"] = ["Model", "Client", "Metrics"],
        ["Patching"] = ["Model", "Client", "Informers"],
        ["Events"] = ["Model", "Client", "Metrics"],
        ["Leadership"] = ["Model", "Client"],
        ["Reconcile"] = ["Model", "Client", "Metrics", "Queue", "Informers", "Patching"],
        ["Hosting"] = ["Model", "Client", "Metrics", "Queue", "Informers", "Patching", "Events", "Leadership", "Reconcile"],
    };

    [Fact]
    public void Namespaces_AreTheFoldersAndUseOnlyWhatTheyMay() =>
        new NamespaceRules("BitbucketOperator.Runtime", Allowed)
            .Violations(typeof(OperatorBuilder).Assembly, SourceTree.PathOf("src", "Runtime"))
            .ShouldBeEmpty();
}
