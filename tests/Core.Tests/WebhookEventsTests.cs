using BitbucketOperator.Core.Api.V1Alpha1;
using BitbucketOperator.Core.Mapping;
using BitbucketOperator.Core.Model;
using BitbucketOperator.Core.Port;
using BitbucketOperator.Core.Validation;

namespace BitbucketOperator.Core.Tests;

public sealed class WebhookEventsTests
{
    private static readonly string[] DataCenterKeys =
    [
        "repo:refs_changed", "repo:modified", "repo:forked", "repo:comment:added", "repo:comment:edited", "repo:comment:deleted", "repo:secret_detected",
        "mirror:repo_synchronized", "project:modified", "pr:opened", "pr:from_ref_updated", "pr:modified", "pr:merged", "pr:declined", "pr:deleted",
        "pr:reviewer:updated", "pr:reviewer:approved", "pr:reviewer:unapproved",
        "pr:reviewer:needs_work", "pr:comment:added", "pr:comment:edited", "pr:comment:deleted",
    ];

    private static readonly string[] CloudKeys =
    [
        "repo:push", "repo:fork", "repo:imported", "repo:updated", "repo:transfer", "repo:commit_comment_created", "repo:commit_status_created",
        "repo:commit_status_updated", "project:updated", "pullrequest:created", "pullrequest:updated", "pullrequest:push", "pullrequest:approved",
        "pullrequest:unapproved", "pullrequest:changes_request_created", "pullrequest:changes_request_removed", "pullrequest:fulfilled",
        "pullrequest:rejected", "pullrequest:comment_created", "pullrequest:comment_updated", "pullrequest:comment_deleted",
        "pullrequest:comment_resolved", "pullrequest:comment_reopened", "pipeline:span_created",
    ];

    public static TheoryData<string> OfDataCenter => [.. DataCenterKeys];

    public static TheoryData<string> OfCloud => [.. CloudKeys];

    [Theory]
    [MemberData(nameof(OfDataCenter))]
    public void KeyOfDataCenter_IsTakenThereAndRefusedOnCloud(string key) => Belongs(key, Flavour.DataCenter, Flavour.Cloud, CloudKeys);

    [Theory]
    [MemberData(nameof(OfCloud))]
    public void KeyOfCloud_IsTakenThereAndRefusedOnDataCenter(string key) => Belongs(key, Flavour.Cloud, Flavour.DataCenter, DataCenterKeys);

    [Theory]
    [InlineData(Flavour.DataCenter)]
    [InlineData(Flavour.Cloud)]
    public void DefaultsAndUnknownKeys_AreLeftToTheServer(Flavour flavour) =>
        WebhookEvents.Refusal(Spec([.. WebhookEvents.DefaultsOf(flavour), "repo:of_tomorrow"]), flavour).ShouldBeNull();

    [Theory]
    [InlineData("repo:refs_changed", "repo:push")]
    [InlineData("pr:merged", "pullrequest:fulfilled")]
    [InlineData("pr:from_ref_updated", "pullrequest:updated")]
    public void RefusedOnCloud_TheRightKeyIsNamed(string key, string right) =>
        WebhookEvents.Refusal(Spec(key), Flavour.Cloud)!.Message.ShouldBe(
            $"spec.webhooks[ci].events: {key} is for Data Center, use {right}");

    [Fact]
    public void IssuesOnCloud_AreNoMore() => WebhookEvents.Refusal(Spec("issue:created"), Flavour.Cloud)!.Message.ShouldContain("was removed in August 2026");

    private static void Belongs(string key, Flavour here, Flavour there, string[] keysThere)
    {
        WebhookEvents.Refusal(Spec(key), here).ShouldBeNull();
        var refusal = WebhookEvents.Refusal(Spec(key), there).ShouldNotBeNull();
        refusal.Class.ShouldBe(FaultClass.Terminal);
        var advice = refusal.Message.Split(", use ");
        (advice.Length == 1 ? refusal.Message.EndsWith("remove it", StringComparison.Ordinal) : keysThere.Contains(advice[1])).ShouldBeTrue(refusal.Message);
    }

    private static WebhookEntry Spec(params string[] events) =>
        new WebhookSpec { Name = "ci", Url = "https://ci.example.com/", Events = [.. events] }.ToModel();
}
