using BitbucketOperator.Bitbucket.Cloud;

namespace BitbucketOperator.Bitbucket.Tests.Cloud;

public sealed class ScopesTests
{
    [Theory]
    [InlineData("webhook", "webhook")]
    [InlineData("webhook,repository:write", "repository repository:write webhook")]
    [InlineData("webhook, pullrequest", "pullrequest repository webhook")]
    [InlineData("pullrequest:write", "pullrequest pullrequest:write repository repository:write")]
    [InlineData("project", "project repository")]
    [InlineData("repository:admin", "repository:admin")]
    [InlineData("project:admin", "project:admin")]
    [InlineData("write:webhook:bitbucket read:user:bitbucket", "read:user:bitbucket write:webhook:bitbucket")]
    public void HighestLevels_IncludeTheLowerOnes(string told, string expected) =>
        string.Join(' ', Scopes.Parse(told).Order(StringComparer.Ordinal)).ShouldBe(expected);
}
