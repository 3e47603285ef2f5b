using BitbucketOperator.BitbucketSimulator.Serving;
using BitbucketOperator.BitbucketSimulator.State;

namespace BitbucketOperator.BitbucketSimulator.Cloud.Api;

/// <summary>Webhooks of repositories and workspaces. Besides scopes they need admin rights, to read as well.</summary>
internal static class WebhookEndpoints
{
    private static readonly Need Read = Need.Of("webhook", "read:webhook:bitbucket");
    private static readonly Need Write = Need.Of("webhook", "read:webhook:bitbucket", "write:webhook:bitbucket");
    private static readonly Need Remove = Need.Of("webhook", "delete:webhook:bitbucket");

    public static void Map(CloudRouter router)
    {
        MapLevel(router, "repositories/{workspace}/{slug}/hooks", RepositoryOf);
        MapLevel(router, "workspaces/{workspace}/hooks", WorkspaceOf);
    }

    private static void MapLevel(CloudRouter router, string path, Func<CloudCall, bool, CloudWebhookOwner> owner)
    {
        router.Add("GET", path, Audience.LoggedIn, Read, call => CloudPaging.Page(call, owner(call, false).Webhooks, call.Shapes.Webhook));
        router.Add("POST", path, Audience.LoggedIn, Write, call => Create(call, owner(call, true)));
        router.Add("GET", path + "/{uid}", Audience.LoggedIn, Read, call => Answer.Ok(call.Shapes.Webhook(Find(call, owner(call, false)))));
        router.Add("PUT", path + "/{uid}", Audience.LoggedIn, Write, call => Replace(call, Changeable(Find(call, owner(call, true)))));
        router.Add("DELETE", path + "/{uid}", Audience.LoggedIn, Remove, call => Delete(call, Changeable(Find(call, owner(call, true)))));
    }

    private static CloudRepository RepositoryOf(CloudCall call, bool write)
    {
        var repository = call.VisibleRepository();
        if (CloudAccess.On(call.World, call.Caller, repository) < Level.Admin) throw CloudErrors.NoAdmin("repository");
        if (write && repository.Workspace.ReadOnly) throw CloudErrors.Forbidden("This repository is set to read-only.");
        return repository;
    }

    private static CloudWorkspace WorkspaceOf(CloudCall call, bool write)
    {
        var workspace = call.VisibleWorkspace();
        if (!CloudAccess.ManagesWebhooks(call.World, call.Caller, workspace)) throw CloudErrors.NoAdmin("workspace");
        if (write && workspace.ReadOnly) throw CloudErrors.Forbidden("This workspace is set to read-only.");
        return workspace;
    }

    /// <summary>The uuid has its braces, in an address too.</summary>
    private static CloudWebhook Find(CloudCall call, CloudWebhookOwner owner)
    {
        var uid = call.Route("uid");
        var found = Guid.TryParseExact(uid, "B", out var uuid) ? call.World.FindWebhook(uuid) : null;
        return found?.Owner == owner ? found : throw CloudErrors.NoSuchWebhook(uid);
    }

    private static CloudWebhook Changeable(CloudWebhook hook) => hook.ReadOnly ? throw CloudErrors.Forbidden("This webhook is read-only.") : hook;

    private static Answer Create(CloudCall call, CloudWebhookOwner owner)
    {
        var input = CloudWebhookInput.Read(call.Json(), call.World.Quirks, owner is CloudWorkspace);
        RequireEventScopes(call, input);
        if (owner.Webhooks.Count >= call.World.Quirks.WebhookLimit)
            throw CloudErrors.BadRequest($"The maximum number of webhooks ({call.World.Quirks.WebhookLimit}) has been reached.");
        return new Answer(201, call.Shapes.Webhook(call.World.AddWebhook(owner, input.ReplaceIn)));
    }

    private static Answer Replace(CloudCall call, CloudWebhook hook)
    {
        var input = CloudWebhookInput.Read(call.Json(), call.World.Quirks, hook.Owner is CloudWorkspace);
        RequireEventScopes(call, input);
        input.ReplaceIn(hook);
        return Answer.Ok(call.Shapes.Webhook(hook));
    }

    private static Answer Delete(CloudCall call, CloudWebhook hook)
    {
        call.World.RemoveWebhook(hook);
        return new Answer(204);
    }

    /// <summary>Whoever subscribes to events must be allowed to read what they tell.</summary>
    private static void RequireEventScopes(CloudCall call, CloudWebhookInput input)
    {
        var apiToken = call.Caller.Kind == CredentialKind.ApiToken;
        if (apiToken && !call.World.Quirks.EventScopesForApiTokens) return;
        var needed = input.Events.Select(e => CloudEvents.Subject(e, apiToken)).Distinct(StringComparer.Ordinal);
        call.RequireScopes([.. Write.For(call.Caller.Kind!.Value), .. needed]);
    }
}
