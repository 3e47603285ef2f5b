using BitbucketOperator.Core.Api;
using BitbucketOperator.Core.Api.V1Alpha1;
using BitbucketOperator.Core.Mapping;
using BitbucketOperator.Core.Model;
using BitbucketOperator.Core.Ownership;

namespace BitbucketOperator.Core.Tests;

public sealed class ConflictingConnectionTests
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
        MayConflict(Connection("a"), Connection("b", c => c.Spec.Url = url)).ShouldBe(same);

    [Theory]
    [InlineData("https://bitbucket.org", "Acme", true)]
    [InlineData("https://www.bitbucket.org/acme/", null, true)]
    [InlineData("https://bitbucket.org/others", null, false)]
    public void OnCloud_WorkspacesAreToldApart(string url, string? workspace, bool same) => MayConflict(
        Connection("a", c => c.Spec.Url = "https://bitbucket.org/acme"), Connection("b", c => (c.Spec.Url, c.Spec.Workspace) = (url, workspace))).ShouldBe(same);

    [Fact]
    public void OtherUrls_ThemselvesAndThoseThatGo_AreNoRivals()
    {
        MayConflict(Connection("a"), Connection("a")).ShouldBeFalse();
        MayConflict(Connection("a"), Connection("b", c => c.Spec.Webhooks[0].Url += "/other")).ShouldBeFalse();
        MayConflict(Connection("a"), Connection("b", c => c.Metadata.DeletionTimestamp = Noon)).ShouldBeFalse();
    }

    [Fact]
    public void ProjectsThatBothName_Decide()
    {
        var plat = Connection("a", c => c.Spec.Discovery.Projects = ["PLAT"]);
        MayConflict(plat, Connection("b", c => c.Spec.Discovery.Projects = ["TOOLS"])).ShouldBeFalse();
        MayConflict(plat, Connection("b", c => c.Spec.Discovery.Projects = ["TOOLS", "plat"])).ShouldBeTrue();
        MayConflict(plat, Connection("b", c => c.Spec.Discovery.Repositories = ["PLAT/api"])).ShouldBeTrue();
        MayConflict(plat, Connection("b")).ShouldBeTrue();
    }

    [Fact]
    public void OneOwnerIdForBoth_MakesRivalsWhateverTheyWant()
    {
        var owner = new BitbucketConnectionStatus { OwnerId = "3f9a1c2b7d8e9f00" };
        var other = Connection("b", c => (c.Spec.Webhooks, c.Status) = ([], owner));
        var taken = Connection("a", c => c.Metadata.Annotations = new Dictionary<string, string>(StringComparer.Ordinal) { [Annotations.OwnerId] = "3f9a1c2b7d8e9f00" });
        MayConflict(taken, other).ShouldBeTrue();
        MayConflict(other, taken).ShouldBeTrue();
        MayConflict(Connection("a"), other).ShouldBeFalse();
    }

    [Fact]
    public void Older_IsWhoeverWasCreatedFirst_ThenByName()
    {
        var ours = Connection("m");
        Of(Connection("z", c => c.Metadata.CreationTimestamp = Noon.AddSeconds(-1))).IsOlderThan(ours.ToModel()).ShouldBeTrue();
        Of(Connection("a", c => c.Metadata.CreationTimestamp = Noon.AddSeconds(1))).IsOlderThan(ours.ToModel()).ShouldBeFalse();
        Of(Connection("a")).IsOlderThan(ours.ToModel()).ShouldBeTrue();
        Of(Connection("z")).IsOlderThan(ours.ToModel()).ShouldBeFalse();
    }

    private static bool MayConflict(BitbucketConnection one, BitbucketConnection other) =>
        ConflictingConnection.MayConflict(one.ToModel(), other.ToModel());

    private static ConflictingConnection Of(BitbucketConnection connection) => new("0000000000000000", connection.ToModel());

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
