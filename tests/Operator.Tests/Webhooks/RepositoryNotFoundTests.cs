using BitbucketOperator.BitbucketSimulator.Faults;
using BitbucketOperator.Core.Api;
using BitbucketOperator.Core.Api.V1Alpha1;

namespace BitbucketOperator.Operator.Tests.Webhooks;

/// <summary>Repositories that are listed, and answer 404 when their webhooks are read.</summary>
public sealed class RepositoryNotFoundTests
{
    [Fact]
    public async Task RepositoriesThatComeBack_AreReadBeforeTheyCount()
    {
        await using var world = await PassWorld.StartAsync(Hosting.Cloud);
        (await world.PassAsync()).Status.Webhooks!.Ready.ShouldBe(3);
        world.Faults.Add(new Fault
        {
            Kind = FaultKind.Status,
            Method = "GET",
            Path = "/**/hooks",
            Status = 404,
            Body = """{"type":"error","error":{"message":"Resource not found"}}""",
            ContentType = "application/json",
        });
        for (var pass = 0; pass < 3; pass++)
        {
            var status = (await world.VerifyAgainAsync()).Status;
            status.Conditions.ShouldNotContain(c => c.Type == ConditionTypes.WebhooksReady && c.Reason == "InSync", $"nobody could read one, pass {pass}");
        }

        world.Faults.Clear();
        var healed = (await world.VerifyAgainAsync()).Status;
        healed.Webhooks!.Ready.ShouldBe(3);
        healed.Conditions.ShouldContain(c => c.Type == ConditionTypes.WebhooksReady && c.Reason == "InSync");
    }
}
