using BitbucketOperator.Bitbucket.Cloud;
using BitbucketOperator.Core.Status;

namespace BitbucketOperator.Bitbucket.Tests.Cloud;

public sealed class ApiUrlsTests
{
    private static readonly ApiUrls Urls = new(new("https://api.bitbucket.org/2.0"), "acme");

    [Theory]
    [InlineData("https://api.bitbucket.org/2.0", "https://api.bitbucket.org/2.0/user")]
    [InlineData("https://api.bitbucket.org/2.0/", "https://api.bitbucket.org/2.0/user")]
    [InlineData("https://gateway.example.com:8443/bitbucket/2.0?x#y", "https://gateway.example.com:8443/bitbucket/2.0/user")]
    public void Root_KeepsItsPath(string root, string expected) => new ApiUrls(new(root), "acme").User.AbsoluteUri.ShouldBe(expected);

    [Fact]
    public void Listing_AsksForTheNextPageAmongItsFields() =>
        Urls.Repositories(project: null).Query.ShouldBe(
            "?pagelen=100&sort=created_on&fields=next,size,pagelen,values.uuid,values.slug,values.name,values.full_name,"
            + "values.project.key,values.parent.uuid,values.links.html.href,values.links.clone");

    [Theory]
    [InlineData("PLAT", "project.key%3D%22PLAT%22")]
    [InlineData("A\"B\\+", "project.key%3D%22A%5C%22B%5C%5C%2B%22")]
    public void Project_IsQuotedAndEscaped(string key, string expected) => Urls.Repositories(key).Query.ShouldEndWith($"&q={expected}");

    [Fact]
    public void WebhookId_HasItsBracesEscaped() =>
        Urls.Webhook(Given.Scope("PLAT", "a/b"), "{202cf34e}")
            .AbsoluteUri.ShouldBe("https://api.bitbucket.org/2.0/repositories/acme/a%2Fb/hooks/%7B202cf34e%7D");

    [Theory]
    [InlineData("https://api.bitbucket.org/2.0/x?page=2", true)]
    [InlineData("https://API.bitbucket.org:443/2.0/x", true)]
    [InlineData("http://api.bitbucket.org/2.0/x", false)]
    [InlineData("https://api.bitbucket.org:444/2.0/x", false)]
    [InlineData("https://bitbucket.org/2.0/x", false)]
    [InlineData("https://api.bitbucket.org.evil.test/2.0/x", false)]
    [InlineData("https://user@api.bitbucket.org/2.0/x", false)]
    [InlineData("https://api.bitbucket.org/1.0/x", false)]
    [InlineData("https://api.bitbucket.org/2.0x", false)]
    [InlineData("https://api.bitbucket.org/2.0/../x", false)]
    [InlineData("https://api.bitbucket.org/2.0/%2e%2e/x", false)]
    public void Credential_MayGoBelowTheApiOnly(string uri, bool allowed) => Urls.IsBelowApi(new(uri)).ShouldBe(allowed);
}
