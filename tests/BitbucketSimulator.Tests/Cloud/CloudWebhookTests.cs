using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using BitbucketOperator.BitbucketSimulator.State;
using Microsoft.Extensions.Time.Testing;

namespace BitbucketOperator.BitbucketSimulator.Tests.Cloud;

public sealed class CloudWebhookTests
{
    [Theory]
    [InlineData(CloudGiven.Hooks, "repository", "acme/api")]
    [InlineData(CloudGiven.WorkspaceHooks, "workspace", null)]
    public async Task Webhook_is_created_read_replaced_and_removed(string path, string subject, string? fullName)
    {
        await using var cloud = await CloudGiven.CloudAsync(new CloudOptions { TimeProvider = new FakeTimeProvider() });
        using var client = cloud.Ada();

        var created = await client.SendAsync("POST", path, CloudGiven.Webhook(events: ["repo:push", "pullrequest:created"]).With("secret", "s"));
        var one = $"{path}/{CloudGiven.Escaped((string?)created.Json!["uuid"])}";
        var read = await client.GetReplyAsync(one);
        var replaced = await client.SendAsync("PUT", one, CloudGiven.Webhook("https://b.example", "theirs").With("active", false));

        created.Status.ShouldBe(HttpStatusCode.Created);
        read.Text.ShouldBe(created.Text);
        ((string?)read.Json!["uuid"])!.ShouldMatch("^[{][0-9a-f-]{36}[}]$");
        ((string?)read.Json["type"], (string?)read.Json["subject"]!["type"], (string?)read.Json["subject"]!["full_name"])
            .ShouldBe(("webhook_subscription", subject, fullName));
        ((string?)read.Json["created_at"])!.ShouldMatch("^2000-01-01T00:00:00[.][0-9]{9}Z$");
        ((bool)read.Json["secret_set"]!, read.Json["secret"], (bool)read.Json["read_only"]!, read.Json["source"]).ShouldBe((true, null, false, null));
        ((string?)read.Json["links"]!["self"]!["href"]).ShouldBe($"{cloud.ApiUrl}/{one}");
        replaced.Status.ShouldBe(HttpStatusCode.OK);
        ((string?)replaced.Json!["url"], (string?)replaced.Json["description"], (bool)replaced.Json["active"]!, (bool)replaced.Json["secret_set"]!)
            .ShouldBe(("https://b.example", "theirs", false, true));
        (await client.SendAsync("DELETE", one)).Status.ShouldBe(HttpStatusCode.NoContent);
        (await client.SendAsync("DELETE", one)).Status.ShouldBe(HttpStatusCode.NotFound);
        var counters = cloud.Counters;
        (counters.WebhookPosts, counters.WebhookPuts, counters.WebhookDeletes, counters.WebhookWriteAttempts).ShouldBe((1, 1, 1, 4));
    }

    [Fact]
    public async Task Secret_that_is_omitted_stays_and_null_or_empty_takes_it_away()
    {
        await using var cloud = await CloudGiven.CloudAsync();
        using var client = cloud.Ada();
        var hook = cloud.Read(w => w.AddWebhook(w.RepositoryAt("acme/api"), h => h.Secret = "old"));
        var one = $"{CloudGiven.Hooks}/{CloudGiven.Escaped(hook.Id)}";
        async Task<string?> Put(JsonObject body)
        {
            var reply = await client.SendAsync("PUT", one, body);
            ((bool)reply.Json!["secret_set"]!).ShouldBe(cloud.Read(_ => hook.Secret is not null));
            return cloud.Read(_ => hook.Secret);
        }

        (await Put(CloudGiven.Webhook())).ShouldBe("old");
        (await Put(CloudGiven.Webhook().With("secret", "new"))).ShouldBe("new");
        (await Put(CloudGiven.Webhook().With("secret", null))).ShouldBeNull();
        (await Put(CloudGiven.Webhook().With("secret", "again"))).ShouldBe("again");
        (await Put(CloudGiven.Webhook().With("secret", ""))).ShouldBeNull();
    }

    [Fact]
    public async Task Put_replaces_what_is_not_sent_but_keeps_the_certificate_check()
    {
        await using var cloud = await CloudGiven.CloudAsync();
        using var client = cloud.Ada();
        var hook = cloud.Read(w => w.AddWebhook(w.RepositoryAt("acme/api"), h => (h.Description, h.Active, h.SkipCertVerification) = ("mine", false, true)));
        var one = $"{CloudGiven.Hooks}/{CloudGiven.Escaped(hook.Id)}";

        var reply = await client.SendAsync("PUT", one, CloudGiven.Webhook().Without("description").Without("active"));
        var back = await client.SendAsync("PUT", one, reply.Json!.DeepClone().AsObject().With("skip_cert_verification", false));

        (reply.Json["description"], (bool)reply.Json["active"]!, (bool)reply.Json["skip_cert_verification"]!).ShouldBe((null, true, true));
        back.Status.ShouldBe(HttpStatusCode.OK);
        ((bool)back.Json!["skip_cert_verification"]!).ShouldBeFalse();
    }

    [Fact]
    public async Task Same_webhook_twice_is_two_webhooks_over_several_pages()
    {
        await using var cloud = await CloudGiven.CloudAsync();
        using var client = cloud.Ada();
        for (var i = 0; i < 12; i++) await client.SendAsync("POST", CloudGiven.Hooks, CloudGiven.Webhook());

        var pages = await client.AllPagesAsync(CloudGiven.Hooks);

        pages.Select(p => p.Values.Count).ShouldBe([10, 2]);
        pages.SelectMany(p => p.Names("uuid")).Distinct().Count().ShouldBe(12);
    }

    [Fact]
    public async Task Order_of_events_is_the_server_s_own()
    {
        await using var cloud = await CloudGiven.CloudAsync();
        using var client = cloud.Ada();
        string[] events = ["repo:push", "pullrequest:created", "pullrequest:updated", "repo:fork"];

        var first = await client.SendAsync("POST", CloudGiven.Hooks, CloudGiven.Webhook(events: events));
        var second = await client.SendAsync("POST", CloudGiven.Hooks, CloudGiven.Webhook(events: [.. events.Reverse()]));

        var shown = first.Json!["events"]!.AsArray().Select(e => (string)e!).ToArray();
        second.Json!["events"]!.AsArray().Select(e => (string)e!).ShouldBe(shown);
        shown.ShouldBe(events, ignoreOrder: true);
        shown.ShouldNotBe(events);
        shown.ShouldNotBe([.. events.Order(StringComparer.Ordinal)]);
    }

    [Theory]
    [InlineData("url")]
    [InlineData("events")]
    public async Task Required_field_that_is_missing_is_400_with_a_list_of_texts(string field)
    {
        await using var cloud = await CloudGiven.CloudAsync();
        using var client = cloud.Ada();
        var hook = cloud.Read(w => w.AddWebhook(w.RepositoryAt("acme/api"), _ => { }));

        foreach (var (method, path) in new[] { ("POST", CloudGiven.Hooks), ("PUT", $"{CloudGiven.Hooks}/{CloudGiven.Escaped(hook.Id)}") })
        {
            var reply = await client.SendAsync(method, path, CloudGiven.Webhook().Without(field));
            reply.Status.ShouldBe(HttpStatusCode.BadRequest);
            reply.Message().ShouldBe($"Required field: \"{field}\" is not present");
            reply.Json!["error"]!["fields"]!.AsArray().Count.ShouldBe(1);
        }
    }

    [Theory]
    [InlineData("url", "\"not a url\"")]
    [InlineData("url", "\"ftp://a.example\"")]
    [InlineData("events", "[]")]
    [InlineData("events", "\"repo:push\"")]
    [InlineData("events", "[\"repo:push\",\"repo:push\"]")]
    [InlineData("events", "[\"repo:refs_changed\"]")]
    [InlineData("events", "[\"issue:created\"]")]
    [InlineData("events", "[\"repo:created\"]")]
    [InlineData("events", "[null]")]
    public async Task Bad_value_is_400_with_a_list_for_its_field(string field, string value)
    {
        await using var cloud = await CloudGiven.CloudAsync();
        using var client = cloud.Ada();

        var reply = await client.SendAsync("POST", CloudGiven.Hooks, CloudGiven.Webhook().With(field, JsonNode.Parse(value)));

        reply.Status.ShouldBe(HttpStatusCode.BadRequest);
        reply.Json!["error"]!["fields"]![field]!.AsArray().Count.ShouldBe(1);
        cloud.Read(w => w.Webhooks.Count).ShouldBe(0);
    }

    [Fact]
    public async Task Text_that_is_too_long_or_no_text_is_400_with_a_text_for_its_field()
    {
        await using var cloud = await CloudGiven.CloudAsync();
        using var client = cloud.Ada();
        async Task<Reply> Post(string field, JsonNode value) => await client.SendAsync("POST", CloudGiven.Hooks, CloudGiven.Webhook().With(field, value));

        (await Post("secret", new string('s', 128))).Status.ShouldBe(HttpStatusCode.Created);
        (await Post("description", new string('d', 255))).Status.ShouldBe(HttpStatusCode.Created);
        foreach (var (field, value) in new (string, JsonNode)[] { ("secret", new string('s', 129)), (
            "description", new string('d', 256)), ("active", "yes"), ("description", 5) })
        {
            var reply = await Post(field, value);
            reply.Status.ShouldBe(HttpStatusCode.BadRequest);
            reply.Json!["error"]!["fields"]![field]!.GetValue<string>().ShouldNotBeEmpty();
        }
    }

    [Fact]
    public async Task Null_where_none_may_be_is_400_without_a_type()
    {
        await using var cloud = await CloudGiven.CloudAsync();
        using var client = cloud.Ada();

        foreach (var field in new[] { "active", "skip_cert_verification", "url" })
        {
            var reply = await client.SendAsync("POST", CloudGiven.Hooks, CloudGiven.Webhook().With(field, null));
            reply.Status.ShouldBe(HttpStatusCode.BadRequest);
            reply.Json!["type"].ShouldBeNull();
            ((string?)reply.Json["error"]!["fields"]![field]![0]).ShouldBe("This field may not be null.");
        }
    }

    [Theory]
    [InlineData("", "")]
    [InlineData("{", "")]
    [InlineData("[]", "A JSON object is expected.")]
    public async Task Body_that_cannot_be_read_is_400_mostly_without_words(string body, string message)
    {
        await using var cloud = await CloudGiven.CloudAsync();
        using var client = cloud.Ada();
        using var request = new HttpRequestMessage(HttpMethod.Post, CloudGiven.Hooks) { Content = new StringContent(body, Encoding.UTF8, "application/json") };

        var reply = await client.ReadAsync(request);

        reply.Status.ShouldBe(HttpStatusCode.BadRequest);
        (reply.Message() ?? "").ShouldBe(message);
    }

    [Fact]
    public async Task Workspace_takes_more_events_and_issues_are_a_quirk()
    {
        await using var cloud = await CloudGiven.CloudAsync();
        using var client = cloud.Ada();

        (await client.SendAsync("POST", CloudGiven.WorkspaceHooks, CloudGiven.Webhook(events: ["repo:created", "project:updated"])))
            .Status.ShouldBe(HttpStatusCode.Created);
        cloud.Change(w => w.Quirks.IssueEvents = true);
        (await client.SendAsync("POST", CloudGiven.Hooks, CloudGiven.Webhook(events: ["issue:created"]))).Status.ShouldBe(HttpStatusCode.Created);
        (await client.GetReplyAsync(CloudGiven.Hooks)).Values.Count.ShouldBe(1);
    }

    [Fact]
    public async Task Fiftieth_webhook_is_the_last()
    {
        await using var cloud = await CloudGiven.CloudAsync(change: w =>
        {
            for (var i = 0; i < 49; i++) w.AddWebhook(w.RepositoryAt("acme/api"), h => h.Url = "https://a.example");
        });
        using var client = cloud.Ada();

        (await client.SendAsync("POST", CloudGiven.Hooks, CloudGiven.Webhook())).Status.ShouldBe(HttpStatusCode.Created);
        (await client.SendAsync("POST", CloudGiven.Hooks, CloudGiven.Webhook())).Status.ShouldBe(HttpStatusCode.BadRequest);
        cloud.Change(w => w.Quirks.WebhookLimit = 51);
        (await client.SendAsync("POST", CloudGiven.Hooks, CloudGiven.Webhook())).Status.ShouldBe(HttpStatusCode.Created);
    }

    [Theory]
    [InlineData("http://localhost/hook", 400)]
    [InlineData("http://ci.builds.svc.cluster.local/hook", 400)]
    [InlineData("http://receiver/hook", 400)]
    [InlineData("http://10.1.2.3/hook", 400)]
    [InlineData("http://172.31.0.1/hook", 400)]
    [InlineData("http://[::1]/hook", 400)]
    [InlineData("http://[::ffff:10.0.0.1]/hook", 400)]
    [InlineData("http://[2606:4700::1]/hook", 201)]
    [InlineData("http://172.32.0.1/hook", 201)]
    [InlineData("https://ci.example.com/hook", 201)]
    public async Task Internal_url_is_refused_when_asked_to(string url, int status)
    {
        await using var cloud = await CloudGiven.CloudAsync();
        using var client = cloud.Ada();

        (await client.SendAsync("POST", CloudGiven.Hooks, CloudGiven.Webhook(url))).Status.ShouldBe(HttpStatusCode.Created);
        cloud.Change(w => w.Quirks.RefuseInternalUrls = true);

        ((int)(await client.SendAsync("POST", CloudGiven.Hooks, CloudGiven.Webhook(url))).Status).ShouldBe(status);
    }

    [Fact]
    public async Task Webhook_of_an_app_or_in_a_read_only_workspace_cannot_be_changed()
    {
        await using var cloud = await CloudGiven.CloudAsync();
        using var client = cloud.Ada();
        var hook = cloud.Read(w => w.AddWebhook(w.RepositoryAt("acme/api"), h => h.ReadOnly = true));
        var one = $"{CloudGiven.Hooks}/{CloudGiven.Escaped(hook.Id)}";

        ((bool)(await client.GetReplyAsync(one)).Json!["read_only"]!).ShouldBeTrue();
        (await client.SendAsync("PUT", one, CloudGiven.Webhook())).Status.ShouldBe(HttpStatusCode.Forbidden);
        (await client.SendAsync("DELETE", one)).Status.ShouldBe(HttpStatusCode.Forbidden);
        cloud.Change(w => w.WorkspaceAt("acme").ReadOnly = true);
        (await client.SendAsync("POST", CloudGiven.Hooks, CloudGiven.Webhook())).Status.ShouldBe(HttpStatusCode.Forbidden);
        (await client.SendAsync("POST", CloudGiven.WorkspaceHooks, CloudGiven.Webhook())).Status.ShouldBe(HttpStatusCode.Forbidden);
        (await client.StatusAsync(CloudGiven.Hooks)).ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Uuid_without_braces_or_of_another_owner_is_404()
    {
        await using var cloud = await CloudGiven.CloudAsync();
        using var client = cloud.Ada();
        var hook = cloud.Read(w => w.AddWebhook(w.RepositoryAt("acme/api"), _ => { }));

        (await client.StatusAsync($"{CloudGiven.Hooks}/{hook.Uuid}")).ShouldBe(HttpStatusCode.NotFound);
        (await client.StatusAsync($"{CloudGiven.WorkspaceHooks}/{CloudGiven.Escaped(hook.Id)}")).ShouldBe(HttpStatusCode.NotFound);
        (await client.StatusAsync($"{CloudGiven.Hooks}/{CloudGiven.Escaped(hook.Id)}")).ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Events_are_listed_for_everyone_in_one_page()
    {
        await using var cloud = await CloudGiven.CloudAsync();
        using var client = cloud.CreateClient();

        var repository = await client.GetReplyAsync("hook_events/repository");
        var workspace = await client.GetReplyAsync("hook_events/workspace");

        repository.Names("event").ShouldContain("repo:push");
        repository.Names("event").ShouldNotContain("repo:deleted");
        workspace.Names("event").ShouldContain("repo:deleted");
        ((int)repository.Json!["pagelen"]!, (string?)repository.Values[0]!["category"]).ShouldBe((30, "Repository"));
        (await client.GetReplyAsync("hook_events")).Json!["workspace"].ShouldNotBeNull();
        (await client.StatusAsync("hook_events/user")).ShouldBe(HttpStatusCode.NotFound);
    }
}
