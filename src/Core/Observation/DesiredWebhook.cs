using System.Security.Cryptography;
using System.Text;
using BitbucketOperator.Core.Api;
using BitbucketOperator.Core.Credentials;
using BitbucketOperator.Core.Messages;
using BitbucketOperator.Core.Model;
using BitbucketOperator.Core.Ownership;
using BitbucketOperator.Core.Port;
using BitbucketOperator.Core.Validation;

namespace BitbucketOperator.Core.Observation;

/// <summary>An entry of spec.webhooks, made ready to be written; or why it cannot be.</summary>
/// <param name="Name">Name of the entry.</param>
/// <param name="Url">Where deliveries go.</param>
/// <param name="Definition">How the webhook must be, or the fault in what was asked. A webhook with a fault is left as it is.</param>
public sealed record DesiredWebhook(string Name, string Url, Outcome<WebhookDefinition> Definition)
{
    private const int CloudSecretLimit = 128;

    /// <summary>Where it is to live.</summary>
    public LevelChoice Level { get; init; }

    /// <summary>Name of the Secret that the operator made for the entry; null where there is none.</summary>
    public string? GeneratedSecret { get; init; }

    /// <summary>Derives it from the entry and the secret of its Secret (a value of null: none is desired).</summary>
    public static DesiredWebhook Of(
        WebhookEntry spec, Outcome<SecretText?> secret, WebhookOwner owner, bool allowHttp, Flavour flavour) =>
        Of(spec, secret, spec.Secret?.Name, owner, allowHttp, flavour);

    /// <summary>The same with the secret of a Secret that the operator makes.</summary>
    /// <param name="spec">The entry.</param>
    /// <param name="secret">The Secret, or why it could not be made.</param>
    /// <param name="owner">Whose the webhook is.</param>
    /// <param name="allowHttp">Plain http is accepted.</param>
    /// <param name="flavour">The flavour.</param>
    /// <param name="rules">Which Secrets may be used.</param>
    public static DesiredWebhook Of(
        WebhookEntry spec, Outcome<ReferencedData> secret, WebhookOwner owner, bool allowHttp, Flavour flavour, SecretRules rules)
    {
        var value = secret.Value is { } data ? SecretReader.ReadGeneratedSecret(spec.Name, data, rules) : secret.Fault!;
        return Of(spec, value, secret.Value?.Name, owner, allowHttp, flavour) with { GeneratedSecret = secret.Value?.Name };
    }

    /// <summary>The same, save that of two entries with one URL the later one is refused: deliveries would come twice.</summary>
    public static IReadOnlyList<DesiredWebhook> WithoutDuplicates(IReadOnlyList<DesiredWebhook> desired)
    {
        var first = new Dictionary<string, string>(StringComparer.Ordinal);
        return
        [
            .. desired.Select(
                d => first.TryAdd(WebhookUrl.KeyOf(d.Url), d.Name) ? d : d with { Definition = Duplicate(d.Name, first[WebhookUrl.KeyOf(d.Url)]) }),
        ];
    }

    /// <summary>
    /// A text that changes whenever what is desired changes. Holds fingerprints of secrets, never secrets. It is kept in
    /// inventories: should it come out otherwise for the same desired state, connections whose credential was reduced would
    /// fail after an upgrade of the operator.
    /// </summary>
    public static string Fingerprint(IEnumerable<DesiredWebhook> desired)
    {
        var text = new StringBuilder();
        foreach (var webhook in desired)
        {
            text.Append(webhook.Name).Append('\n');
            text.Append(webhook.Level is LevelChoice.Project or LevelChoice.Workspace ? $"{webhook.Level} " : "");
            text.Append(webhook.Definition.Value is { } d
                ? $"{d.FormerMarker ?? d.Marker} {d.Url} {d.Active} {d.SslVerification} {string.Join(' ', d.Events.Order(StringComparer.Ordinal))}\n"
                : $"{webhook.Definition.Fault!.Reason}\n");
        }

        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())).AsSpan(0, 16));
    }

    /// <summary>The same, save that it does not change with the secrets.</summary>
    public static string FingerprintWithoutSecrets(IEnumerable<DesiredWebhook> desired) => Fingerprint(
        desired.Select(d => d.Definition.Value is { } definition ? d with { Definition = definition with { Marker = "", FormerMarker = null } } : d));

    private static DesiredWebhook Of(
        WebhookEntry spec, Outcome<SecretText?> secret, string? secretName, WebhookOwner owner, bool allowHttp, Flavour flavour) =>
        new(spec.Name, spec.Url, (Flaw(spec, allowHttp, flavour) ?? SecretFlaw(spec, secret, secretName, flavour)) is { } fault
            ? fault
            : Define(spec, secret.Value, owner, flavour)) { Level = spec.Level };

    private static Fault Duplicate(string name, string other)
    {
        var field = $"{Fields.Webhook(name)}.url";
        return Fault.Terminal(Reasons.WebhookUrlDuplicate, Sentences.DuplicateUrl(field, Fields.Webhook(other)), field);
    }

    private static Fault? Flaw(WebhookEntry spec, bool allowHttp, Flavour flavour)
    {
        var field = $"{Fields.Webhook(spec.Name)}.url";
        return !allowHttp && spec.Url.StartsWith("http:", StringComparison.OrdinalIgnoreCase)
            ? Fault.Terminal(Reasons.WebhookUrlInsecure, Sentences.InsecureWebhookUrl(field), field)
            : WebhookEvents.Refusal(spec, flavour);
    }

    private static Fault? SecretFlaw(WebhookEntry spec, Outcome<SecretText?> secret, string? secretName, Flavour flavour)
    {
        if (flavour != Flavour.Cloud || secret.Value is not { } value || value.Reveal().Length <= CloudSecretLimit)
        {
            return secret.Fault;
        }

        var field = $"{Fields.Webhook(spec.Name)}.{(spec.Secret is null ? "generateSecret" : "secretRef")}";
        var words = Sentences.SecretTooLong(field, CloudSecretLimit, spec.Secret?.Key ?? Credentials.GeneratedSecret.Key, secretName!);
        return Fault.Waiting(Reasons.WebhookSecretInvalid, words, field: field);
    }

    private static WebhookDefinition Define(WebhookEntry spec, SecretText? secret, WebhookOwner owner, Flavour flavour)
    {
        var marker = new WebhookMarker(owner.Id, spec.Name, secret?.Fingerprint($"{owner.Id}/{spec.Name}"));
        var events = spec.Events.Count == 0 ? WebhookEvents.DefaultsOf(flavour) : spec.Events.ToHashSet(StringComparer.Ordinal);

        // Bitbucket Cloud keeps one text with a webhook: people and the operator read the same.
        var isCloud = flavour == Flavour.Cloud;
        var mark = TextOf(marker with { Cluster = owner.Cluster });
        var title = isCloud ? mark : WebhookMarker.Title(spec.Name, owner);
        return new WebhookDefinition(title, mark, spec.Url, events, spec.Active, spec.SslVerification, secret)
        {
            FormerMarker = owner.Cluster is null ? null : TextOf(marker),
        };

        string TextOf(WebhookMarker m) => isCloud ? m.Description(owner) : m.ToString();
    }
}
