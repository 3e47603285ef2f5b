using BitbucketOperator.Core.Port;

namespace BitbucketOperator.Bitbucket.Tests.Http;

/// <summary>What is sent while another replica may lead.</summary>
public sealed class WriteGateTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task ClosedGate_LetsReadsThroughAndNoWrite()
    {
        var gate = new Gate { IsOpen = true };
        await using var given = await Given.ServerAsync(gate: gate);
        using var bitbucket = given.Client();
        var webhook = await bitbucket.CreateWebhookAsync(Given.ApiPlace, Given.Hook(), Cancellation);
        gate.IsOpen = false;

        await Should.ThrowAsync<WriteGateClosedException>(bitbucket.CreateWebhookAsync(Given.ApiPlace, Given.Hook(), Cancellation));
        await Should.ThrowAsync<WriteGateClosedException>(bitbucket.UpdateWebhookAsync(Given.ApiPlace, webhook.Id, Given.Hook(), Cancellation));
        await Should.ThrowAsync<WriteGateClosedException>(bitbucket.DeleteWebhookAsync(Given.ApiPlace, webhook.Id, Cancellation));

        (await Given.ListAsync(bitbucket)).Count.ShouldBe(2);
        given.Server.Counters.WebhookWriteAttempts.ShouldBe(1);
    }

    [Fact]
    public async Task GateThatClosesWhileAConnectionIsMade_NothingLeaves()
    {
        var gate = new Gate { IsOpen = true };
        await using var given = await Given.ServerAsync(gate: gate);
        using var bitbucket = given.Client();
        var webhook = await bitbucket.CreateWebhookAsync(Given.ApiPlace, Given.Hook(), Cancellation);
        gate.ClosesAfter = 1;

        await Should.ThrowAsync<WriteGateClosedException>(bitbucket.CreateWebhookAsync(Given.ApiPlace, Given.Hook(), Cancellation));
        await Should.ThrowAsync<WriteGateClosedException>(bitbucket.UpdateWebhookAsync(Given.ApiPlace, webhook.Id, Given.Hook(), Cancellation));
        await Should.ThrowAsync<WriteGateClosedException>(bitbucket.DeleteWebhookAsync(Given.ApiPlace, webhook.Id, Cancellation));

        given.Server.Counters.WebhookWriteAttempts.ShouldBe(1);
    }

    [Fact]
    public async Task ClosedGate_LetsATokenBeFetched()
    {
        await using var given = await GivenCloud.ServerAsync(gate: new Gate());
        using var bitbucket = given.Client(GivenCloud.Consumer);

        await bitbucket.GetAccountAsync(Cancellation);
        await Should.ThrowAsync<WriteGateClosedException>(bitbucket.CreateWebhookAsync(GivenCloud.ApiPlace, GivenCloud.Hook(), Cancellation));

        given.Server.Counters.TokenRequests.ShouldBe(1);
        given.Server.Requests.Entries.Count(entry => entry.Method == "POST").ShouldBe(1);
    }

    private sealed class Gate : IWriteGate
    {
        public bool IsOpen { get; set; }

        /// <summary>Open that many times for each write, and closed then.</summary>
        public int? ClosesAfter { get; set; }

        private int Asked { get; set; }

        public ValueTask<bool> MayWriteAsync(CancellationToken cancellationToken) =>
            ValueTask.FromResult(IsOpen && (ClosesAfter is not { } times || Asked++ % (times + 1) < times));
    }
}
