using System.Globalization;
using System.Text.Json.Nodes;
using BitbucketOperator.BitbucketSimulator.Serving;
using BitbucketOperator.BitbucketSimulator.State;

namespace BitbucketOperator.BitbucketSimulator.DataCenter;

/// <summary>One authenticated request as a handler sees it.</summary>
internal sealed class Call(HttpContext http, Backend backend, Caller caller, string body) : RequestCall(http, body)
{
    public Backend Backend => backend;

    public World World => backend.World;

    public Caller Caller => caller;

    public Shapes Shapes => field ??= new Shapes(backend.World, backend.LinksBase);

    public int Number(string name, int fallback)
    {
        if (Query(name) is not { Length: > 0 } text) return fallback;
        return int.TryParse(text, NumberStyles.Integer, CultureInfo.InvariantCulture, out var number) && number >= 0
            ? number
            : throw Errors.BadRequest($"\"{text}\" is not a valid value for {name}", name);
    }

    /// <summary>The body as an object; 400 when it is anything else.</summary>
    public JsonObject Json()
    {
        var json = Parse(out var error);
        if (error is not null) throw Errors.BadRequest("The request body is not valid JSON.");
        return json as JsonObject ?? throw Errors.BadRequest("A JSON object is expected.");
    }

    /// <summary>The body as an object, or null when there is none.</summary>
    public JsonObject? OptionalJson() => HasBody ? Json() : null;

    public void RequireLogin()
    {
        if (caller.IsAnonymous) throw Errors.NoLogin(World.Version);
    }

    /// <summary>From version 10 on, nobody lists anything without login where there is no public access.</summary>
    public void RequireLoginToList()
    {
        if (World.Version.IsPlatform10() && !World.PublicAccess) RequireLogin();
    }

    /// <summary>The project in the address: 404 when there is none, 401 when it is hidden from the caller.</summary>
    public Project VisibleProject()
    {
        var project = AnyProject();
        return Access.CanView(World, caller, project) ? project : throw Denied();
    }

    /// <summary>As <see cref="VisibleProject"/>, and the caller must be its admin.</summary>
    public Project AdministeredProject()
    {
        var project = AnyProject();
        return Access.Granted(caller, project) >= Level.Admin ? project : throw Denied();
    }

    /// <summary>The repository in the address: 404 when there is none, 401 when it is hidden from the caller.</summary>
    public Repository VisibleRepository()
    {
        var repository = AnyRepository();
        return Access.CanRead(World, caller, repository) ? repository : throw Denied();
    }

    /// <summary>As <see cref="VisibleRepository"/>, and the caller must be its admin.</summary>
    public Repository AdministeredRepository()
    {
        var repository = AnyRepository();
        return Access.Granted(caller, repository) >= Level.Admin ? repository : throw Denied();
    }

    private ApiException Denied() => caller.IsAnonymous ? Errors.NoLogin(World.Version) : Errors.NotPermitted();

    private Project AnyProject()
    {
        var key = Route("key");
        if (World.FindProject(key) is { } project) return project;
        if (World.Quirks.Moved == MovedAnswer.NotFound || World.FormerProject(key) is not { } former) throw Errors.NoSuchProject(key);
        return World.Quirks.Moved == MovedAnswer.Serve ? former : throw RedirectTo($"projects/{key}", $"projects/{former.Key}");
    }

    private Repository AnyRepository()
    {
        var (key, slug) = (Route("key"), Route("slug"));
        if (World.FindRepository(key, slug) is { } repository) return repository;
        if (World.Quirks.Moved != MovedAnswer.NotFound && World.FormerRepository(key, slug) is { } former)
        {
            if (World.Quirks.Moved == MovedAnswer.Serve) return former;
            throw RedirectTo($"projects/{key}/repos/{slug}", $"projects/{former.Project.Key}/repos/{former.Slug}");
        }

        var project = AnyProject();
        return World.FindRepository(project.Key, slug) ?? throw Errors.NoSuchRepository(key, slug);
    }

    private ApiException RedirectTo(string from, string to)
    {
        var path = (Request.PathBase + Request.Path).Value!;
        var moved = path.Replace(from, to, StringComparison.OrdinalIgnoreCase);
        return new(Answer.Redirect(307, $"{backend.Origin}{moved}{Request.QueryString}"));
    }
}
