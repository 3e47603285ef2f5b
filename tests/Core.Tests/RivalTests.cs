using BitbucketOperator.Core.Api.V1Alpha1;
using BitbucketOperator.Core.Connection;

namespace BitbucketOperator.Core.Tests;

public sealed class RivalTests
{
    private static readonly DateTime Noon = new(2026, 1, 31, 12, 0, 0, DateTimeKind.Utc);

    [Theory]
    [InlineData("https://bb.example.com/", true)]
    [InlineData("https://BB.example.com:443", true)]
    [InlineData("http://bb.example.com", false)]
    [InlineData("https://bb.example.com:8443", false)]
    [InlineData("https://bb.example.com/bitbucket", false)]
    [InlineData("https://other.example.com", false)]
    public void Servers_AreToldApartBySchemeHostPortAndContextPath(string url, bool same) =>
        Rival.AreRivals(Connection("a"), Connection("b", c => c.Spec.Url = url)).ShouldBe(same);

    [Theory]
    [InlineData("https://bitbucket.org", "Acme", true)]
    [InlineData("https://www.bitbucket.org/acme/", null, true)]
    [InlineData("https://bitbucket.org/others", null, false)]
    public void OnCloud_WorkspacesAreToldApart(string url, string? workspace, bool same) => Rival.AreRivals(
        Connection("a", c => c.Spec.Url = "https://bitbucket.org/acme"), Connection("b", c => (c.Spec.Url, c.Spec.Workspace) = (url, workspace))).ShouldBe(same);

    [Fact]
    public void OtherUrls_ThemselvesAndThoseThatGo_AreNoRivals()
    {
        Rival.AreRivals(Connection("a"), Connection("a")).ShouldBeFalse();
        Rival.AreRivals(Connection("a"), Connection("b", c => c.Spec.Webhooks[0].Url += "/other")).ShouldBeFalse();
        Rival.AreRivals(Connection("a"), Connection("b", c => c.Metadata.DeletionTimestamp = Noon)).ShouldBeFalse();
    }

    [Fact]
    public void ProjectsThatBothName_Decide()
    {
        var plat = Connection("a", c => c.Spec.Discovery.Projects = ["PLAT"]);
        Rival.AreRivals(plat, Connection("b", c => c.Spec.Discovery.Projects = ["TOOLS"])).ShouldBeFalse();
        Rival.AreRivals(plat, Connection("b", c => c.Spec.Discovery.Projects = ["TOOLS", "plat"])).ShouldBeTrue();
        Rival.AreRivals(plat, Connection("b", c => c.Spec.Discovery.Repositories = ["PLAT/api"])).ShouldBeTrue();
        Rival.AreRivals(plat, Connection("b")).ShouldBeTrue();
    }

    [Fact]
    public void OneOwnerIdForBoth_MakesRivalsWhateverTheyWant()
    {
        var owner = new BitbucketConnectionStatus { Webhooks = new WebhooksStatus { Owner = "3f9a1c2b7d8e9f00" } };
        var other = Connection("b", c => (c.Spec.Webhooks, c.Status) = ([], owner));
        var taken = Connection("a", c => c.Metadata.Annotations = new Dictionary<string, string>(StringComparer.Ordinal) { [BitbucketConnection.OwnerIdAnnotation] = "3f9a1c2b7d8e9f00" });
        Rival.AreRivals(taken, other).ShouldBeTrue();
        Rival.AreRivals(other, taken).ShouldBeTrue();
        Rival.AreRivals(Connection("a"), other).ShouldBeFalse();
    }

    [Fact]
    public void Older_IsWhoeverWasCreatedFirst_ThenByName()
    {
        var ours = Connection("m");
        Of(Connection("z", c => c.Metadata.CreationTimestamp = Noon.AddSeconds(-1))).IsOlderThan(ours).ShouldBeTrue();
        Of(Connection("a", c => c.Metadata.CreationTimestamp = Noon.AddSeconds(1))).IsOlderThan(ours).ShouldBeFalse();
        Of(Connection("a")).IsOlderThan(ours).ShouldBeTrue();
        Of(Connection("z")).IsOlderThan(ours).ShouldBeFalse();
    }

    private static Rival Of(BitbucketConnection connection) => new("0000000000000000", connection);

    private static BitbucketConnection Connection(string name, Action<BitbucketConnection>? change = null)
    {
        var connection = new BitbucketConnection
        {
            Metadata = new k8s.Models.V1ObjectMeta { NamespaceProperty = "ci", Name = name, CreationTimestamp = Noon },
            Spec = new BitbucketConnectionSpec { Url = "https://bb.example.com", Webhooks = [new WebhookSpec { Name = "ci", Url = "https://ci.example.com/" }] },
        };
        change?.Invoke(connection);
        return connection;
    }
}
