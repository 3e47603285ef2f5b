using BitbucketOperator.BitbucketSimulator.State;

namespace BitbucketOperator.BitbucketSimulator.Control;

/// <summary>Webhooks from the back: what another client or a person in the web interface would have done.</summary>
internal static class ControlOfWebhooks
{
    public static void Map(WebApplication app, Backend backend)
    {
        app.MapGet("/webhooks", (string? owner) => ControlApplication.Locked(backend, w =>
            w.Webhooks.Where(h => owner is null || string.Equals(h.Owner.Path, owner, StringComparison.OrdinalIgnoreCase))
                .Select(StateView.Webhook).ToArray()));
        app.MapPost("/webhooks/{key}", (string key, SeedWebhook input) => ControlApplication.Locked(backend, w => Add(w, w.ProjectAt(key), input)));
        app.MapPost("/webhooks/{key}/{slug}", (string key, string slug, SeedWebhook input) => ControlApplication.Locked(backend, w =>
            Add(w, w.RepositoryAt($"{key}/{slug}"), input)));
        app.MapMethods("/webhooks/{id:int}", ["PATCH"], (int id, WebhookPatch patch) => ControlApplication.Locked(backend, w =>
            w.FindWebhook(id) is { } hook ? Results.Json(StateView.Webhook(Change(hook, patch, backend.Clock))) : Results.NotFound()));
        app.MapDelete("/webhooks/{id:int}", (int id) => ControlApplication.Locked(backend, w =>
        {
            if (w.FindWebhook(id) is not { } hook) return Results.NotFound();
            w.RemoveWebhook(hook);
            return Results.NoContent();
        }));
    }

    private static IResult Add(World world, WebhookOwner owner, SeedWebhook input) =>
        Results.Json(StateView.Webhook(world.AddWebhook(owner, input.FillIn)), statusCode: 201);

    private static Webhook Change(Webhook hook, WebhookPatch patch, TimeProvider clock)
    {
        (hook.Name, hook.Url, hook.Active) = (patch.Name ?? hook.Name, patch.Url ?? hook.Url, patch.Active ?? hook.Active);
        hook.SslVerificationRequired = patch.SslVerificationRequired ?? hook.SslVerificationRequired;
        if (patch.Events is not null) hook.Events = new(patch.Events, StringComparer.Ordinal);
        if (patch.Configuration is not null) hook.Configuration = new(patch.Configuration, StringComparer.Ordinal);
        if (patch.Secret is not null) hook.Configuration["secret"] = patch.Secret;
        hook.UpdatedDate = clock.GetUtcNow();
        return hook;
    }

    private sealed record WebhookPatch(
        string? Name = null,
        string? Url = null,
        bool? Active = null,
        List<string>? Events = null,
        Dictionary<string, string>? Configuration = null,
        string? Secret = null,
        bool? SslVerificationRequired = null);
}
