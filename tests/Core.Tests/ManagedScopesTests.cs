using BitbucketOperator.Core.Api.V1Alpha1;
using BitbucketOperator.Core.Discovery;
using BitbucketOperator.Core.Mapping;
using BitbucketOperator.Core.Model;
using BitbucketOperator.Core.Port;

namespace BitbucketOperator.Core.Tests;

public sealed class ManagedScopesTests
{
    private static readonly ConnectionSpec Everything = Connection([]).Spec;

    [Fact]
    public void Few_AreNamedOneByOne() =>
        ManagedScopes.Bounded(["PLAT", "project:TOOLS"], Everything, Listing(2, 1)).ShouldBe(["PLAT", "project:TOOLS"]);

    [Fact]
    public void ManyNames_AreWhatTheSpecLists()
    {
        var listed = Listing(1, 3_000);
        var entries = ManagedScopes.Bounded([.. listed.Select(r => r.Name.ToString()), "OLD"], Everything, listed);
        entries.ShouldBe([ManagedScopes.ListedBy(Everything), "OLD"]);
        var scopes = ManagedScopes.Of(Connection(entries));
        listed.ShouldAllBe(r => scopes.Holds(r.Name));
    }

    [Fact]
    public void ManyProjects_AreAllProjectsOfWhatIsListed()
    {
        var listed = Listing(300, 1);
        string[] all = [.. listed.SelectMany(r => new[] { r.Name.Project, $"project:{r.Name.Project}" })];
        var entries = ManagedScopes.Bounded(all, Everything, listed);
        entries.ShouldBe([ManagedScopes.ListedBy(Everything), ManagedScopes.EveryProject]);
        var scopes = ManagedScopes.Of(Connection(entries));
        scopes.ProjectLevel(listed).Count().ShouldBe(300);
        listed.ShouldAllBe(r => scopes.HoldsProjectLevel(WebhookScope.OfProject(r.Name.Project)));
        scopes.HoldsProjectLevel(WebhookScope.OfWorkspace("acme")).ShouldBeFalse();
    }

    [Fact]
    public void ManyThatAreNotListed_AreEverything()
    {
        string[] left = [.. Enumerable.Range(0, 200).Select(i => $"OLD{i}"), "workspace:acme", "project:GONE"];
        ManagedScopes.Bounded(left, Everything, Listing(1, 1)).ShouldBe(["*", "project:*", "workspace:acme"]);
    }

    [Fact]
    public void LongNames_CountToo() =>
        ManagedScopes.Bounded([.. Enumerable.Range(0, 50).Select(i => new string('P', 120) + i)], Everything, []).ShouldBe(["*"]);

    private static Connection Connection(IEnumerable<string> managed) => new BitbucketConnection
    {
        Spec = new BitbucketConnectionSpec { Url = "https://bitbucket.example.com" },
        Status = new BitbucketConnectionStatus { Bookkeeping = new BookkeepingStatus { ManagedIn = [.. managed] } },
    }.ToModel();

    private static List<Repository> Listing(int projects, int repositories) =>
    [
        .. from p in Enumerable.Range(0, projects)
           from r in Enumerable.Range(0, repositories)
           select new Repository($"{(p * repositories) + r}", new RepositoryName($"P{p}", $"r{r}")),
    ];
}
