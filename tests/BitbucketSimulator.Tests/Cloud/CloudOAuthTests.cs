using System.Net;
using System.Net.Http.Json;
using BitbucketOperator.BitbucketSimulator.Cloud;
using BitbucketOperator.BitbucketSimulator.Faults;
using BitbucketOperator.BitbucketSimulator.State;
using Microsoft.Extensions.Time.Testing;

namespace BitbucketOperator.BitbucketSimulator.Tests.Cloud;

public sealed class CloudOAuthTests
{
    [Fact]
    public async Task Consumer_gets_a_long_token_and_one_to_refresh_it()
    {
        await using var cloud = await CloudGiven.CloudAsync();

        var reply = await cloud.TokenAsync();
        var inForm = await cloud.TokenAsync(null, "", ("grant_type", "client_credentials"), ("client_id", "key"), ("client_secret", "secret"));

        reply.Status.ShouldBe(HttpStatusCode.OK);
        ((string?)reply.Json!["token_type"], (int)reply.Json["expires_in"]!, (string?)reply.Json["scopes"])
            .ShouldBe(("bearer", 7200, "account project pullrequest webhook"));
        ((string?)reply.Json["access_token"])!.Length.ShouldBeGreaterThan(1000);
        ((string?)reply.Json["access_token"])!.Split('.').Length.ShouldBe(3);
        reply.Json["refresh_token"].ShouldNotBeNull();
        (reply.Json["scope"], (string?)reply.Json["state"]).ShouldBe((null, "client_credentials"));
        inForm.Status.ShouldBe(HttpStatusCode.OK);
        inForm.Text.ShouldNotBe(reply.Text);
        cloud.Counters.TokenRequests.ShouldBe(2);
        cloud.Requests.Entries.ShouldAllBe(e => e.User == "key" && e.Path == "/site/oauth2/access_token");
        cloud.TokenUrl.AbsolutePath.ShouldBe("/site/oauth2/access_token");
    }

    [Fact]
    public async Task Lifetime_and_form_of_tokens_are_quirks_and_old_tokens_expire_by_the_clock()
    {
        var clock = new FakeTimeProvider();
        await using var cloud = await CloudGiven.CloudAsync(
            new CloudOptions { TimeProvider = clock }, w => (w.Quirks.TokenLifetimeSeconds, w.Quirks.JwtTokens) = (3600, false));
        var reply = await cloud.TokenAsync();
        using var client = cloud.CreateClient((string)reply.Json!["access_token"]!);

        ((int)reply.Json["expires_in"]!, ((string)reply.Json["access_token"]!).Length).ShouldBe((3600, 92));
        clock.Advance(TimeSpan.FromSeconds(3599));
        (await client.StatusAsync("repositories/acme")).ShouldBe(HttpStatusCode.OK);
        clock.Advance(TimeSpan.FromSeconds(1));
        var expired = await client.GetReplyAsync("repositories/acme");

        (expired.Status, expired.Message()).ShouldBe((HttpStatusCode.Unauthorized, "Access token expired."));
    }

    [Fact]
    public async Task Revoked_tokens_are_refused_and_a_new_one_is_to_be_had()
    {
        await using var cloud = await CloudGiven.CloudAsync();
        using var old = await cloud.ConsumerAsync();
        cloud.Change(w => w.RevokeTokens(w.ConsumerNamed("key")));

        (await old.StatusAsync("repositories/acme")).ShouldBe(HttpStatusCode.Unauthorized);
        using var fresh = await cloud.ConsumerAsync();
        (await fresh.StatusAsync("repositories/acme")).ShouldBe(HttpStatusCode.OK);
        cloud.Change(w => w.RemoveConsumer(w.ConsumerNamed("key")));
        (await fresh.StatusAsync("repositories/acme")).ShouldBe(HttpStatusCode.Unauthorized);
        (await cloud.TokenAsync()).Status.ShouldBe(HttpStatusCode.BadRequest);
    }

    [Theory]
    [InlineData("key", "wrong", "client_credentials", 400, "unauthorized_client")]
    [InlineData("nobody", "secret", "client_credentials", 400, "unauthorized_client")]
    [InlineData(null, "", "client_credentials", 400, "unauthorized_client")]
    [InlineData("key", "secret", "", 400, "invalid_request")]
    [InlineData("key", "secret", "password", 400, "unsupported_grant_type")]
    [InlineData("key", "secret", "refresh_token", 400, "unsupported_grant_type")]
    public async Task Refusals_have_bodies_in_the_form_of_the_oauth_standard(string? id, string secret, string grant, int status, string error)
    {
        await using var cloud = await CloudGiven.CloudAsync();

        var reply = await cloud.TokenAsync(id, secret, ("grant_type", grant));

        ((int)reply.Status, (string?)reply.Json!["error"]).ShouldBe((status, error));
        reply.Json["error_description"].ShouldNotBeNull();
        reply.Json["type"].ShouldBeNull();
        cloud.Counters.TokenRequests.ShouldBe(1);
        cloud.Read(w => w.Tokens.Count(t => t.Kind == CredentialKind.OAuth)).ShouldBe(0);
    }

    [Fact]
    public async Task Public_consumer_cannot_use_client_credentials()
    {
        await using var cloud = await CloudGiven.CloudAsync(change: w => w.AddConsumer(w.WorkspaceAt("acme"), "public", "p", ["repository"], isPrivate: false));

        var reply = await cloud.TokenAsync("public", "p");

        (reply.Status, (string?)reply.Json!["error"]).ShouldBe((HttpStatusCode.BadRequest, "invalid_grant"));
        ((string?)reply.Json["error_description"])!.ShouldStartWith("Cannot use client_credentials with a consumer marked as \"public\"");
    }

    [Fact]
    public async Task Consumer_without_callback_gets_no_token()
    {
        await using var cloud = await CloudGiven.CloudAsync(change: w => w.ConsumerNamed("key").HasCallback = false);

        var reply = await cloud.TokenAsync();

        (reply.Status, (string?)reply.Json!["error"], (string?)reply.Json["error_description"])
            .ShouldBe((HttpStatusCode.BadRequest, "invalid_request", "No callback uri defined for the OAuth client."));
    }

    [Fact]
    public async Task More_scopes_than_ticked_cannot_be_asked_for_and_other_methods_and_bodies_fail()
    {
        await using var cloud = await CloudGiven.CloudAsync();
        using var client = cloud.CreateClient(basic: ("key", "secret"));

        ((string?)(await cloud.TokenAsync("key", "secret", ("grant_type", "client_credentials"), ("scope", "webhook repository:admin"))).Json!["error"])
            .ShouldBe("invalid_scope");
        (await client.StatusAsync(cloud.TokenUrl.AbsoluteUri)).ShouldBe(HttpStatusCode.MethodNotAllowed);
        using var json = new HttpRequestMessage(HttpMethod.Post, cloud.TokenUrl) { Content = JsonContent.Create(new { grant_type = "client_credentials" }) };
        ((string?)(await client.ReadAsync(json)).Json!["error"]).ShouldBe("invalid_request");
    }

    [Fact]
    public async Task Scopes_are_those_of_the_moment_of_minting()
    {
        await using var cloud = await CloudGiven.CloudAsync();
        using var before = await cloud.ConsumerAsync();
        cloud.Change(w => CloudWorld.SetScopes(w.ConsumerNamed("key"), ["webhook"]));
        using var after = await cloud.ConsumerAsync();

        (await before.StatusAsync("repositories/acme")).ShouldBe(HttpStatusCode.OK);
        (await after.StatusAsync("repositories/acme")).ShouldBe(HttpStatusCode.Forbidden);
    }

    [Fact]
    public async Task Token_endpoint_has_faults_too()
    {
        await using var cloud = await CloudGiven.CloudAsync();
        cloud.Faults.Add(new Fault { Kind = FaultKind.Status, Status = 503, Path = "/site/**", Count = 1 });

        (await cloud.TokenAsync()).Status.ShouldBe(HttpStatusCode.ServiceUnavailable);
        (await cloud.TokenAsync()).Status.ShouldBe(HttpStatusCode.OK);
    }
}
