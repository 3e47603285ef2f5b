using BitbucketOperator.BitbucketSimulator.Serving;
using BitbucketOperator.BitbucketSimulator.State;

namespace BitbucketOperator.BitbucketSimulator.Cloud.Control;

/// <summary>State as the control side shows it. A test tool hides nothing: secrets and token values are in it.</summary>
internal static class CloudStateView
{
    public static object Of(CloudWorld w) => new
    {
        server = Server(w),
        workspaces = w.Workspaces.Select(Workspace).ToArray(),
        repositories = w.Repositories.Select(Repository).ToArray(),
        webhooks = w.Webhooks.Select(Webhook).ToArray(),
        users = w.Users.Select(User).ToArray(),
        tokens = w.Tokens.Select(Token).ToArray(),
        consumers = w.Consumers.Select(Consumer).ToArray(),
    };

    public static object Summary(CloudWorld w) => new
    {
        workspaces = w.Workspaces.Count(),
        repositories = w.Repositories.Count(),
        webhooks = w.Webhooks.Count,
        users = w.Users.Count(),
        tokens = w.Tokens.Count(),
        consumers = w.Consumers.Count(),
    };

    public static object Server(CloudWorld w) => new { quirks = w.Quirks, rateLimit = w.RateLimit };

    public static object Workspace(CloudWorkspace w) => new
    {
        uuid = w.Id,
        w.Slug,
        w.Name,
        w.Private,
        w.ReadOnly,
        w.Spam,
        w.Gate,
        projects = w.Projects.Select(p => p.Key).ToArray(),
        webhooks = w.Webhooks.Count,
    };

    public static object Repository(CloudRepository r) => new
    {
        uuid = r.Id,
        workspace = r.Workspace.Slug,
        project = r.Project.Key,
        r.Slug,
        r.Name,
        r.Private,
        r.MainBranch,
        forkOf = r.Parent?.FullName,
        webhooks = r.Webhooks.Count,
    };

    public static object Webhook(CloudWebhook w) => new
    {
        uuid = w.Id,
        owner = w.Owner.Path,
        w.Description,
        w.Url,
        w.Active,
        w.SkipCertVerification,
        w.Secret,
        w.Events,
        w.ReadOnly,
        w.CreatedAt,
    };

    public static object User(CloudUser u) => new
    {
        uuid = u.Uuid.ToString("B"),
        u.Name,
        u.Email,
        u.DisplayName,
        u.Active,
        roles = u.Roles.ToDictionary(r => r.Key.Slug, r => r.Value),
        workspaces = u.WorkspaceGrants.ToDictionary(g => g.Key.Slug, g => g.Value),
        repositories = u.RepositoryGrants.ToDictionary(g => g.Key.FullName, g => g.Value),
    };

    public static object Token(CloudToken t) => new
    {
        t.Name,
        token = t.Secret,
        t.Kind,
        user = t.User?.Name,
        owner = t.Owner?.Path,
        consumer = t.Consumer?.ClientId,
        t.Scopes,
        expires = t.ExpiresAt,
        t.Revoked,
    };

    public static object Consumer(CloudConsumer c) =>
        new { c.ClientId, c.Secret, workspace = c.Workspace.Slug, c.Scopes, @private = c.IsPrivate, c.Role, c.Permission };
}
