using BitbucketOperator.Core.Api;
using BitbucketOperator.Core.Api.V1Alpha1;
using BitbucketOperator.Core.Port;

namespace BitbucketOperator.Operator.Tests.Webhooks;

/// <summary>Secrets of webhooks from the Secret to the server, over the wire, on both flavours.</summary>
public sealed class SecretTests
{
    private const string Made = "platform-ci";
    private const string First = "first-secret-71aa";
    private const string Second = "second-secret-e0c3";

    public static TheoryData<Hosting> Flavours => new(Hosting.DataCenter, Hosting.Cloud);

    [Theory]
    [MemberData(nameof(Flavours))]
    public async Task GeneratedSecret_IsOnEveryWebhookAndNamedInStatus(Hosting hosting)
    {
        await using var world = await StartAsync(hosting, generate: true);

        var (status, _, _) = await world.PassAsync();

        var named = status.Webhooks!.Secrets.ShouldHaveSingleItem();
        (named.Webhook, named.Secret).ShouldBe(("ci", Made));
        world.SecretOf(Made).ShouldMatch("^[A-Za-z0-9_-]{43}$");
        await ShouldBeSettledAsync(world, world.SecretOf(Made));
    }

    [Theory]
    [MemberData(nameof(Flavours))]
    public async Task SecretThatWasThere_IsUsedAsItIs(Hosting hosting)
    {
        await using var world = await StartAsync(hosting, generate: true);
        world.SetSecret(Made, First);

        await world.PassAsync();

        world.SecretOf(Made).ShouldBe(First);
        await ShouldBeSettledAsync(world, First);
    }

    [Theory]
    [MemberData(nameof(Flavours))]
    public async Task GeneratedSecretDeleted_IsMadeAnewAndPushed(Hosting hosting)
    {
        await using var world = await StartAsync(hosting, generate: true);
        await world.PassAsync();
        var old = world.SecretOf(Made);
        world.References.Secrets.Remove(Made);

        await world.PassAsync();

        world.SecretOf(Made).ShouldNotBe(old);
        await ShouldBeSettledAsync(world, world.SecretOf(Made));
    }

    [Theory]
    [MemberData(nameof(Flavours))]
    public async Task KilledBetweenTheSecretAndTheWebhook_GoesOnWithTheSameSecret(Hosting hosting)
    {
        await using var world = await StartAsync(hosting, generate: true);
        await world.KilledPassAsync(writes: 1);
        world.SecretsOnServer.ShouldBeEmpty();
        var made = world.SecretOf(Made);

        await world.PassAsync();

        world.SecretOf(Made).ShouldBe(made);
        await ShouldBeSettledAsync(world, made);
    }

    [Theory]
    [MemberData(nameof(Flavours))]
    public async Task RotatedSecret_IsPushedToEveryWebhook(Hosting hosting)
    {
        await using var world = await StartAsync(hosting);
        await world.PassAsync();
        world.SetSecret("ci-hook", Second);

        var pass = await world.PassAsync();

        Updated(pass).ShouldBe(pass.Status.Webhooks!.Desired);
        await ShouldBeSettledAsync(world, Second);
    }

    [Theory]
    [MemberData(nameof(Flavours))]
    public async Task RotationKilledHalfWay_IsFinishedByTheNextPass(Hosting hosting)
    {
        await using var world = await StartAsync(hosting);
        await world.PassAsync();
        world.SetSecret("ci-hook", Second);

        await world.KilledPassAsync(writes: 2);
        world.SecretsOnServer.Distinct().ShouldBe([First, Second], ignoreOrder: true);
        var pass = await world.PassAsync();

        Updated(pass).ShouldBe(pass.Status.Webhooks!.Desired - 1);
        await ShouldBeSettledAsync(world, Second);
    }

    [Theory]
    [MemberData(nameof(Flavours))]
    public async Task SecretRefTakenAway_TakesTheSecretOffTheServer(Hosting hosting)
    {
        await using var world = await StartAsync(hosting);
        await world.PassAsync();
        world.Webhook.SecretRef = null;

        await world.PassAsync();

        await ShouldBeSettledAsync(world, secret: null);
    }

    [Theory]
    [MemberData(nameof(Flavours))]
    public async Task GeneratedSecretWithoutTheKey_IsNamedAndTheWebhooksStay(Hosting hosting)
    {
        await using var world = await StartAsync(hosting, generate: true);
        await world.PassAsync();
        var made = world.SecretOf(Made);
        world.References.Secrets[Made] = new(StringComparer.Ordinal) { ["other"] = Second };

        var (status, _, _) = await world.PassAsync();

        var condition = status.Conditions.Find(c => c.Type == ConditionTypes.WebhooksReady)!;
        condition.Reason.ShouldBe("WebhookSecretKeyMissing");
        condition.Message.ShouldContain($"Secret \"{Made}\" has no key secret");
        world.SecretsOnServer.ShouldAllBe(s => s == made);
    }

    private static async Task<PassWorld> StartAsync(Hosting hosting, bool generate = false)
    {
        var world = await PassWorld.StartAsync(hosting);
        if (generate)
        {
            world.Webhook.GenerateSecret = true;
            return world;
        }

        world.SetSecret("ci-hook", First);
        world.Webhook.SecretRef = new() { Name = "ci-hook" };
        return world;
    }

    // The secret is on every webhook, and neither a further pass writes nor a new process, at once or when it has looked.
    private static async Task ShouldBeSettledAsync(PassWorld world, string? secret)
    {
        world.SecretsOnServer.Count.ShouldBe(world.Connection.Status!.Webhooks!.Desired);
        world.SecretsOnServer.ShouldAllBe(s => s == secret);
        var attempts = world.WriteAttempts;
        await world.PassAsync();
        await world.RestartedPassAsync();
        await world.VerifyAgainAsync();
        world.WriteAttempts.ShouldBe(attempts, "a pass over an unchanged world must write nothing");
        ConditionOf(world).ShouldBe(ConditionState.True);
    }

    private static int Updated(PassResult pass) => pass.Applied.Count(a => a.Fault is null && a.Change.Kind == ChangeKind.Update);

    private static ConditionState ConditionOf(PassWorld world) => world.Connection.Status!.Conditions.Find(c => c.Type == ConditionTypes.Ready)!.Status;
}
