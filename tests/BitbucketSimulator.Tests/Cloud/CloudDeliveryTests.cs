using BitbucketOperator.BitbucketSimulator.Cloud;
using BitbucketOperator.BitbucketSimulator.Receiving;
using BitbucketOperator.BitbucketSimulator.State;

namespace BitbucketOperator.BitbucketSimulator.Tests.Cloud;

public sealed class CloudDeliveryTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Push_reaches_active_webhooks_of_repository_and_workspace_signed()
    {
        await using var receiver = await WebhookReceiver.StartAsync(() => "s3cr3t", cancel: Cancel);
        await using var cloud = await CloudGiven.CloudAsync(change: w =>
        {
            AddHook(w, w.RepositoryAt("acme/api"), receiver.Url, "s3cr3t");
            AddHook(w, w.WorkspaceAt("acme"), receiver.Url, "another");
            AddHook(w, w.RepositoryAt("acme/api"), receiver.Url, null);
            AddHook(w, w.RepositoryAt("acme/api"), receiver.Url, "s3cr3t").Active = false;
            AddHook(w, w.RepositoryAt("acme/api"), receiver.Url, "s3cr3t").Events = ["pullrequest:created"];
            AddHook(w, w.RepositoryAt("acme/fork"), receiver.Url, "s3cr3t");
        });

        var deliveries = await cloud.PushAsync("acme/api", user: "ci", cancel: Cancel);

        deliveries.Count.ShouldBe(3);
        deliveries.ShouldAllBe(d => d.Outcome == Outcome.Success && d.Attempts == 1 && d.WebhookUuid.StartsWith('{'));
        receiver.Deliveries.Select(d => (d.Signed, d.SignatureValid)).ShouldBe([(true, true), (true, false), (false, null)], ignoreOrder: true);
        receiver.Deliveries.ShouldAllBe(d => d.Event == "repo:push" && d.Repository == "acme/api" && Guid.Parse(d.RequestId) != Guid.Empty);
        receiver.Deliveries.ShouldAllBe(d => d.Attempt == "1" && d.UserAgent == "Bitbucket-Webhooks/2.0");
        receiver.Deliveries.Select(d => $"{{{d.HookId}}}").ShouldBe(deliveries.Select(d => d.WebhookUuid), ignoreOrder: true);
    }

    [Theory]
    [InlineData(500, 3)]
    [InlineData(404, 1)]
    [InlineData(302, 1)]
    public async Task Only_server_errors_are_met_with_two_more_attempts(int status, int attempts)
    {
        await using var receiver = await WebhookReceiver.StartAsync(() => null, cancel: Cancel);
        receiver.AnswerStatus = status;
        await using var cloud = await CloudGiven.CloudAsync(change: w => AddHook(w, w.RepositoryAt("acme/api"), receiver.Url, null));

        var delivery = (await cloud.PushAsync("acme/api", cancel: Cancel)).ShouldHaveSingleItem();

        (delivery.Outcome, delivery.Attempts, delivery.Description).ShouldBe((Outcome.Failure, attempts, $"{status}"));
        receiver.Deliveries.Select(d => d.Attempt).ShouldBe(Enumerable.Range(1, attempts).Select(a => $"{a}"));
        receiver.Deliveries.Select(d => d.RequestId).Distinct().Count().ShouldBe(1);
    }

    [Theory]
    [InlineData(false, Outcome.Error)]
    [InlineData(true, Outcome.Success)]
    public async Task Certificate_of_the_receiver_is_looked_at_unless_told_otherwise(bool skip, Outcome expected)
    {
        using var authority = new Authority();
        await using var receiver = await WebhookReceiver.StartAsync(() => null, authority: authority, cancel: Cancel);
        await using var cloud = await CloudGiven.CloudAsync(
            change: w => AddHook(w, w.RepositoryAt("acme/api"), receiver.Url, null).SkipCertVerification = skip);

        (await cloud.PushAsync("acme/api", cancel: Cancel)).ShouldHaveSingleItem().Outcome.ShouldBe(expected);
    }

    private static CloudWebhook AddHook(CloudWorld world, CloudWebhookOwner owner, Uri url, string? secret) => world.AddWebhook(owner, h =>
    {
        (h.Url, h.Secret) = (url.AbsoluteUri, secret);
        h.Events.Add("repo:push");
    });
}
