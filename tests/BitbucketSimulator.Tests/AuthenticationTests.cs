using System.Net;
using BitbucketOperator.BitbucketSimulator.State;
using Microsoft.Extensions.Time.Testing;

namespace BitbucketOperator.BitbucketSimulator.Tests;

public sealed class AuthenticationTests
{
    private const string Properties = "rest/api/1.0/application-properties";
    private const string Recent = "rest/api/latest/profile/recent/repos?limit=1";
    private const string Repos = "rest/api/1.0/repos";

    [Fact]
    public async Task ApplicationProperties_without_login_answer_but_name_nobody()
    {
        await using var sim = await Given.SimulatorAsync();
        using var client = sim.CreateClient();

        var reply = await client.GetReplyAsync(Properties);

        reply.Status.ShouldBe(HttpStatusCode.OK);
        ((string?)reply.Json!["version"]).ShouldBe("9.4.2");
        ((string?)reply.Json!["buildNumber"]).ShouldBe("9004002");
        reply.Login.ShouldBeNull();
        (await client.GetReplyAsync(Recent)).Status.ShouldBe(HttpStatusCode.Unauthorized);
    }

    [Theory]
    [InlineData("user-token", "ci")]
    [InlineData("project-token", "access-token-user_")]
    [InlineData("repository-token", "access-token-user_")]
    public async Task Bearer_token_is_named_in_headers_on_404_too(string token, string login)
    {
        await using var sim = await Given.SimulatorAsync();
        using var client = sim.CreateClient(token);

        (await client.GetReplyAsync(Properties)).Login!.ShouldStartWith(login);
        var missing = await client.GetReplyAsync("rest/api/1.0/projects/NONE");

        missing.Status.ShouldBe(HttpStatusCode.NotFound);
        missing.Login!.ShouldStartWith(login);
        missing.Header("X-AUSERID").ShouldNotBeNull();
    }

    [Fact]
    public async Task User_token_works_as_password_and_other_kinds_do_not()
    {
        await using var sim = await Given.SimulatorAsync();
        using var user = sim.CreateClient(basic: ("ci", "user-token"));
        using var project = sim.CreateClient(basic: ("ci", "project-token"));

        (await user.GetReplyAsync(Recent)).Status.ShouldBe(HttpStatusCode.OK);
        (await project.GetReplyAsync(Recent)).Exception.ShouldBe("com.atlassian.bitbucket.auth.IncorrectPasswordAuthenticationException");
    }

    [Fact]
    public async Task Service_user_of_a_token_is_not_among_users()
    {
        await using var sim = await Given.SimulatorAsync();
        using var client = sim.CreateClient("project-token");
        var login = (await client.GetReplyAsync(Properties)).Login;

        var users = await client.GetReplyAsync($"rest/api/1.0/users?filter={login}");

        users.Status.ShouldBe(HttpStatusCode.OK);
        users.Values.ShouldBeEmpty();
        (await client.GetReplyAsync("rest/api/1.0/users?filter=C")).Names("name").ShouldBe(["ci"]);
    }

    [Fact]
    public async Task Wrong_password_is_refused_with_challenge_and_without_name()
    {
        await using var sim = await Given.SimulatorAsync();
        using var client = sim.CreateClient(basic: ("ci", "wrong"));

        var reply = await client.GetReplyAsync(Properties);

        reply.Status.ShouldBe(HttpStatusCode.Unauthorized);
        reply.Exception.ShouldBe("com.atlassian.bitbucket.auth.IncorrectPasswordAuthenticationException");
        reply.Header("WWW-Authenticate")!.ShouldContain("Atlassian Bitbucket");
        reply.Login.ShouldBeNull();
    }

    [Theory]
    [InlineData(401, false)]
    [InlineData(403, true)]
    public async Task Repeated_wrong_passwords_ask_for_captcha_even_with_the_right_one(int status, bool header)
    {
        await using var sim = await Given.SimulatorAsync(
            change: w => (w.Quirks.CaptchaAfter, w.Quirks.CaptchaStatus, w.Quirks.CaptchaHeader) = (3, status, header));
        using var wrong = sim.CreateClient(basic: ("ci", "wrong"));
        using var right = sim.CreateClient(basic: ("ci", "ci-pw"));
        using var token = sim.CreateClient("user-token");
        for (var i = 0; i < 3; i++) (await wrong.GetReplyAsync(Properties)).Status.ShouldBe(HttpStatusCode.Unauthorized);

        var reply = await right.GetReplyAsync(Properties);

        ((int)reply.Status).ShouldBe(status);
        reply.Exception.ShouldBe("com.atlassian.bitbucket.auth.CaptchaRequiredAuthenticationException");
        (reply.Header("X-Authentication-Denied-Reason") is not null).ShouldBe(header);
        (await token.GetReplyAsync(Recent)).Status.ShouldBe(HttpStatusCode.OK);
    }

    [Theory]
    [InlineData("unknown")]
    [InlineData("revoked")]
    [InlineData("expired")]
    public async Task Invalid_token_is_refused_without_public_access_and_anonymous_with_it(string kind)
    {
        var clock = new FakeTimeProvider();
        await using var sim = await Given.SimulatorAsync(new SimulatorOptions { TimeProvider = clock }, w =>
        {
            w.TokenNamed("user").Revoked = kind == "revoked";
            if (kind == "expired") w.TokenNamed("user").ExpiresAt = clock.GetUtcNow().AddDays(1);
        });
        using var client = sim.CreateClient(kind == "unknown" ? "nonsense" : "user-token");
        clock.Advance(TimeSpan.FromDays(1));

        var refused = await client.GetReplyAsync(Properties);
        refused.Status.ShouldBe(HttpStatusCode.Unauthorized);
        refused.Exception!.ShouldContain("AuthenticationException");
        refused.Login.ShouldBeNull();

        sim.Change(w => w.PublicAccess = true);
        var anonymous = await client.GetReplyAsync(Properties);
        anonymous.Status.ShouldBe(HttpStatusCode.OK);
        anonymous.Login.ShouldBeNull();
        (await client.GetReplyAsync(Repos)).Names("slug").ShouldBe(["pub"]);
        (await client.GetReplyAsync(Repos + "?permission=REPO_READ")).Values.ShouldBeEmpty();
        (await client.GetReplyAsync(Recent)).Status.ShouldBe(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task Invalid_token_can_pass_open_endpoints_only()
    {
        await using var sim = await Given.SimulatorAsync(change: w => w.Quirks.InvalidTokenPassesOpenEndpoints = true);
        using var client = sim.CreateClient("nonsense");

        (await client.GetReplyAsync(Properties)).Status.ShouldBe(HttpStatusCode.OK);
        (await client.GetReplyAsync(Repos)).Status.ShouldBe(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task Token_that_has_not_expired_yet_works_until_it_does()
    {
        var clock = new FakeTimeProvider();
        await using var sim = await Given.SimulatorAsync(
            new SimulatorOptions { TimeProvider = clock }, w => w.TokenNamed("user").ExpiresAt = clock.GetUtcNow().AddHours(1));
        using var client = sim.CreateClient("user-token");

        (await client.GetReplyAsync(Recent)).Status.ShouldBe(HttpStatusCode.OK);
        clock.Advance(TimeSpan.FromHours(1));
        (await client.GetReplyAsync(Recent)).Status.ShouldBe(HttpStatusCode.Unauthorized);
    }

    [Theory]
    [InlineData("7.17.9", HttpStatusCode.Unauthorized)]
    [InlineData("7.18.0", HttpStatusCode.OK)]
    public async Task Project_tokens_exist_since_their_version(string version, HttpStatusCode status)
    {
        await using var sim = await Given.SimulatorAsync(new SimulatorOptions { Version = version });
        using var client = sim.CreateClient("project-token");

        (await client.GetReplyAsync(Repos)).Status.ShouldBe(status);
    }

    [Theory]
    [InlineData("8.9.21", 200)]
    [InlineData("8.9.22", 302)]
    [InlineData("8.19.11", 200)]
    [InlineData("8.19.12", 302)]
    [InlineData("9.3.1", 200)]
    [InlineData("9.3.2", 302)]
    public async Task Token_outside_rest_is_sent_to_the_login_page(string version, int status)
    {
        await using var sim = await Given.SimulatorAsync(new SimulatorOptions { Version = version, ContextPath = "bitbucket" });
        using var bearer = sim.CreateClient("user-token");
        using var basic = sim.CreateClient(basic: ("ci", "user-token"));
        using var nobody = sim.CreateClient();

        var reply = await bearer.GetReplyAsync("status");

        ((int)reply.Status).ShouldBe(status);
        if (status == 302) reply.Header("Location")!.ShouldStartWith("/bitbucket/login");
        ((int)(await basic.GetReplyAsync("status")).Status).ShouldBe(status == 302 ? 401 : 200);
        (await nobody.GetReplyAsync("status")).Status.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Repeated_basic_token_outside_rest_locks_the_account()
    {
        await using var sim = await Given.SimulatorAsync(change: w => w.Quirks.CaptchaAfter = 2);
        using var client = sim.CreateClient(basic: ("ci", "user-token"));

        for (var i = 0; i < 2; i++) await client.GetReplyAsync("status");

        (await client.GetReplyAsync(Properties)).Exception!.ShouldContain("Captcha");
    }

    [Fact]
    public async Task Basic_authentication_can_be_switched_off()
    {
        await using var sim = await Given.SimulatorAsync(change: w => w.Quirks.BasicAuthentication = false);
        using var basic = sim.CreateClient(basic: ("ci", "ci-pw"));
        using var token = sim.CreateClient("user-token");

        (await basic.GetReplyAsync(Properties)).Status.ShouldBe(HttpStatusCode.Unauthorized);
        (await token.GetReplyAsync(Properties)).Status.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Name_header_can_be_encoded_stripped_or_say_anonymous()
    {
        await using var sim = await Given.SimulatorAsync(change: w =>
        {
            w.AddUser("Jane Doe", "pw");
            (w.Quirks.EncodeUserHeader, w.Quirks.AnonymousHeader) = (true, AnonymousHeader.Word);
        });
        using var jane = sim.CreateClient(basic: ("Jane Doe", "pw"));
        using var nobody = sim.CreateClient();

        (await jane.GetReplyAsync(Properties)).Login.ShouldBe("Jane%20Doe");
        (await nobody.GetReplyAsync(Properties)).Login.ShouldBe("anonymous");
        sim.Change(w => w.Quirks.StripUserHeader = true);
        (await jane.GetReplyAsync(Properties)).Login.ShouldBeNull();
        (await jane.GetReplyAsync(Recent)).Status.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Form_post_needs_the_xsrf_header_and_json_does_not()
    {
        await using var sim = await Given.SimulatorAsync();
        using var client = sim.CreateClient("user-token");
        using var bare = new HttpRequestMessage(HttpMethod.Post, Given.Hooks) { Content = Given.Form() };
        using var marked = new HttpRequestMessage(HttpMethod.Post, Given.Hooks) { Content = Given.Form(), Headers = { { "X-Atlassian-Token", "no-check" } } };

        var refused = await client.ReadAsync(bare);

        refused.Status.ShouldBe(HttpStatusCode.Forbidden);
        refused.Text.ShouldContain("XSRF check failed");
        (await client.ReadAsync(marked)).Status.ShouldBe(HttpStatusCode.BadRequest);
        (await client.SendAsync("POST", Given.Hooks, Given.Webhook())).Status.ShouldBe(HttpStatusCode.Created);
    }
}
