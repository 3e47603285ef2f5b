using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using BitbucketOperator.BitbucketSimulator.State;

namespace BitbucketOperator.BitbucketSimulator.DataCenter;

/// <summary>One authenticated request as a handler sees it.</summary>
internal sealed class Call(HttpContext http, Backend backend, Caller caller, string body)
{
    public Backend Backend => backend;

    public World World => backend.World;

    public Caller Caller => caller;

    public HttpRequest Request => http.Request;

    public Shapes Shapes => field ??= new Shapes(backend.World, backend.LinksBase);

    public string Route(string name) => (string)http.Request.RouteValues[name]!;

    public string? Query(string name) => http.Request.Query[name].FirstOrDefault();

    public IReadOnlyList<string> QueryAll(string name) => [.. http.Request.Query[name].OfType<string>()];

    public bool Flag(string name) => string.Equals(Query(name), "true", StringComparison.OrdinalIgnoreCase);

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
        try
        {
            return JsonNode.Parse(body) as JsonObject ?? throw Errors.BadRequest("A JSON object is expected.");
        }
        catch (JsonException)
        {
            throw Errors.BadRequest("The request body is not valid JSON.");
        }
    }

    /// <summary>The body as an object, or null when there is none.</summary>
    public JsonObject? OptionalJson() => string.IsNullOrWhiteSpace(body) ? null : Json();

    public void RequireLogin()
    {
        if (caller.IsAnonymous) throw Errors.NotPermitted();
    }

    /// <summary>The project in the address: 404 when there is none, 401 when it is hidden from the caller.</summary>
    public Project VisibleProject()
    {
        var project = AnyProject();
        return Access.CanView(World, caller, project) ? project : throw Errors.NotPermitted();
    }

    /// <summary>As <see cref="VisibleProject"/>, and the caller must be its admin.</summary>
    public Project AdministeredProject()
    {
        var project = AnyProject();
        return Access.Granted(caller, project) >= Level.Admin ? project : throw Errors.NotPermitted();
    }

    /// <summary>The repository in the address: 404 when there is none, 401 when it is hidden from the caller.</summary>
    public Repository VisibleRepository()
    {
        var repository = AnyRepository();
        return Access.CanRead(World, caller, repository) ? repository : throw Errors.NotPermitted();
    }

    /// <summary>As <see cref="VisibleRepository"/>, and the caller must be its admin.</summary>
    public Repository AdministeredRepository()
    {
        var repository = AnyRepository();
        return Access.Granted(caller, repository) >= Level.Admin ? repository : throw Errors.NotPermitted();
    }

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
        var path = (http.Request.PathBase + http.Request.Path).Value!;
        var moved = path.Replace(from, to, StringComparison.OrdinalIgnoreCase);
        return new(Answer.Redirect(301, $"{backend.Origin}{moved}{http.Request.QueryString}"));
    }
}
