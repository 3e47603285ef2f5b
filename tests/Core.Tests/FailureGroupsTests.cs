using BitbucketOperator.Core.Api;
using BitbucketOperator.Core.Mapping;
using BitbucketOperator.Core.Port;
using BitbucketOperator.Core.Status;

namespace BitbucketOperator.Core.Tests;

public sealed class FailureGroupsTests
{
    [Fact]
    public void OneMessageInSeveralPlaces_IsOneGroup()
    {
        var (groups, rest) = FailureGroups.Of([Denied("PLAT/api"), Denied("PLAT/web")]);
        var group = groups.ShouldHaveSingleItem();
        (group.Message, group.Count, rest).ShouldBe(("token lacks REPO_ADMIN", 2, 0));
        group.Examples.ShouldBe(["PLAT/api", "PLAT/web"]);
    }

    [Fact]
    public void ManyGroups_TheLargestAreListedAndTheRestCounted()
    {
        var (groups, rest) = FailureGroups.Of(
        [
            .. Enumerable.Range(0, 15).Select(i => new SingleFailure(new Place(ScopeKind.Repository, $"PLAT/r{i}"), "ci", Reasons.ServerError, $"fault {i}")),
            .. Enumerable.Range(0, 30).Select(i => Denied($"PLAT/d{i}")),
        ]);
        (groups.Count, groups[0].Count, groups[0].Examples.Count, rest).ShouldBe((10, 30, 5, 6));
    }

    [Theory]
    [InlineData(ScopeKind.Repository, "PLAT/api", "ci", "PLAT/api (ci)")]
    [InlineData(ScopeKind.Project, "PLAT", null, "project:PLAT")]
    [InlineData(ScopeKind.Workspace, "acme", "ci", "workspace:acme (ci)")]
    public void Examples_AreReadAsTheyAreWritten(ScopeKind kind, string name, string? webhook, string text)
    {
        FailureExamples.Format(new Place(kind, name), webhook).ShouldBe(text);
        FailureExamples.Parse(text).ShouldBe((new Place(kind, name), webhook));
    }

    private static SingleFailure Denied(string name) => new(
        new Place(ScopeKind.Repository, name), null, Reasons.WebhookPermissionDenied, "token lacks REPO_ADMIN");
}
