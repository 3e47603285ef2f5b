using BitbucketOperator.BitbucketSimulator.Cloud.Api;

namespace BitbucketOperator.BitbucketSimulator.Cloud.Control;

/// <summary>Webhooks from the back: what another client or a person in the web interface would have done.</summary>
internal static class CloudControlOfWebhooks
{
    public static void Map(WebApplication app, CloudBackend backend)
    {
        app.MapGet("/webhooks", (string? owner) => backend.Locked(w =>
            w.Webhooks.Where(h => owner is null || string.Equals(h.Owner.Path, owner, StringComparison.OrdinalIgnoreCase))
                .OrderBy(h => h.Number).Select(CloudStateView.Webhook).ToArray()));
        app.MapPost("/webhooks/{workspace}", (string workspace, SeedCloudWebhook input) => backend.Locked(w => Add(w, w.WorkspaceAt(workspace), input)));
        app.MapPost("/webhooks/{workspace}/{slug}", (string workspace, string slug, SeedCloudWebhook input) => backend.Locked(w =>
            Add(w, w.RepositoryAt($"{workspace}/{slug}"), input)));
        app.MapMethods("/webhooks/{uuid:guid}", ["PATCH"], (Guid uuid, WebhookPatch patch) => backend.Locked(w =>
            w.FindWebhook(uuid) is { } hook ? Results.Json(CloudStateView.Webhook(Change(hook, patch))) : Results.NotFound()));
        app.MapDelete("/webhooks/{uuid:guid}", (Guid uuid) => backend.Locked(w =>
        {
            if (w.FindWebhook(uuid) is not { } hook) return Results.NotFound();
            w.RemoveWebhook(hook);
            return Results.NoContent();
        }));
    }

    private static IResult Add(CloudWorld world, CloudWebhookOwner owner, SeedCloudWebhook input) =>
        Results.Json(CloudStateView.Webhook(world.AddWebhook(owner, input.FillIn)), statusCode: 201);

    /// <summary>An empty secret takes it away.</summary>
    private static CloudWebhook Change(CloudWebhook hook, WebhookPatch patch)
    {
        (hook.Description, hook.Url, hook.Active) = (patch.Description ?? hook.Description, patch.Url ?? hook.Url, patch.Active ?? hook.Active);
        (hook.SkipCertVerification, hook.ReadOnly) = (patch.SkipCertVerification ?? hook.SkipCertVerification, patch.ReadOnly ?? hook.ReadOnly);
        if (patch.Events is not null) hook.Events = new(patch.Events, StringComparer.Ordinal);
        if (patch.Secret is not null) hook.Secret = patch.Secret.Length == 0 ? null : patch.Secret;
        return hook;
    }

    private sealed record WebhookPatch(
        string? Description = null,
        string? Url = null,
        bool? Active = null,
        bool? SkipCertVerification = null,
        List<string>? Events = null,
        string? Secret = null,
        bool? ReadOnly = null);
}
