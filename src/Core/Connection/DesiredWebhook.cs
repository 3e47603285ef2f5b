using BitbucketOperator.Core.Api;
using BitbucketOperator.Core.Api.V1Alpha1;

namespace BitbucketOperator.Core.Connection;

/// <summary>An entry of spec.webhooks, made ready to be written; or why it cannot be.</summary>
/// <param name="Name">Name of the entry.</param>
/// <param name="Url">Where deliveries go.</param>
/// <param name="Definition">How the webhook must be, or the fault in what was asked. A webhook with a fault is left as it is.</param>
public sealed record DesiredWebhook(string Name, string Url, Outcome<WebhookDefinition> Definition)
{
    /// <summary>Pushes and pull requests: the events of an entry that names none. Data Center 7.14 knows all of them.</summary>
    public static IReadOnlySet<string> DefaultEvents { get; } = new HashSet<string>(StringComparer.Ordinal)
    {
        "repo:refs_changed", "pr:opened", "pr:from_ref_updated", "pr:merged", "pr:declined", "pr:deleted",
    };

    /// <summary>Derives it from the entry and the secret that its secretRef yielded (a value of null: none is asked for).</summary>
    public static DesiredWebhook Of(WebhookSpec spec, Outcome<SecretText?> secret, WebhookOwner owner, bool allowHttp)
    {
        Outcome<WebhookDefinition> definition;
        if (!allowHttp && spec.Url.StartsWith("http:", StringComparison.OrdinalIgnoreCase))
        {
            definition = Fault.Terminal(
                Reasons.WebhookUrlInsecure,
                $"spec.webhooks[{spec.Name}].url is http: deliveries would travel unencrypted. Use https, or start the operator with --allow-http");
        }
        else if (secret.Fault is { } fault)
        {
            definition = fault;
        }
        else
        {
            definition = Define(spec, secret.Value, owner);
        }

        return new DesiredWebhook(spec.Name, spec.Url, definition);
    }

    private static WebhookDefinition Define(WebhookSpec spec, SecretText? secret, WebhookOwner owner)
    {
        var marker = new WebhookMarker(owner.Id, spec.Name, secret?.Fingerprint($"{owner.Id}/{spec.Name}"));
        var events = spec.Events.Count == 0 ? DefaultEvents : spec.Events.ToHashSet(StringComparer.Ordinal);
        return new WebhookDefinition(
            WebhookMarker.Title(spec.Name, owner), marker.ToString(), spec.Url, events, spec.Active, spec.SslVerification, secret);
    }
}
