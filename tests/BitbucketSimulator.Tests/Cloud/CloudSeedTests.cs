using System.Net;
using BitbucketOperator.BitbucketSimulator.Cloud;
using BitbucketOperator.BitbucketSimulator.State;

namespace BitbucketOperator.BitbucketSimulator.Tests.Cloud;

public sealed class CloudSeedTests
{
    [Fact]
    public async Task Example_in_the_readme_is_a_valid_seed_and_all_of_it_is_there()
    {
        var readme = await File.ReadAllTextAsync(Path.Combine(AppContext.BaseDirectory, "README.md"), TestContext.Current.CancellationToken);
        var yaml = readme.Split("```yaml")[2].Split("```")[0];

        await using var cloud = await CloudSimulator.StartAsync(new CloudOptions { Seed = CloudSeed.Read(yaml) }, TestContext.Current.CancellationToken);

        cloud.Read(w => w.Repositories.Count()).ShouldBe(2 + (5 * 40));
        var api = cloud.Read(w => w.RepositoryAt("acme/payment-api"));
        (api.Parent!.FullName, api.Project.Key, api.Private, api.PullRequests.Count).ShouldBe(("acme/base", "PLAT", true, 1));
        var hook = api.Webhooks.ShouldHaveSingleItem();
        (hook.Description, hook.Secret, hook.Active, hook.SkipCertVerification).ShouldBe(("jenkins", "s", true, false));
        cloud.Read(w => w.WorkspaceAt("acme").Webhooks.Count).ShouldBe(1);
        var ci = cloud.Read(w => w.UserNamed("ci"));
        (ci.RoleIn(api.Workspace), ci.WorkspaceGrants[api.Workspace], ci.RepositoryGrants[api]).ShouldBe((WorkspaceRole.Member, Level.Read, Level.Admin));
        cloud.Read(w => w.TokenNamed("ci").ExpiresAt!.Value.Year).ShouldBe(2030);
        cloud.Read(w => w.Tokens.Select(t => t.Kind)).ShouldBe(Enum.GetValues<CredentialKind>().Except([CredentialKind.OAuth]), ignoreOrder: true);
        cloud.Read(w => w.ConsumerNamed("client-id").IsPrivate).ShouldBeTrue();
    }

    [Theory]
    [InlineData("workspaces:\n  - slog: x", "s.yaml:2:5: there is no field \"slog\" here")]
    [InlineData("users: [{ name: x, active: maybe }]", "s.yaml:1:28: The value \"maybe\" is not a valid YAML Boolean")]
    [InlineData("quirks: { maxPagelan: 3 }", "s.yaml:1:11: there is no field \"maxPagelan\" here")]
    public void Unreadable_seed_names_file_line_and_column(string yaml, string message) =>
        Should.Throw<StateException>(() => CloudSeed.Read(yaml, "s.yaml")).Message.ShouldStartWith(message);

    [Theory]
    [InlineData("workspaces: [{ name: x }]", "workspaces[0]: slug is missing")]
    [InlineData("workspaces: [{ slug: a, projects: [{ key: P, repositories: [{ name: b, forkOf: a/z }] }] }]",
        "workspaces[0].projects[0].repositories[0]: there is no repository \"a/z\"")]
    [InlineData("users: [{ name: a }]", "users[0]: email is missing")]
    [InlineData("users: [{ name: a, email: e, roles: { x: Owner } }]", "users[0]: there is no workspace \"x\"")]
    [InlineData("tokens: [{ name: t }]", "tokens[0]: token \"t\" needs exactly one of")]
    [InlineData("workspaces: [{ slug: a }]\ntokens: [{ name: t, workspace: a, scopes: [read:user:bitbucket] }]",
        "tokens[0]: WorkspaceAccessToken cannot have the scope")]
    [InlineData("workspaces: [{ slug: a }]\nconsumers: [{ workspace: a }]", "consumers[0]: clientId is missing")]
    public async Task Contradicting_seed_names_the_entry(string yaml, string message)
    {
        var start = () => CloudSimulator.StartAsync(new CloudOptions { Seed = CloudSeed.Read(yaml) }, TestContext.Current.CancellationToken);

        (await Should.ThrowAsync<StateException>(start)).Message.ShouldStartWith(message);
    }

    [Fact]
    public async Task Generated_repositories_are_in_a_workspace_of_their_own_when_there_is_none()
    {
        await using var cloud = await CloudSimulator.StartAsync(
            new CloudOptions { Generate = CloudGeneration.Parse("2x30") }, TestContext.Current.CancellationToken);

        cloud.Read(w => w.WorkspaceAt("generated").Projects.Select(p => p.Key)).ShouldBe(["GEN01", "GEN02"]);
        cloud.Read(w => (w.Repositories.Count(r => r.MainBranch is null), w.Repositories.Count(r => r.Parent is not null))).ShouldBe((6, 4));
    }

    [Fact]
    public async Task Cloud_comes_back_on_its_port_with_its_state_and_authority_and_the_same_uuids_each_run()
    {
        using var authority = new Authority();
        var first = await CloudGiven.CloudAsync(new CloudOptions { Tls = true, Authority = authority });
        await using var twin = await CloudGiven.CloudAsync();
        var (port, uuid) = (first.ApiUrl.Port, first.Read(w => w.RepositoryAt("acme/api").Uuid));
        await first.DisposeAsync();

        await using var second = await CloudSimulator.StartAsync(
            new CloudOptions { Tls = true, Authority = authority, Port = port, World = first.World },
            TestContext.Current.CancellationToken);
        using var client = second.Ada();

        second.CaPem.ShouldBe(first.CaPem);
        second.ApiUrl.AbsoluteUri.ShouldBe($"https://127.0.0.1:{port}/2.0");
        (await client.StatusAsync("repositories/acme/api")).ShouldBe(HttpStatusCode.OK);
        twin.Read(w => w.RepositoryAt("acme/api").Uuid).ShouldBe(uuid);
    }
}
