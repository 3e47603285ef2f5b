using BitbucketOperator.Core.Api.V1Alpha1;
using BitbucketOperator.Core.Port;

namespace BitbucketOperator.Operator.Tests.Webhooks;

/// <summary>What a paused leader sent last may arrive after its successor read the scope.</summary>
public sealed class TakeOverTests
{
    private static readonly TimeSpan InDoubt = TimeSpan.FromSeconds(30);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task WriteOfTheFormerLeaderThatArrivesLate_IsFoundOnceItCannotBeOneAnyMore(bool isTakeOver)
    {
        await using var world = await PassWorld.StartAsync(Hosting.DataCenter);
        world.Gate = new Gate { InDoubtFor = isTakeOver ? InDoubt : TimeSpan.Zero };
        await world.PassAsync();
        SwitchOneOff(world);

        world.Gate = new Gate();
        await world.PassAfterAsync(InDoubt);

        SwitchedOff(world).ShouldBe(isTakeOver ? 0 : 1);
        SwitchOneOff(world);
        await world.PassAfterAsync(InDoubt);
        SwitchedOff(world).ShouldBe(1, "once is enough");
    }

    private static void SwitchOneOff(PassWorld world) => world.DataCenter.Change(w => w.Webhooks.First().Active = false);

    private static int SwitchedOff(PassWorld world) => world.DataCenter.Read(w => w.Webhooks.Count(h => !h.Active));

    private sealed class Gate : IWriteGate
    {
        public TimeSpan InDoubtFor { get; init; }

        public ValueTask<bool> MayWriteAsync(CancellationToken cancellationToken) => ValueTask.FromResult(true);
    }
}
