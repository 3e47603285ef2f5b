using System.Net;
using BitbucketOperator.BitbucketSimulator.Cloud;
using BitbucketOperator.BitbucketSimulator.Serving;
using BitbucketOperator.BitbucketSimulator.State;
using Microsoft.Extensions.Time.Testing;

namespace BitbucketOperator.BitbucketSimulator.Tests.Cloud;

public sealed class CloudAuthenticationTests
{
    private const string TokenRefused = "Token is invalid, expired, or not supported for this endpoint.";

    [Fact]
    public async Task Api_token_logs_in_as_basic_with_the_email_address()
    {
        await using var cloud = await CloudGiven.CloudAsync();
        using var client = cloud.Ci();

        var reply = await client.GetReplyAsync("user");

        reply.Status.ShouldBe(HttpStatusCode.OK);
        ((string?)reply.Json!["type"], (string?)reply.Json["nickname"]).ShouldBe(("user", "ci"));
        ((string?)reply.Json["uuid"])!.ShouldMatch("^[{][0-9a-f-]{36}[}]$");
        reply.Json["username"].ShouldBeNull();
        cloud.Requests.Entries[^1].User.ShouldBe("ci");
    }

    [Theory]
    [InlineData("ci", "ci-token")]
    [InlineData("ada@example.com", "ci-token")]
    [InlineData("ci@example.com", "ci-token\n")]
    [InlineData("ci@example.com", "unknown")]
    [InlineData("x-token-auth", "repository-token")]
    [InlineData("", "")]
    public async Task Basic_with_anything_else_is_401(string name, string password)
    {
        await using var cloud = await CloudGiven.CloudAsync();
        using var client = cloud.CreateClient(basic: (name, password));

        var reply = await client.GetReplyAsync("repositories/acme");

        reply.Status.ShouldBe(HttpStatusCode.Unauthorized);
        reply.Message().ShouldBe(TokenRefused);
        reply.Header("WWW-Authenticate").ShouldBe("Basic realm=\"Bitbucket.org HTTP\"");
        reply.Header("x-credential-type").ShouldBeNull();
    }

    [Fact]
    public async Task Api_token_as_bearer_is_401_unless_the_quirk_takes_it()
    {
        await using var cloud = await CloudGiven.CloudAsync();
        using var client = cloud.CreateClient("ci-token");

        (await client.StatusAsync("user")).ShouldBe(HttpStatusCode.Unauthorized);
        cloud.Change(w => w.Quirks.BearerForApiTokens = true);

        (await client.StatusAsync("user")).ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Api_token_without_scopes_is_of_another_product_and_401()
    {
        await using var cloud = await CloudGiven.CloudAsync(change: w => w.AddApiToken(w.UserNamed("ci"), "jira-token", []));
        using var client = cloud.CreateClient(basic: ("ci@example.com", "jira-token"));

        (await client.GetReplyAsync("repositories/acme")).Message().ShouldBe(TokenRefused);
    }

    [Theory]
    [InlineData("repository-token")]
    [InlineData("project-token")]
    [InlineData("workspace-token")]
    public async Task Access_token_is_bearer_and_cannot_ask_about_a_user(string token)
    {
        await using var cloud = await CloudGiven.CloudAsync();
        using var client = cloud.CreateClient(token);

        (await client.StatusAsync("workspaces/acme")).ShouldBe(HttpStatusCode.OK);
        foreach (var path in new[] { "user", "user/emails", "user/workspaces",
            "user/workspaces/acme/permission", "user/workspaces/acme/permissions/repositories" })
        {
            var refused = await client.GetReplyAsync(path);
            refused.Status.ShouldBe(HttpStatusCode.Forbidden, path);
            refused.Message().ShouldBe("This API is not accessible by this authentication mechanism");
        }

        cloud.Change(w => w.Quirks.UserForAccessTokensStatus = 401);
        (await client.StatusAsync("user")).ShouldBe(HttpStatusCode.Unauthorized);
    }

    [Theory]
    [InlineData("user")]
    [InlineData("workspaces/acme")]
    [InlineData(CloudGiven.Hooks)]
    [InlineData(CloudGiven.WorkspaceHooks)]
    public async Task Anonymous_is_401_where_a_login_is_needed(string path)
    {
        await using var cloud = await CloudGiven.CloudAsync();
        using var client = cloud.CreateClient();

        (await client.StatusAsync(path)).ShouldBe(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task Anonymous_reads_public_repositories_only()
    {
        await using var cloud = await CloudGiven.CloudAsync();
        using var client = cloud.CreateClient();

        (await client.GetReplyAsync("repositories/acme")).Slugs().ShouldBe(["pub"]);
        (await client.StatusAsync("repositories/acme/pub")).ShouldBe(HttpStatusCode.OK);
        var hidden = await client.GetReplyAsync("repositories/acme/api");
        hidden.Status.ShouldBe(HttpStatusCode.NotFound);
        hidden.Message()!.ShouldStartWith("You may not have access to this repository or it no longer exists in this workspace.");
        cloud.Requests.Entries.ShouldAllBe(e => !e.CredentialSent && e.User == null);
    }

    [Fact]
    public async Task Token_expires_by_the_clock_and_can_be_revoked()
    {
        var clock = new FakeTimeProvider();
        await using var cloud = await CloudGiven.CloudAsync(new CloudOptions { TimeProvider = clock }, w =>
        {
            w.AddApiToken(w.UserNamed("ci"), "short", CloudGiven.ApiScopes, clock.GetUtcNow().AddHours(1));
            w.AddAccessToken(w.RepositoryAt("acme/api"), "shorter", ["repository"], clock.GetUtcNow().AddMinutes(1));
        });
        using var api = cloud.CreateClient(basic: ("ci@example.com", "short"));
        using var access = cloud.CreateClient("shorter");

        (await access.StatusAsync("repositories/acme/api")).ShouldBe(HttpStatusCode.OK);
        clock.Advance(TimeSpan.FromMinutes(1));
        (await access.GetReplyAsync("repositories/acme/api")).Message().ShouldBe(TokenRefused);
        (await api.StatusAsync("user")).ShouldBe(HttpStatusCode.OK);
        cloud.Change(w => w.Revoke("short"));

        (await api.StatusAsync("user")).ShouldBe(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task Inactive_user_is_401()
    {
        await using var cloud = await CloudGiven.CloudAsync(change: w => w.UserNamed("ci").Active = false);
        using var client = cloud.Ci();

        (await client.StatusAsync("user")).ShouldBe(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task App_password_is_gone_unless_the_quirk_sets_a_later_date()
    {
        var clock = new FakeTimeProvider();
        await using var cloud = await CloudGiven.CloudAsync(new CloudOptions { TimeProvider = clock }, w => w.AddAppPassword(w.UserNamed("ci"), "app-pw"));
        using var byName = cloud.CreateClient(basic: ("ci", "app-pw"));
        using var byEmail = cloud.CreateClient(basic: ("ci@example.com", "app-pw"));

        (await byName.StatusAsync("user")).ShouldBe(HttpStatusCode.Unauthorized);
        cloud.Change(w => w.Quirks.AppPasswordsUntil = clock.GetUtcNow().AddDays(1));
        (await byName.StatusAsync("user")).ShouldBe(HttpStatusCode.OK);
        (await byEmail.StatusAsync("user")).ShouldBe(HttpStatusCode.Unauthorized);
        clock.Advance(TimeSpan.FromDays(1));

        (await byName.StatusAsync("user")).ShouldBe(HttpStatusCode.Unauthorized);
    }

    [Theory]
    [InlineData(UnauthorizedBody.Json, "application/json")]
    [InlineData(UnauthorizedBody.Empty, null)]
    [InlineData(UnauthorizedBody.PlainText, "text/plain")]
    public async Task Unauthorized_has_words_or_not(UnauthorizedBody body, string? type)
    {
        await using var cloud = await CloudGiven.CloudAsync(change: w => w.Quirks.UnauthorizedBody = body);
        using var client = cloud.CreateClient("nobody");

        var reply = await client.GetReplyAsync("workspaces/acme");

        reply.Status.ShouldBe(HttpStatusCode.Unauthorized);
        reply.Message.Content.Headers.ContentType?.MediaType.ShouldBe(type);
        reply.Text.Length.ShouldBe(body == UnauthorizedBody.Empty ? 0 : reply.Text.Length);
        (reply.Header("Server") == "envoy").ShouldBe(body != UnauthorizedBody.Json);
    }

    [Fact]
    public async Task Api_token_limited_to_one_workspace_reaches_no_other()
    {
        await using var cloud = await CloudGiven.CloudAsync(change: w =>
        {
            w.UserNamed("ci").Join(w.WorkspaceAt("other"));
            w.TokenNamed("ci").Owner = w.WorkspaceAt("acme");
        });
        using var client = cloud.Ci();

        (await client.GetReplyAsync("user/workspaces")).Values.Count.ShouldBe(1);
        (await client.StatusAsync("workspaces/other")).ShouldBe(HttpStatusCode.NotFound);
    }
}
