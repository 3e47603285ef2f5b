using System.Globalization;
using System.Text.Json.Nodes;
using BitbucketOperator.BitbucketSimulator.Serving;
using BitbucketOperator.BitbucketSimulator.State;

namespace BitbucketOperator.BitbucketSimulator.Cloud.Api;

/// <summary>Entities as JSON. Clone links carry the caller's own name.</summary>
internal sealed class CloudShapes(CloudWorld world, string linksBase, CloudCaller caller)
{
    private const string Web = "https://bitbucket.org";

    private string Api => linksBase + "/2.0";

    public JsonNode Repository(CloudRepository r) => new JsonObject
    {
        ["type"] = "repository",
        ["uuid"] = r.Id,
        ["full_name"] = r.FullName,
        ["slug"] = r.Slug,
        ["name"] = r.Name,
        ["description"] = r.Description,
        ["is_private"] = r.Private,
        ["scm"] = "git",
        ["website"] = null,
        ["language"] = r.Language,
        ["size"] = r.MainBranch is null ? 0 : 68_412,
        ["fork_policy"] = "allow_forks",
        ["created_on"] = Time(r.CreatedOn),
        ["updated_on"] = Time(r.UpdatedOn),
        ["mainbranch"] = r.MainBranch is null ? null : new JsonObject { ["type"] = "branch", ["name"] = r.MainBranch },
        ["parent"] = r.Parent is null ? null : RepositoryReference(r.Parent),
        ["owner"] = Owner(r.Workspace),
        ["workspace"] = world.Quirks.NullWorkspace ? null : WorkspaceReference(r.Workspace),
        ["project"] = world.Quirks.NullProject ? null : ProjectReference(r.Project),
        ["override_settings"] = new JsonObject { ["default_merge_strategy"] = false, ["branching_model"] = false },
        ["enforced_signed_commits"] = null,
        ["links"] = RepositoryLinks(r),
    };

    public JsonNode Workspace(CloudWorkspace w)
    {
        var json = WorkspaceReference(w);
        json["is_private"] = w.Private;
        json["is_privacy_enforced"] = false;
        json["forking_mode"] = "allow_forks";
        json["created_on"] = "2018-11-14T19:15:05.058566+00:00";
        json["links"]!["hooks"] = Href($"{Api}/workspaces/{w.Slug}/hooks");
        json["links"]!["projects"] = Href($"{Api}/workspaces/{w.Slug}/projects");
        json["links"]!["repositories"] = Href($"{Api}/repositories/{w.Slug}");
        return json;
    }

    /// <summary>A workspace as /user/workspaces has it: below another object, and without a name.</summary>
    public JsonNode WorkspaceAccess(CloudWorkspace w, WorkspaceRole role)
    {
        var inner = WorkspaceReference(w);
        inner["type"] = "workspace_base";
        inner.Remove("name");
        return new JsonObject { ["type"] = "workspace_access", ["administrator"] = role == WorkspaceRole.Owner, ["workspace"] = inner };
    }

    public JsonNode WorkspacePermission(CloudWorkspace w, WorkspaceRole role) => new JsonObject
    {
        ["type"] = "workspace_membership",
        ["permission"] = RoleName(role),
        ["workspace"] = WorkspaceReference(w),
    };

    public JsonNode RepositoryPermission(CloudRepository r, string permission) => new JsonObject
    {
        ["type"] = "repository_permission",
        ["permission"] = permission,
        ["repository"] = RepositoryReference(r),
    };

    public JsonNode Project(CloudProject p)
    {
        var json = ProjectReference(p);
        json["description"] = "";
        json["is_private"] = p.Private;
        json["created_on"] = Time(p.CreatedOn);
        json["updated_on"] = Time(p.CreatedOn);
        json["owner"] = Owner(p.Workspace);
        json["workspace"] = WorkspaceReference(p.Workspace);
        return json;
    }

    /// <summary>The caller itself: a user, or the app user of a consumer.</summary>
    public JsonNode Self()
    {
        if (caller.User is { } user) return User(user);
        var consumer = caller.Token!.Consumer!;
        return new JsonObject
        {
            ["type"] = "app_user",
            ["uuid"] = consumer.Uuid.ToString("B"),
            ["display_name"] = consumer.ClientId,
            ["account_id"] = $"712020:{consumer.Uuid:D}",
            ["account_status"] = "active",
            ["kind"] = "app",
            ["links"] = new JsonObject { ["self"] = Href($"{Api}/users/{Escaped(consumer.Uuid)}") },
        };
    }

    public JsonNode Email() => new JsonObject
    {
        ["type"] = "email",
        ["email"] = caller.User!.Email,
        ["is_primary"] = true,
        ["is_confirmed"] = true,
        ["links"] = new JsonObject { ["self"] = Href($"{Api}/user/emails/{Uri.EscapeDataString(caller.User.Email)}") },
    };

    public JsonNode PullRequest(CloudRepository r, CloudPullRequest p) => new JsonObject
    {
        ["type"] = "pullrequest",
        ["id"] = p.Id,
        ["title"] = p.Title,
        ["state"] = p.State,
        ["destination"] = new JsonObject { ["repository"] = RepositoryReference(r), ["branch"] = new JsonObject { ["name"] = r.MainBranch } },
        ["links"] = new JsonObject { ["self"] = Href(string.Create(CultureInfo.InvariantCulture, $"{Api}/repositories/{r.FullName}/pullrequests/{p.Id}")) },
    };

    public JsonNode Webhook(CloudWebhook w) => new JsonObject
    {
        ["type"] = "webhook_subscription",
        ["uuid"] = w.Id,
        ["description"] = w.Description,
        ["url"] = w.Url,
        ["active"] = w.Active,
        ["skip_cert_verification"] = w.SkipCertVerification,
        ["events"] = new JsonArray([.. EventOrder.OfServer(w.Events).Select(e => JsonValue.Create(e))]),
        ["created_at"] = NanosecondTime(w),
        ["subject"] = Subject(w.Owner),
        ["links"] = new JsonObject { ["self"] = Href($"{Api}/{HookHome(w.Owner)}/hooks/{Escaped(w.Uuid)}") },
        ["source"] = null,
        ["read_only"] = w.ReadOnly,
        ["history_enabled"] = false,
        ["secret_set"] = w.Secret is not null,
    };

    public static string RoleName(WorkspaceRole role) => role switch
    {
        WorkspaceRole.CreateProject => "create-project",
        _ => role.ToString().ToLowerInvariant(),
    };

    public JsonObject RepositoryReference(CloudRepository r) => new()
    {
        ["type"] = "repository",
        ["full_name"] = r.FullName,
        ["name"] = r.Name,
        ["uuid"] = r.Id,
        ["links"] = new JsonObject { ["self"] = Href($"{Api}/repositories/{r.FullName}"), ["html"] = Href($"{Web}/{r.FullName}") },
    };

    public JsonObject User(CloudUser u) => new()
    {
        ["type"] = "user",
        ["uuid"] = u.Uuid.ToString("B"),
        ["display_name"] = u.DisplayName,
        ["nickname"] = u.Name,
        ["account_id"] = u.AccountId,
        ["account_status"] = u.Active ? "active" : "inactive",
        ["links"] = new JsonObject { ["self"] = Href($"{Api}/users/{Escaped(u.Uuid)}") },
    };

    public JsonObject WorkspaceReference(CloudWorkspace w) => new()
    {
        ["type"] = "workspace",
        ["slug"] = w.Slug,
        ["uuid"] = w.Id,
        ["name"] = w.Name,
        ["links"] = new JsonObject
        {
            ["self"] = Href($"{Api}/workspaces/{w.Slug}"),
            ["html"] = Href($"{Web}/{w.Slug}/"),
            ["avatar"] = Href($"{Web}/workspaces/{w.Slug}/avatar/"),
        },
    };

    public JsonObject ProjectReference(CloudProject p) => new()
    {
        ["type"] = "project",
        ["key"] = p.Key,
        ["uuid"] = p.Id,
        ["name"] = p.Name,
        ["links"] = new JsonObject { ["self"] = Href($"{Api}/workspaces/{p.Workspace.Slug}/projects/{p.Key}") },
    };

    private JsonObject Owner(CloudWorkspace w) => new()
    {
        ["type"] = "team",
        ["uuid"] = w.Id,
        ["display_name"] = w.Name,
        ["links"] = new JsonObject { ["self"] = Href($"{Api}/workspaces/{w.Slug}") },
    };

    private JsonObject RepositoryLinks(CloudRepository r)
    {
        var self = $"{Api}/repositories/{r.FullName}";
        var user = caller.GitUser is { } name ? name + "@" : "";
        return new JsonObject
        {
            ["self"] = Href(self),
            ["html"] = Href($"{Web}/{r.FullName}"),
            ["hooks"] = Href($"{self}/hooks"),
            ["pullrequests"] = Href($"{self}/pullrequests"),
            ["clone"] = new JsonArray(
                new JsonObject { ["name"] = "https", ["href"] = $"https://{user}bitbucket.org/{r.FullName}.git" },
                new JsonObject { ["name"] = "ssh", ["href"] = $"git@bitbucket.org:{r.FullName}.git" }),
        };
    }

    private JsonObject Subject(CloudWebhookOwner owner)
    {
        if (owner is CloudRepository r) return RepositoryReference(r);
        var subject = WorkspaceReference((CloudWorkspace)owner);
        subject["type"] = world.Quirks.WorkspaceSubjectType;
        return subject;
    }

    private static string HookHome(CloudWebhookOwner owner) => owner is CloudRepository ? $"repositories/{owner.Path}" : $"workspaces/{owner.Path}";

    private static JsonObject Href(string href) => new() { ["href"] = href };

    private static string Escaped(Guid uuid) => $"%7B{uuid:D}%7D";

    private static string Time(DateTimeOffset time) => time.ToUniversalTime().ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff", CultureInfo.InvariantCulture) + "+00:00";

    /// <summary>Webhooks come from another service, which counts in nanoseconds.</summary>
    private static string NanosecondTime(CloudWebhook w)
    {
        var time = w.CreatedAt.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fffffff", CultureInfo.InvariantCulture);
        return string.Create(CultureInfo.InvariantCulture, $"{time}{w.Number % 100:D2}Z");
    }
}
