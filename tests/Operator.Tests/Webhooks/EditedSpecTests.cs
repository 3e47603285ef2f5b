using BitbucketOperator.BitbucketSimulator;
using BitbucketOperator.Core.Api.V1Alpha1;

namespace BitbucketOperator.Operator.Tests.Webhooks;

/// <summary>What an edit of the spec asks of Bitbucket: discovery is repeated for other rules alone.</summary>
public sealed class EditedSpecTests
{
    [Theory]
    [InlineData(Hosting.DataCenter)]
    [InlineData(Hosting.Cloud)]
    public async Task SameRepositories_AreNotDiscoveredAgain(Hosting hosting)
    {
        await using var world = await PassWorld.StartAsync(hosting);
        await world.PassAsync();
        var sent = await EditAsync(world, spec => spec.Interval = "11m");
        sent.ShouldBeEmpty();
        sent = await EditAsync(world, _ => world.Webhook.Url = "https://ci.example.com/hooks/moved");
        sent.ShouldNotBeEmpty();
        sent.ShouldAllBe(r => r.Path.Contains("hooks", StringComparison.Ordinal), "the webhooks are changed, and nothing is listed");
    }

    // A repository that was moved into the selection meanwhile would lose its webhook until the next discovery.
    [Fact]
    public async Task OtherRules_AreAppliedToTheRepositoriesOfNow()
    {
        await using var world = await PassWorld.StartAsync(Hosting.DataCenter);
        await world.PassAsync();
        var before = world.Where;
        var sent = await EditAsync(world, spec => spec.Discovery = new() { Exclude = [before[0]] });
        sent.ShouldContain(r => r.Path.EndsWith("/repos", StringComparison.Ordinal));
        world.Where.ShouldBe(before[1..]);
    }

    [Fact]
    public async Task OtherRepositories_AreDiscoveredAtOnce()
    {
        await using var world = await PassWorld.StartAsync(Hosting.DataCenter);
        await world.PassAsync();
        var project = world.Where[0].Split('/')[0];
        var sent = await EditAsync(world, spec => spec.Discovery = new() { Projects = [project] });
        sent.ShouldContain(r => r.Path.EndsWith("/repos", StringComparison.Ordinal));
        world.Where.ShouldAllBe(w => w.StartsWith(project + "/", StringComparison.Ordinal));
    }

    [Fact]
    public async Task ShorterInterval_CountsFromTheLastDiscovery()
    {
        await using var world = await PassWorld.StartAsync(Hosting.DataCenter);
        world.Connection.Spec.Interval = "24h";
        await world.PassAsync();
        await world.PassAfterAsync(TimeSpan.FromMinutes(5));
        var sent = await EditAsync(world, spec => spec.Interval = "1m");
        sent.ShouldContain(r => r.Path.EndsWith("/repos", StringComparison.Ordinal), "five minutes are more than one");
    }

    [Fact]
    public async Task ObjectThatSeveralFieldsName_IsReadOnce()
    {
        await using var world = await PassWorld.StartAsync(Hosting.DataCenter);
        world.References.Secrets["bitbucket"]["secret"] = "a secret of some length";
        world.Webhook.SecretRef = new() { Name = "bitbucket", Key = "secret" };
        world.Connection.Spec.WebhookAuth = world.Connection.Spec.Auth;
        await world.PassAsync();
        world.References.Reads.Clear();
        await world.PassAfterAsync(TimeSpan.Zero);
        world.References.Reads.Order(StringComparer.Ordinal).ShouldBe(["ConfigMap corp-ca", "Secret bitbucket"]);
    }

    private static async Task<IReadOnlyList<RequestEntry>> EditAsync(PassWorld world, Action<BitbucketConnectionSpec> edit)
    {
        var before = world.Requests.Entries.Count;
        edit(world.Connection.Spec);
        world.Connection.Metadata.Generation++;
        await world.PassAfterAsync(TimeSpan.Zero);
        return [.. world.Requests.Entries.Skip(before)];
    }
}
