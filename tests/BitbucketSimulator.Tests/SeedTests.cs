using BitbucketOperator.BitbucketSimulator.State;

namespace BitbucketOperator.BitbucketSimulator.Tests;

public sealed class SeedTests
{
    private const string Example = """
        version: 8.19.1
        publicAccess: true
        quirks: { pageCap: 100 }
        users:
          - { name: admin, password: admin, global: Admin }
          - { name: ci, projects: { PLAT: PROJECT_WRITE }, repositories: { PLAT/api: REPO_ADMIN } }
        projects:
          - key: PLAT
            name: Platform
            webhooks: [{ name: above, url: "http://a.example", events: ["repo:refs_changed"] }]
            repositories:
              - name: api
                webhooks: [{ name: jenkins, url: "http://j.example", secret: s }]
              - { name: Old Thing, slug: old, archived: true }
              - { name: fork, forkOf: PLAT/api, public: true }
          - { key: ~ci, repositories: [{ name: mine }] }
        tokens:
          - { name: user, user: ci, token: abc, permissions: [REPO_ADMIN], expires: 2030-01-01T00:00:00Z }
          - { name: repo, repository: PLAT/api, permissions: [REPO_READ], revoked: true }
        generate: { projects: 3, repositories: 20, personalFor: [admin], grants: { ci: [PROJECT_ADMIN, NONE] } }
        """;

    [Fact]
    public async Task Everything_in_a_seed_is_there()
    {
        await using var sim = await Simulator.StartAsync(new SimulatorOptions { Seed = SeedReader.Read(Example) }, TestContext.Current.CancellationToken);

        sim.Read(w => (w.Version.ToString(), w.PublicAccess, w.Quirks.PageCap)).ShouldBe(("8.19.1", true, 100));
        sim.Read(w => w.RepositoryAt("PLAT/old").Archived).ShouldBeTrue();
        sim.Read(w => w.RepositoryAt("PLAT/fork").Origin!.Path).ShouldBe("PLAT/api");
        sim.Read(w => w.ProjectAt("~ci").Personal).ShouldBeTrue();
        sim.Read(w => w.RepositoryAt("PLAT/api").Webhooks.Single().Secret).ShouldBe("s");
        sim.Read(w => w.ProjectAt("PLAT").Webhooks.Count).ShouldBe(1);
        sim.Read(w => w.FindToken("abc")!.ExpiresAt!.Value.Year).ShouldBe(2030);
        sim.Read(w => w.TokenNamed("repo").Revoked).ShouldBeTrue();
        sim.Read(w => w.UserNamed("ci").RepositoryGrants[w.RepositoryAt("PLAT/api").Id]).ShouldBe(Level.Admin);
        sim.Read(w => w.Repositories.Count(r => r.Project.Key.StartsWith("GEN", StringComparison.Ordinal))).ShouldBe(60);
        sim.Read(w => w.Repositories.Count(r => r.Archived)).ShouldBe(7);
        sim.Read(w => w.FindRepository("~admin", "scratch")).ShouldNotBeNull();
        var keys = sim.Read(w => w.UserNamed("ci").ProjectGrants.Keys.Select(id => w.Projects.Single(p => p.Id == id).Key).ToArray());
        keys.ShouldBe(["PLAT", "GEN01", "GEN03"], ignoreOrder: true);
    }

    [Fact]
    public async Task Example_in_the_readme_is_a_valid_seed()
    {
        var readme = await File.ReadAllTextAsync(Path.Combine(AppContext.BaseDirectory, "README.md"), TestContext.Current.CancellationToken);
        var yaml = readme.Split("```yaml")[1].Split("```")[0];

        await using var sim = await Simulator.StartAsync(new SimulatorOptions { Seed = SeedReader.Read(yaml) }, TestContext.Current.CancellationToken);

        sim.Read(w => w.RepositoryAt("PLAT/payment-api").Origin!.Path).ShouldBe("PLAT/base");
        sim.Read(w => w.Repositories.Count).ShouldBe(2 + (6 * 34) + 1);
    }

    [Theory]
    [InlineData("users:\n  - nmae: x", "s.yaml:2:5: there is no field \"nmae\" here")]
    [InlineData("users: [{ name: x, active: maybe }]", "s.yaml:1:28: The value \"maybe\" is not a valid YAML Boolean")]
    [InlineData("users: [", "s.yaml:2:1: While parsing")]
    public void Unreadable_seed_names_file_line_and_column(string yaml, string message) =>
        Should.Throw<StateException>(() => SeedReader.Read(yaml, "s.yaml")).Message.ShouldStartWith(message);

    [Theory]
    [InlineData("version: nine", "version: \"nine\" is not a version")]
    [InlineData("users: [{ name: a, projects: { X: PROJECT_READ } }]", "users[0]: there is no project \"X\"")]
    [InlineData("users: [{ name: a, projects: { P: ADMIN } }]\nprojects: [{ key: P }]", "users[0]: \"ADMIN\" is not a permission")]
    [InlineData("projects: [{ key: P }, { name: x }]", "projects[1]: key is missing")]
    [InlineData("projects: [{ key: P, repositories: [{ name: a, forkOf: P/z }] }]", "projects[0].repositories[0]: there is no repository \"P/z\"")]
    [InlineData("projects: [{ key: P, repositories: [{ name: a, state: BROKEN }] }]", "projects[0].repositories[0]: state \"BROKEN\"")]
    [InlineData("projects: [{ key: ~nobody }]", "projects[0]: there is no user \"nobody\"")]
    [InlineData("tokens: [{ name: t }]", "tokens[0]: token \"t\" needs exactly one of")]
    [InlineData("users: [{ name: a }]\ntokens: [{ name: t, user: a, permissions: [ADMIN] }]", "tokens[0]: \"ADMIN\" is not a permission")]
    public async Task Contradicting_seed_names_the_entry(string yaml, string message)
    {
        var start = () => Simulator.StartAsync(new SimulatorOptions { Seed = SeedReader.Read(yaml) }, TestContext.Current.CancellationToken);

        (await Should.ThrowAsync<StateException>(start)).Message.ShouldStartWith(message);
    }

    [Theory]
    [InlineData("7.14", "7.14.0")]
    [InlineData("10.2.1", "10.2.1")]
    public void Version_is_compared_by_number(string text, string expected)
    {
        var version = ServerVersion.Parse(text);

        version.ToString().ShouldBe(expected);
        (ServerVersion.Parse("8.19.0") > ServerVersion.Parse("8.8.0")).ShouldBeTrue();
        Should.Throw<FormatException>(() => ServerVersion.Parse("9.x"));
        Should.Throw<FormatException>(() => Generation.Parse("6"));
    }
}
