using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using BitbucketOperator.BitbucketSimulator.Serving;
using BitbucketOperator.BitbucketSimulator.State;

namespace BitbucketOperator.BitbucketSimulator.DataCenter;

/// <summary>Entities as JSON, with the fields that the selected version knows.</summary>
internal sealed class Shapes(World world, string linksBase)
{
    public JsonNode Repository(Repository r)
    {
        var json = new JsonObject
        {
            ["slug"] = r.Slug,
            ["id"] = r.Id,
            ["name"] = r.Name,
            ["hierarchyId"] = HierarchyId(r),
            ["scmId"] = "git",
            ["state"] = r.State,
            ["statusMessage"] = StatusMessage(r.State),
            ["forkable"] = true,
            ["project"] = Project(r.Project),
            ["public"] = r.Public,
        };
        if (r.Description is not null) json["description"] = r.Description;
        if (world.Version.KnowsArchived()) json["archived"] = r.Archived;
        if (r.Origin is not null) json["origin"] = Origin(r.Origin);
        json["links"] = Links(r);
        return json;
    }

    public JsonNode Project(Project p)
    {
        var json = new JsonObject { ["key"] = p.Key, ["id"] = p.Id, ["name"] = p.Name };
        if (p.Description is not null) json["description"] = p.Description;
        json["public"] = p.Public;
        json["type"] = p.Personal ? "PERSONAL" : "NORMAL";
        if (p.Owner is not null) json["owner"] = User(p.Owner);
        var path = p.Owner is null ? $"projects/{p.Key}" : $"users/{p.Owner.Slug}";
        json["links"] = new JsonObject { ["self"] = Hrefs($"{linksBase}/{path}") };
        return json;
    }

    public JsonNode User(User u) => new JsonObject
    {
        ["name"] = u.Name,
        ["emailAddress"] = u.Email,
        ["active"] = u.Active,
        ["displayName"] = u.DisplayName,
        ["id"] = u.Id,
        ["slug"] = u.Slug,
        ["type"] = "NORMAL",
        ["links"] = new JsonObject { ["self"] = Hrefs($"{linksBase}/users/{u.Slug}") },
    };

    public JsonNode Webhook(Webhook w, bool statistics)
    {
        var json = new JsonObject
        {
            ["id"] = w.Id,
            ["name"] = w.Name,
            ["createdDate"] = w.CreatedDate.ToUnixTimeMilliseconds(),
            ["updatedDate"] = w.UpdatedDate.ToUnixTimeMilliseconds(),
            ["events"] = new JsonArray([.. EventOrder.OfServer(w.Events).Select(e => JsonValue.Create(e))]),
            ["configuration"] = Configuration(w),
            ["url"] = w.Url,
            ["active"] = w.Active,
        };
        if (world.Quirks.OmitEmptyConfiguration && w.Configuration.Count == 0) json.Remove("configuration");
        if (world.Version.KnowsProjectWebhooks())
        {
            json["scopeType"] = w.Owner is State.Project ? "project" : "repository";
            if (w.Username is not null) json["credentials"] = new JsonObject { ["username"] = w.Username };
        }

        if (world.Version.KnowsSslVerification()) json["sslVerificationRequired"] = w.SslVerificationRequired;
        if (statistics) json["statistics"] = Statistics(w.Invocations);
        return json;
    }

    public static JsonNode Invocation(Invocation i) => new JsonObject
    {
        ["id"] = i.Id,
        ["event"] = i.Event,
        ["duration"] = (long)(i.Finish - i.Start).TotalMilliseconds,
        ["start"] = i.Start.ToUnixTimeMilliseconds(),
        ["finish"] = i.Finish.ToUnixTimeMilliseconds(),
        ["request"] = new JsonObject { ["url"] = i.Url, ["method"] = "POST" },
        ["result"] = new JsonObject { ["description"] = i.Description, ["outcome"] = NameOf(i.Outcome) },
    };

    public static JsonObject Statistics(IReadOnlyCollection<Invocation> all)
    {
        int Count(Outcome outcome) => all.Count(i => i.Outcome == outcome);
        var json = new JsonObject();
        foreach (var outcome in Enum.GetValues<Outcome>())
        {
            if (all.LastOrDefault(i => i.Outcome == outcome) is { } last) json[$"last{outcome}"] = Invocation(last);
        }

        var start = all.Select(i => i.Start).DefaultIfEmpty().First();
        json["counts"] = new JsonObject
        {
            ["errors"] = Count(Outcome.Error),
            ["failures"] = Count(Outcome.Failure),
            ["successes"] = Count(Outcome.Success),
            ["window"] = new JsonObject { ["start"] = start == default ? 0 : start.ToUnixTimeMilliseconds(), ["duration"] = 86_400_000L },
        };
        return json;
    }

    public static string NameOf(Outcome outcome) => outcome.ToString().ToUpperInvariant();

    private JsonObject Configuration(Webhook w)
    {
        var json = new JsonObject();
        foreach (var (key, value) in w.Configuration) json[key] = key == "secret" && world.Quirks.MaskSecrets ? "********" : value;
        return json;
    }

    private JsonObject Origin(Repository origin) => new()
    {
        ["slug"] = origin.Slug,
        ["id"] = origin.Id,
        ["name"] = origin.Name,
        ["project"] = Project(origin.Project),
    };

    private JsonObject Links(Repository r)
    {
        var authority = new Uri(linksBase).Host;
        var home = r.Project.Owner is null ? $"projects/{r.Project.Key}" : $"users/{r.Project.Owner.Slug}";
        var scm = $"{r.Project.Key.ToLower(CultureInfo.InvariantCulture)}/{r.Slug}.git";
        return new JsonObject
        {
            ["clone"] = new JsonArray(
                new JsonObject { ["href"] = $"{linksBase}/scm/{scm}", ["name"] = "http" },
                new JsonObject { ["href"] = $"ssh://git@{authority}:7999/{scm}", ["name"] = "ssh" }),
            ["self"] = Hrefs($"{linksBase}/{home}/repos/{r.Slug}/browse"),
        };
    }

    private static JsonArray Hrefs(string href) => new(new JsonObject { ["href"] = href });

    private static string HierarchyId(Repository r)
    {
        var root = r;
        while (root.Origin is not null) root = root.Origin;
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes($"hierarchy {root.Id}")))[..20];
    }

    private static string StatusMessage(string state) => state switch
    {
        "AVAILABLE" => "Available",
        "INITIALISING" => "Initialising",
        "OFFLINE" => "Offline",
        _ => "Initialisation failed",
    };
}
