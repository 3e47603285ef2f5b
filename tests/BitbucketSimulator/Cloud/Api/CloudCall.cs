using System.Text.Json.Nodes;
using BitbucketOperator.BitbucketSimulator.DataCenter;
using BitbucketOperator.BitbucketSimulator.Serving;
using BitbucketOperator.BitbucketSimulator.State;

namespace BitbucketOperator.BitbucketSimulator.Cloud.Api;

/// <summary>One authenticated request as a handler sees it. Its scopes were checked already.</summary>
internal sealed class CloudCall(HttpContext http, CloudBackend backend, CloudCaller caller, string body) : RequestCall(http, body)
{
    public CloudBackend Backend => backend;

    public CloudWorld World => backend.World;

    public CloudCaller Caller => caller;

    public CloudShapes Shapes => field ??= new CloudShapes(backend.World, backend.LinksBase, caller);

    /// <summary>The body as an object; 400, not always with words, when it is anything else.</summary>
    public JsonObject Json()
    {
        var json = Parse(out var error);
        if (error is not null) throw CloudErrors.Unreadable();
        return json as JsonObject ?? throw CloudErrors.BadRequest("A JSON object is expected.");
    }

    /// <summary>Ends the call with 403 when the caller has not got all of these scopes.</summary>
    public void RequireScopes(IReadOnlyList<string> required)
    {
        if (caller.Token is { } token && !caller.Has(required)) throw CloudErrors.MissingScopes(required, token.Scopes);
    }

    /// <summary>The workspace in the address, by slug or uuid: 404 when there is none.</summary>
    public CloudWorkspace AnyWorkspace()
    {
        var segment = Route("workspace");
        var found = Guid.TryParseExact(segment, "B", out var uuid) ? World.FindWorkspace(uuid) : World.FindWorkspace(segment);
        return found ?? throw CloudErrors.NoSuchWorkspace(segment);
    }

    /// <summary>As <see cref="AnyWorkspace"/>; 404 as well when it is hidden from the caller.</summary>
    public CloudWorkspace VisibleWorkspace()
    {
        var workspace = AnyWorkspace();
        if (!CloudAccess.CanSee(caller, workspace)) throw CloudErrors.NoSuchWorkspace(Route("workspace"));
        return PassGate(workspace);
    }

    /// <summary>The repository in the address, by slug or uuid: 404 when there is none or it is hidden from the caller.</summary>
    public CloudRepository VisibleRepository()
    {
        var repository = AnyRepository();
        if (CloudAccess.On(World, caller, repository) == Level.None) throw CloudErrors.HiddenRepository(World.Quirks.HiddenStatus);
        PassGate(repository.Workspace);
        return repository;
    }

    public static CloudWorkspace PassGate(CloudWorkspace workspace) => workspace.Gate switch
    {
        WorkspaceGate.AllowList => throw CloudErrors.Forbidden("To access this repository, an admin must whitelist your IP."),
        WorkspaceGate.TwoStep => throw CloudErrors.Forbidden("To access this repository, enable two-step authentication."),
        _ => workspace,
    };

    /// <summary>A uuid is enough whatever the workspace in front of it, and outlives renames and moves.</summary>
    private CloudRepository AnyRepository()
    {
        var segment = Route("slug");
        if (Guid.TryParseExact(segment, "B", out var uuid)) return World.FindRepository(uuid) ?? throw CloudErrors.HiddenRepository(404);
        var path = $"{AnyWorkspace().Slug}/{segment}";
        if (World.FindRepository(path) is { } repository) return repository;
        if (World.Quirks.Moved == MovedAnswer.NotFound || World.FormerRepository(path) is not { } former) throw CloudErrors.HiddenRepository(404);
        if (World.Quirks.Moved == MovedAnswer.Serve) return former;
        var moved = Request.Path.Value!.Replace($"/{Route("workspace")}/{segment}", $"/{former.FullName}", StringComparison.OrdinalIgnoreCase);
        throw new ApiException(Answer.Redirect(301, $"{backend.LinksBase}{moved}{Request.QueryString}"));
    }
}
