using System.Globalization;
using System.Text.Json.Nodes;
using BitbucketOperator.BitbucketSimulator.Serving;
using BitbucketOperator.BitbucketSimulator.State;

namespace BitbucketOperator.BitbucketSimulator.DataCenter;

/// <summary>Webhooks of repositories and, on versions that have them, of projects. Reads need admin rights too.</summary>
internal static class WebhookEndpoints
{
    public static void Map(Router router)
    {
        MapLevel(router, "projects/{key}/repos/{slug}/webhooks", RepositoryOf);
        MapLevel(router, "projects/{key}/webhooks", ProjectOf);
        router.AddApi("GET", "projects/{key}/repos/{slug}/webhooks/search", Search);
    }

    private static void MapLevel(Router router, string path, Func<Call, bool, WebhookOwner> owner)
    {
        router.AddApi("GET", path, call => List(call, owner(call, false).Webhooks));
        router.AddApi("POST", path, call => Create(call, owner(call, true)));
        router.AddApi("GET", path + "/{id:int}", call => Answer.Ok(call.Shapes.Webhook(Find(call, owner(call, false)), call.Flag("statistics"), Now(call))));
        router.AddApi("PUT", path + "/{id:int}", call => Replace(call, Find(call, owner(call, true))));
        router.AddApi("DELETE", path + "/{id:int}", call => Delete(call, Find(call, owner(call, true))));
        router.AddApi("GET", path + "/{id:int}/latest", call => Latest(call, Find(call, owner(call, false))));
        router.AddApi("GET", path + "/{id:int}/statistics", call => Statistics(call, Find(call, owner(call, false))));
        router.AddApi("GET", path + "/{id:int}/statistics/summary", call => Summary(call, Find(call, owner(call, false))));
        router.AddAsync("POST", path + "/test", (call, cancel) => TestAsync(call, owner, cancel));
    }

    private static WebhookOwner RepositoryOf(Call call, bool write)
    {
        var repository = call.AdministeredRepository();
        if (!write) return repository;
        var restricted = repository.Project.RestrictsRepositoryAdmins && call.World.Version.AtLeast(8, 8);
        if (restricted && Access.Granted(call.Caller, repository.Project) < Level.Admin) throw Errors.NotPermitted();
        if (repository.Archived && call.World.Quirks.ArchivedIsReadOnly)
            throw new ApiException(
                Errors.Error(409, "The repository is archived and cannot be changed.", "com.atlassian.bitbucket.repository.RepositoryArchivedException"));
        return repository;
    }

    private static WebhookOwner ProjectOf(Call call, bool write)
    {
        if (!call.World.Version.KnowsProjectWebhooks()) throw new ApiException(Errors.NoSuchResource(call.World, call.Request.Path));
        return call.AdministeredProject();
    }

    private static Webhook Find(Call call, WebhookOwner owner)
    {
        var id = call.Route("id");
        var found = call.World.FindWebhook(int.Parse(id, CultureInfo.InvariantCulture));
        return found?.Owner == owner ? found : throw Errors.NoSuchWebhook(id);
    }

    private static Answer List(Call call, IEnumerable<Webhook> hooks)
    {
        var events = call.QueryAll("event");
        var rows = hooks.Where(w => events.Count == 0 || w.Events.Overlaps(events)).ToArray();
        var statistics = call.Flag("statistics");
        return Paging.Page(call, rows, _ => true, w => call.Shapes.Webhook(w, statistics, Now(call)), call.World.Quirks.WebhookPageCap);
    }

    /// <summary>The repository's own webhooks and those it inherits from its project.</summary>
    private static Answer Search(Call call)
    {
        if (!call.World.Version.KnowsProjectWebhooks()) throw new ApiException(Errors.NoSuchResource(call.World, call.Request.Path));
        var repository = call.AdministeredRepository();
        var scopes = call.QueryAll("scopeType");
        bool Wanted(string scope) => scopes.Count == 0 || scopes.Contains(scope, StringComparer.OrdinalIgnoreCase);
        var own = Wanted("repository") ? repository.Webhooks : [];
        var inherited = Wanted("project") ? repository.Project.Webhooks : [];
        return List(call, own.Concat(inherited));
    }

    private static Answer Create(Call call, WebhookOwner owner)
    {
        var (world, quirks) = (call.World, call.World.Quirks);
        var input = WebhookInput.Read(call.Json(), world.Version);
        var hook = world.AddWebhook(owner, input.ReplaceIn);
        StoreOtherwise(quirks, hook);
        if (IsEach(quirks.StoresWithoutAnswerEvery, hook)) throw Errors.StoredWithoutAnswer();
        var answer = call.Shapes.Webhook(hook, statistics: false, Now(call));
        if (world.Version.IsPlatform10() && !IsEach(quirks.AnswersWithConfigurationEvery, hook)) answer["configuration"] = new JsonObject();
        return new Answer(quirks.CreateStatus, answer);
    }

    private static void StoreOtherwise(Quirks quirks, Webhook hook)
    {
        hook.Events.ExceptWith(quirks.DroppedEvents);
        var url = new UriBuilder(hook.Url);
        if (quirks.MasksUserInfo && url.UserName.Length > 0) hook.Url = hook.Url.Replace($"{url.UserName}:{url.Password}@", "***@", StringComparison.Ordinal);
        if (quirks.NormalizesUrls) hook.Url = url.Uri.AbsoluteUri;
    }

    private static bool IsEach(int every, Webhook hook) => every > 0 && hook.Id % every == 0;

    private static Answer Replace(Call call, Webhook hook)
    {
        var input = WebhookInput.Read(call.Json(), call.World.Version);
        input.ReplaceIn(hook);
        StoreOtherwise(call.World.Quirks, hook);
        hook.UpdatedDate = Now(call);
        return Answer.Ok(call.Shapes.Webhook(hook, statistics: false, Now(call)));
    }

    private static Answer Delete(Call call, Webhook hook)
    {
        call.World.RemoveWebhook(hook);
        return new Answer(204);
    }

    private static Answer Latest(Call call, Webhook hook)
    {
        var outcomes = (call.Query("outcome") ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        var found = OfEvent(call, hook)
            .LastOrDefault(i => outcomes.Length == 0 || outcomes.Contains(Shapes.NameOf(i.Outcome), StringComparer.OrdinalIgnoreCase));
        return found is null ? new Answer(204) : Answer.Ok(Shapes.Invocation(found));
    }

    private static Answer Statistics(Call call, Webhook hook) => Answer.Ok(Shapes.Statistics(OfEvent(call, hook).ToArray(), Now(call)));

    private static Answer Summary(Call call, Webhook hook)
    {
        if (hook.Invocations.Count == 0 && hook.Owner is Project) return new Answer(204);
        var json = new JsonObject();
        foreach (var group in hook.Invocations.GroupBy(i => i.Event, StringComparer.Ordinal)) json[group.Key] = Shapes.Statistics(group.ToArray(), Now(call));
        return Answer.Ok(json);
    }

    private static DateTimeOffset Now(Call call) => call.Backend.Clock.GetUtcNow();

    private static IEnumerable<Invocation> OfEvent(Call call, Webhook hook) =>
        hook.Invocations.Where(i => call.Query("event") is not { Length: > 0 } key || i.Event == key);

    private static async Task<Answer> TestAsync(Call call, Func<Call, bool, WebhookOwner> owner, CancellationToken cancel)
    {
        string url;
        bool verify;
        Webhook? tested;
        lock (call.World.Gate)
        {
            var place = owner(call, true);
            tested = call.Query("webhookId") is { Length: > 0 } id
                ? place.Webhooks.FirstOrDefault(w => w.Id.ToString(CultureInfo.InvariantCulture) == id)
                : null;
            url = call.Query("url") is { Length: > 0 } text ? text : throw Errors.ServerError();
            verify = call.Query("sslVerificationRequired") is not "false";
        }

        var credentials = call.OptionalJson();
        return Answer.Ok(await call.Backend.Deliveries.PingAsync(
            url, verify, (string?)credentials?["username"] ?? tested?.Username, (string?)credentials?["password"] ?? tested?.Password, cancel));
    }
}
