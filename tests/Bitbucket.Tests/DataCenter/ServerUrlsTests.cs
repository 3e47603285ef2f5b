using BitbucketOperator.Bitbucket.DataCenter;
using BitbucketOperator.Core.Port;

namespace BitbucketOperator.Bitbucket.Tests.DataCenter;

public sealed class ServerUrlsTests
{
    [Theory]
    [InlineData("https://bb.example.com", "https://bb.example.com/rest/api/1.0/repos")]
    [InlineData("https://bb.example.com/", "https://bb.example.com/rest/api/1.0/repos")]
    [InlineData("https://bb.example.com/bitbucket", "https://bb.example.com/bitbucket/rest/api/1.0/repos")]
    [InlineData("https://bb.example.com:8443/a/b//", "https://bb.example.com:8443/a/b/rest/api/1.0/repos")]
    [InlineData("https://bb.example.com/bitbucket?x=1#y", "https://bb.example.com/bitbucket/rest/api/1.0/repos")]
    public void Root_KeepsItsContextPath(string root, string expected) =>
        new ServerUrls(new(root)).Api("repos").AbsoluteUri.ShouldBe(expected);

    [Fact]
    public void Status_LiesOutsideRest()
    {
        var urls = new ServerUrls(new("https://bb.example.com/bitbucket"));

        urls.Status.AbsoluteUri.ShouldBe("https://bb.example.com/bitbucket/status");
        urls.IsBelowRest(urls.Status).ShouldBeFalse();
    }

    [Theory]
    [InlineData("https://bb.example.com/bitbucket/rest/api/1.0/x", true)]
    [InlineData("https://BB.example.com:443/bitbucket/rest/x", true)]
    [InlineData("http://bb.example.com/bitbucket/rest/x", false)]
    [InlineData("https://bb.example.com:444/bitbucket/rest/x", false)]
    [InlineData("https://bb.example.com.evil.test/bitbucket/rest/x", false)]
    [InlineData("https://user@bb.example.com/bitbucket/rest/x", false)]
    [InlineData("https://bb.example.com/rest/x", false)]
    [InlineData("https://bb.example.com/bitbucket/restless", false)]
    [InlineData("https://bb.example.com/bitbucket/rest/../login", false)]
    [InlineData("https://bb.example.com/bitbucket/rest/%2e%2e/login", false)]
    public void Credential_MayGoBelowRestOfThisServerOnly(string uri, bool allowed) =>
        new ServerUrls(new("https://bb.example.com/bitbucket")).IsBelowRest(new(uri)).ShouldBe(allowed);

    [Theory]
    [InlineData("~jane.doe", "api", "projects/~jane.doe/repos/api")]
    [InlineData("A B", "ü/x?y#z", "projects/A%20B/repos/%C3%BC%2Fx%3Fy%23z")]
    public void RepositoryPath_IsEscapedAndKeepsTheTilde(string project, string slug, string expected) =>
        RepositoryReader.PathOf(new RepositoryName(project, slug)).ShouldBe(expected);

    [Theory]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("..")]
    public void SegmentThatLeadsElsewhere_IsRefused(string segment) => Should.Throw<ArgumentException>(() => ServerUrls.Segment(segment));

    [Theory]
    [InlineData(null, "9.4.2", "repos?archived=ALL")]
    [InlineData("PLAT", "8.0.0", "repos?projectkey=PLAT&archived=ALL")]
    [InlineData("~jane", "10.1.0", "repos?projectkey=~jane&archived=ALL")]
    [InlineData("PLAT", "7.21.0", "projects/PLAT/repos")]
    [InlineData("PLAT", "8.0.0-eap1", "repos?projectkey=PLAT&archived=ALL")]
    [InlineData("PLAT", "8.0-SNAPSHOT", "repos?projectkey=PLAT&archived=ALL")]
    [InlineData("PLAT", "7.21.9-SNAPSHOT", "projects/PLAT/repos")]
    [InlineData("PLAT", null, "projects/PLAT/repos")]
    public void Listing_UsesTheFilterOnlyWhereTheServerKnowsIt(string? project, string? version, string expected) =>
        RepositoryReader.PathOf(project, ServerVersion.TryParse(version, out var parsed) ? parsed : null).ShouldBe(expected);
}
