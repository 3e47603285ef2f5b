using BitbucketOperator.BitbucketSimulator.Serving;
using BitbucketOperator.BitbucketSimulator.State;

namespace BitbucketOperator.BitbucketSimulator.Control;

/// <summary>State as the control side shows it. A test tool hides nothing: secrets and token values are in it.</summary>
internal static class StateView
{
    public static object Of(World w) => new
    {
        server = Server(w),
        users = w.Users.Select(User).ToArray(),
        projects = w.Projects.Select(Project).ToArray(),
        repositories = w.Repositories.Select(Repository).ToArray(),
        webhooks = w.Webhooks.Select(Webhook).ToArray(),
        tokens = w.Tokens.Select(Token).ToArray(),
    };

    public static object Summary(World w) => new
    {
        users = w.Users.Count(),
        projects = w.Projects.Count(),
        repositories = w.Repositories.Count,
        webhooks = w.Webhooks.Count(),
        tokens = w.Tokens.Count(),
    };

    public static object Server(World w) => new
    {
        version = w.Version.ToString(),
        status = w.Status,
        publicAccess = w.PublicAccess,
        quirks = w.Quirks,
        rateLimit = w.RateLimit,
    };

    public static object User(User u) =>
        new { u.Id, u.Name, u.Slug, u.DisplayName, u.Email, u.Active, u.Global, u.FailedLogins, u.ProjectGrants, u.RepositoryGrants };

    public static object Project(Project p) => new { p.Id, p.Key, p.Name, p.Public, p.Personal, p.DefaultLevel, p.RestrictsRepositoryAdmins };

    public static object Repository(Repository r) =>
        new { r.Id, project = r.Project.Key, r.Slug, r.Name, r.State, r.Archived, r.Public, forkOf = r.Origin?.Path, webhooks = r.Webhooks.Count };

    public static object Webhook(Webhook w) => new
    {
        w.Id,
        owner = w.Owner.Path,
        w.Name,
        w.Url,
        w.Active,
        w.Events,
        w.Configuration,
        w.SslVerificationRequired,
        w.Username,
        w.CreatedDate,
        w.UpdatedDate,
        w.ConsecutiveFailures,
        w.SkippedUntil,
        w.Invocations,
    };

    public static object Token(Token t) => new
    {
        t.Id,
        t.Name,
        token = t.Secret,
        user = t.User?.Name,
        project = t.Project?.Key,
        repository = t.Repository?.Path,
        permissions = t.Permissions.Select(p => p.ToString()).Order(StringComparer.Ordinal).ToArray(),
        expires = t.ExpiresAt,
        t.Revoked,
    };
}
