using System.Net;
using System.Text.Json.Nodes;
using BitbucketOperator.BitbucketSimulator.Cloud;
using BitbucketOperator.BitbucketSimulator.State;

namespace BitbucketOperator.BitbucketSimulator.Tests.Cloud;

public sealed class CloudScopeTests
{
    private const string Unknown = $"{CloudGiven.Hooks}/%7B00000000-0000-4000-8000-000000000000%7D";

    [Theory]
    [InlineData("user", "read:user:bitbucket")]
    [InlineData("user/workspaces", "read:workspace:bitbucket")]
    [InlineData("user/workspaces/acme/permission", "read:workspace:bitbucket")]
    [InlineData("user/workspaces/acme/permissions/repositories", "read:repository:bitbucket")]
    [InlineData("workspaces/acme", "read:workspace:bitbucket")]
    [InlineData("workspaces/acme/projects", "read:project:bitbucket")]
    [InlineData("repositories/acme", "read:repository:bitbucket")]
    [InlineData("repositories/acme/api", "read:repository:bitbucket")]
    [InlineData("repositories/acme/api/pullrequests", "read:pullrequest:bitbucket")]
    [InlineData(CloudGiven.Hooks, "read:webhook:bitbucket")]
    [InlineData(CloudGiven.WorkspaceHooks, "read:webhook:bitbucket")]
    public async Task Api_token_needs_exactly_the_scope_of_the_call(string path, string scope)
    {
        await using var cloud = await CloudGiven.CloudAsync();
        using var client = cloud.Ada();

        cloud.Change(w => CloudWorld.SetScopes(w.TokenNamed("ada"), CloudGiven.ApiScopes.Except([scope])));
        var refused = await client.GetReplyAsync(path);
        cloud.Change(w => CloudWorld.SetScopes(w.TokenNamed("ada"), [scope]));

        refused.Status.ShouldBe(HttpStatusCode.Forbidden);
        refused.Message().ShouldBe("Your credentials lack one or more required privilege scopes.");
        var detail = refused.Json!["error"]!["detail"].ShouldBeOfType<JsonObject>();
        detail["required"]!.AsArray().Select(s => (string?)s).ShouldBe([scope]);
        detail["granted"]!.AsArray().Count.ShouldBe(CloudGiven.ApiScopes.Length - 1);
        (await client.StatusAsync(path)).ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Api_token_needs_three_scopes_for_webhooks_of_which_none_implies_another()
    {
        await using var cloud = await CloudGiven.CloudAsync();
        using var client = cloud.Ada();
        async Task<HttpStatusCode> Try(string method, string path, string[] scopes)
        {
            cloud.Change(w => CloudWorld.SetScopes(w.TokenNamed("ada"), scopes));
            return (await client.SendAsync(method, path, method == "POST" ? CloudGiven.Webhook() : null)).Status;
        }

        (await Try("POST", CloudGiven.Hooks, ["read:webhook:bitbucket"])).ShouldBe(HttpStatusCode.Forbidden);
        (await Try("POST", CloudGiven.Hooks, ["write:webhook:bitbucket"])).ShouldBe(HttpStatusCode.Forbidden);
        (await Try("GET", CloudGiven.Hooks, ["write:webhook:bitbucket"])).ShouldBe(HttpStatusCode.Forbidden);
        (await Try("POST", CloudGiven.Hooks, ["read:webhook:bitbucket", "write:webhook:bitbucket"])).ShouldBe(HttpStatusCode.Created);
        (await Try("DELETE", Unknown, ["read:webhook:bitbucket", "write:webhook:bitbucket"])).ShouldBe(HttpStatusCode.Forbidden);
        (await Try("DELETE", Unknown, ["delete:webhook:bitbucket"])).ShouldBe(HttpStatusCode.NotFound);
    }

    [Theory]
    [InlineData("repository:write", "repositories/acme/api", 200)]
    [InlineData("pullrequest", "repositories/acme/api", 200)]
    [InlineData("pullrequest:write", "repositories/acme/api/pullrequests", 200)]
    [InlineData("repository:admin", "repositories/acme/api", 403)]
    [InlineData("repository:admin", CloudGiven.Hooks, 403)]
    [InlineData("webhook", CloudGiven.Hooks, 200)]
    [InlineData("webhook", "repositories/acme/api", 403)]
    [InlineData("webhook", "workspaces/acme/projects", 403)]
    public async Task Legacy_scopes_imply_what_they_imply(string scope, string path, int status)
    {
        await using var cloud = await CloudGiven.CloudAsync(change: w => CloudWorld.SetScopes(w.TokenNamed("repository"), [scope]));
        using var client = cloud.CreateClient("repository-token");

        ((int)await client.StatusAsync(path)).ShouldBe(status);
    }

    [Theory]
    [InlineData("project", "repositories/acme", 200)]
    [InlineData("project:admin", "repositories/acme", 403)]
    [InlineData("account", "workspaces/acme", 200)]
    [InlineData("webhook", "workspaces/acme", 200)]
    public async Task Workspace_tokens_hold_project_and_account_scopes(string scope, string path, int status)
    {
        await using var cloud = await CloudGiven.CloudAsync(change: w => CloudWorld.SetScopes(w.TokenNamed("workspace"), [scope]));
        using var client = cloud.CreateClient("workspace-token");

        ((int)await client.StatusAsync(path)).ShouldBe(status);
    }

    [Fact]
    public async Task Subscribing_takes_the_read_scope_of_each_event()
    {
        await using var cloud = await CloudGiven.CloudAsync(change: w => CloudWorld.SetScopes(w.TokenNamed("repository"), ["repository", "webhook"]));
        using var access = cloud.CreateClient("repository-token");
        using var api = cloud.Ada();
        cloud.Change(w => CloudWorld.SetScopes(w.TokenNamed("ada"), ["read:webhook:bitbucket", "write:webhook:bitbucket"]));
        var both = CloudGiven.Webhook(events: ["repo:push", "pullrequest:created"]);

        (await access.SendAsync("POST", CloudGiven.Hooks, CloudGiven.Webhook())).Status.ShouldBe(HttpStatusCode.Created);
        var refused = await access.SendAsync("POST", CloudGiven.Hooks, both);
        refused.Json!["error"]!["detail"]!["required"]!.AsArray().Select(s => (string?)s).ShouldBe(["webhook", "repository", "pullrequest"]);
        (await api.SendAsync("POST", CloudGiven.Hooks, both)).Status.ShouldBe(HttpStatusCode.Created);
        cloud.Change(w => w.Quirks.EventScopesForApiTokens = true);
        (await api.SendAsync("POST", CloudGiven.Hooks, both)).Status.ShouldBe(HttpStatusCode.Forbidden);
    }

    [Theory]
    [InlineData("repository-token", "repo_access_token", "pullrequest, webhook")]
    [InlineData("project-token", "project_access_token", "project, webhook")]
    [InlineData("workspace-token", "workspace_access_token", "account, project, pullrequest, webhook")]
    public async Task Headers_tell_kind_highest_scopes_and_accepted_ones(string token, string kind, string granted)
    {
        await using var cloud = await CloudGiven.CloudAsync();
        using var client = cloud.CreateClient(token);

        var hooks = await client.GetReplyAsync(CloudGiven.Hooks);
        var refused = await client.GetReplyAsync("user");

        hooks.Status.ShouldBe(HttpStatusCode.OK);
        hooks.Header("x-credential-type").ShouldBe(kind);
        hooks.Header("x-oauth-scopes").ShouldBe(granted);
        hooks.Header("x-accepted-oauth-scopes").ShouldBe("webhook");
        refused.Status.ShouldBe(HttpStatusCode.Forbidden);
        (refused.Header("x-credential-type"), refused.Header("x-oauth-scopes"), refused.Header("x-accepted-oauth-scopes")).ShouldBe((kind, granted, "account"));
    }

    [Fact]
    public async Task Headers_of_api_and_oauth_tokens_and_none_at_all()
    {
        await using var cloud = await CloudGiven.CloudAsync(
            change: w => CloudWorld.SetScopes(w.TokenNamed("ada"), ["read:webhook:bitbucket", "write:webhook:bitbucket"]));
        using var api = cloud.Ada();
        using var oauth = await cloud.ConsumerAsync();

        (await api.GetReplyAsync("user")).Header("x-oauth-scopes").ShouldBe("read:webhook:bitbucket, write:webhook:bitbucket");
        (await oauth.GetReplyAsync("user")).Header("x-credential-type").ShouldBe("oauth2");
        cloud.Change(w => w.Quirks.OAuthCredentialType = null);
        (await oauth.GetReplyAsync("user")).Header("x-credential-type").ShouldBeNull();
        cloud.Change(w => w.Quirks.ScopeHeaders = false);
        var bare = await api.GetReplyAsync(CloudGiven.Hooks);

        (bare.Header("x-credential-type"), bare.Header("x-oauth-scopes"), bare.Header("x-accepted-oauth-scopes")).ShouldBe((null, null, null));
    }

    [Fact]
    public async Task Scopes_alone_do_not_open_webhooks_of_what_one_does_not_administer()
    {
        await using var cloud = await CloudGiven.CloudAsync();
        using var ci = cloud.Ci();
        using var eve = cloud.CreateClient(basic: ("eve@example.com", "eve-token"));
        using var repository = cloud.CreateClient("repository-token");

        (await ci.StatusAsync(CloudGiven.Hooks)).ShouldBe(HttpStatusCode.OK);
        (await ci.StatusAsync("repositories/acme/fork/hooks")).ShouldBe(HttpStatusCode.Forbidden);
        (await ci.StatusAsync(CloudGiven.WorkspaceHooks)).ShouldBe(HttpStatusCode.Forbidden);
        (await eve.StatusAsync(CloudGiven.Hooks)).ShouldBe(HttpStatusCode.NotFound);
        (await eve.StatusAsync("repositories/acme/pub/hooks")).ShouldBe(HttpStatusCode.Forbidden);
        (await repository.StatusAsync("repositories/acme/fork/hooks")).ShouldBe(HttpStatusCode.NotFound);
        cloud.Change(w => w.Quirks.HiddenStatus = 403);
        (await eve.StatusAsync(CloudGiven.Hooks)).ShouldBe(HttpStatusCode.Forbidden);
    }

    [Fact]
    public async Task Rights_of_access_tokens_and_app_users_are_quirks()
    {
        await using var cloud = await CloudGiven.CloudAsync();
        using var repository = cloud.CreateClient("repository-token");
        using var workspace = cloud.CreateClient("workspace-token");
        using var project = cloud.CreateClient("project-token");
        using var oauth = await cloud.ConsumerAsync();

        (await project.StatusAsync(CloudGiven.Hooks)).ShouldBe(HttpStatusCode.OK);
        (await project.StatusAsync(CloudGiven.WorkspaceHooks)).ShouldBe(HttpStatusCode.Forbidden);
        (await workspace.StatusAsync(CloudGiven.WorkspaceHooks)).ShouldBe(HttpStatusCode.OK);
        (await oauth.StatusAsync(CloudGiven.WorkspaceHooks)).ShouldBe(HttpStatusCode.OK);
        cloud.Change(w =>
        {
            w.Quirks.AccessTokensNeedAdminForWebhooks = true;
            w.Quirks.WorkspaceTokensManageWorkspaceWebhooks = false;
            (w.ConsumerNamed("key").Role, w.ConsumerNamed("key").Permission) = (WorkspaceRole.Member, Level.Read);
        });

        (await repository.StatusAsync(CloudGiven.Hooks)).ShouldBe(HttpStatusCode.Forbidden);
        (await workspace.StatusAsync(CloudGiven.WorkspaceHooks)).ShouldBe(HttpStatusCode.Forbidden);
        (await oauth.StatusAsync(CloudGiven.WorkspaceHooks)).ShouldBe(HttpStatusCode.Forbidden);
        (await oauth.StatusAsync(CloudGiven.Hooks)).ShouldBe(HttpStatusCode.Forbidden);
        cloud.Change(w => CloudWorld.SetScopes(w.TokenNamed("repository"), ["repository:admin", "webhook"]));
        (await repository.StatusAsync(CloudGiven.Hooks)).ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Token_cannot_be_given_scopes_of_another_kind()
    {
        await using var cloud = await CloudGiven.CloudAsync();

        cloud.Change(w =>
        {
            Should.Throw<StateException>(() => w.AddApiToken(w.UserNamed("ci"), "a", ["repository"]))
                .Message.ShouldBe("ApiToken cannot have the scope \"repository\"");
            Should.Throw<StateException>(() => w.AddAccessToken(w.RepositoryAt("acme/api"), "b", ["read:repository:bitbucket"]));
            Should.Throw<StateException>(() => w.AddAccessToken(w.RepositoryAt("acme/api"), "c", ["account"]));
            Should.Throw<StateException>(() => w.AddAccessToken(w.ProjectAt("acme/PLAT"), "d", ["project:admin"]));
            Should.Throw<StateException>(() => w.AddConsumer("acme", "other", "e", ["nonsense"]));
        });
    }
}
