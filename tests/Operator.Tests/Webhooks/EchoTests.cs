using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using BitbucketOperator.BitbucketSimulator.Faults;
using BitbucketOperator.Core.Api.V1Alpha1;
using BitbucketOperator.Testing;

namespace BitbucketOperator.Operator.Tests.Webhooks;

/// <summary>A server that repeats the credential wherever it can: nothing of it is written to the cluster.</summary>
public sealed class EchoTests
{
    private static readonly JsonSerializerOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    [Theory]
    [InlineData(Hosting.DataCenter, null)]
    [InlineData(Hosting.DataCenter, "**/webhooks**")]
    [InlineData(Hosting.Cloud, null)]
    [InlineData(Hosting.Cloud, "**/hooks**")]
    public async Task NeitherStatusNorInventoriesNorEvents_HoldTheCredential(Hosting hosting, string? refused)
    {
        await using var world = await PassWorld.StartAsync(hosting);
        world.Connection.Spec.Webhooks[0].Url = $"https://me:{UrlSecrets.Secret}@ci.example.com/hook?token={UrlSecrets.Secret}";
        var credential = world.References.Secrets["bitbucket"]["token"];
        if (refused is not null)
        {
            var said = $"{credential} {Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes($"bot@example.com:{credential}"))} {world.Webhook.Url}";
            var body = hosting == Hosting.Cloud
                ? new JsonObject { ["error"] = new JsonObject { ["message"] = said } }
                : new JsonObject { ["errors"] = new JsonArray(new JsonObject { ["message"] = said, ["exceptionName"] = credential }) };
            world.Faults.Add(new Fault { Kind = FaultKind.Status, Status = 409, Path = refused, Body = body.ToJsonString(), ContentType = "application/json" });
        }

        world.Faults.Add(new Fault { Kind = FaultKind.Echo });

        var pass = await world.PassAsync();

        pass.Status.Repositories!.Selected.ShouldBeGreaterThan(0, Text(pass.Status, ApiJsonContext.Default.BitbucketConnectionStatus));
        pass.Status.Repositories.Skipped!.Invalid.ShouldNotBeNull();
        string[] written =
        [
            Text(pass.Status, ApiJsonContext.Default.BitbucketConnectionStatus),
            .. world.Inventories.Objects.Select(o => Text(o, ApiJsonContext.Default.BitbucketInventory)),
            .. pass.Events.Select(e => e.ToString()),
        ];
        written.Length.ShouldBeGreaterThan(2);
        written.SelectMany(text => Poisons.EchoesIn(text, credential)).ShouldBeEmpty();
        written.ShouldAllBe(text => !text.Contains(UrlSecrets.Secret, StringComparison.Ordinal));
    }

    private static string Text<T>(T value, JsonTypeInfo<T> type) => JsonSerializer.SerializeToNode(value, type)!.ToJsonString(Readable);
}
