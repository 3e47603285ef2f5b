using BitbucketOperator.Core.Api;
using BitbucketOperator.Core.Api.V1Alpha1;

namespace BitbucketOperator.Core.Connection;

/// <summary>An entry of spec.webhooks, made ready to be written; or why it cannot be.</summary>
/// <param name="Name">Name of the entry.</param>
/// <param name="Url">Where deliveries go.</param>
/// <param name="Definition">How the webhook must be, or the fault in what was asked. A webhook with a fault is left as it is.</param>
public sealed record DesiredWebhook(string Name, string Url, Outcome<WebhookDefinition> Definition)
{
    private const int CloudSecretLimit = 128;

    /// <summary>Where it is to live.</summary>
    public WebhookLevel Level { get; init; }

    /// <summary>Name of the Secret that the operator made for the entry; null where there is none.</summary>
    public string? GeneratedSecret { get; init; }

    /// <summary>Derives it from the entry and the secret that the entry's Secret yielded (a value of null: none is asked for).</summary>
    public static DesiredWebhook Of(
        WebhookSpec spec, Outcome<SecretText?> secret, WebhookOwner owner, bool allowHttp, Hosting hosting) =>
        new(spec.Name, spec.Url, (Flaw(spec, allowHttp, hosting) ?? SecretFlaw(spec, secret, hosting)) is { } fault
            ? fault
            : Define(spec, secret.Value, owner, hosting)) { Level = spec.Level };

    /// <summary>The same with the secret of a Secret that the operator makes.</summary>
    /// <param name="spec">The entry.</param>
    /// <param name="secret">The Secret, or why it could not be made.</param>
    /// <param name="owner">Whose the webhook is.</param>
    /// <param name="allowHttp">Plain http is accepted.</param>
    /// <param name="hosting">The flavour.</param>
    public static DesiredWebhook Of(WebhookSpec spec, Outcome<ReferencedData> secret, WebhookOwner owner, bool allowHttp, Hosting hosting)
    {
        var value = secret.Value is { } data ? SecretReader.ReadGeneratedSecret(spec.Name, data) : secret.Fault!;
        return Of(spec, value, owner, allowHttp, hosting) with { GeneratedSecret = secret.Value?.Name };
    }

    private static Fault? Flaw(WebhookSpec spec, bool allowHttp, Hosting hosting) =>
        !allowHttp && spec.Url.StartsWith("http:", StringComparison.OrdinalIgnoreCase)
            ? Fault.Terminal(
                Reasons.WebhookUrlInsecure,
                $"spec.webhooks[{spec.Name}].url is http: deliveries would travel unencrypted. Use https, or start the operator with --allow-http")
            : WebhookEvents.Refusal(spec, hosting);

    private static Fault? SecretFlaw(WebhookSpec spec, Outcome<SecretText?> secret, Hosting hosting) =>
        hosting == Hosting.Cloud && secret.Value?.Reveal().Length > CloudSecretLimit
            ? Fault.Waiting(
                Reasons.WebhookSecretInvalid,
                $"spec.webhooks[{spec.Name}].{(spec.SecretRef is null ? "generateSecret" : "secretRef")}: the secret is longer than the {CloudSecretLimit} characters that Bitbucket Cloud takes; write a shorter one into {KeyOf(spec)}")
            : secret.Fault;

    private static string KeyOf(WebhookSpec spec) => spec.SecretRef is { } reference
        ? $"key {reference.Key} of Secret {reference.Name}"
        : $"key {Connection.GeneratedSecret.Key} of the Secret that status.webhooks.secrets names";

    private static WebhookDefinition Define(WebhookSpec spec, SecretText? secret, WebhookOwner owner, Hosting hosting)
    {
        var marker = new WebhookMarker(owner.Id, spec.Name, secret?.Fingerprint($"{owner.Id}/{spec.Name}"));
        var events = spec.Events.Count == 0 ? WebhookEvents.DefaultsOf(hosting) : spec.Events.ToHashSet(StringComparer.Ordinal);

        // Bitbucket Cloud keeps one text with a webhook: people and the operator read the same.
        var (title, mark) = hosting == Hosting.Cloud
            ? (marker.Description(owner), marker.Description(owner))
            : (WebhookMarker.Title(spec.Name, owner), marker.ToString());
        return new WebhookDefinition(title, mark, spec.Url, events, spec.Active, spec.SslVerification, secret);
    }
}
