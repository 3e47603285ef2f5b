using System.Text;
using BitbucketOperator.Core.Api;
using BitbucketOperator.Core.Messages;
using BitbucketOperator.Core.Model;
using BitbucketOperator.Core.Port;

namespace BitbucketOperator.Core.Credentials;

/// <summary>Turns what Secrets and ConfigMaps hold into what the connection needs.</summary>
public static class SecretReader
{
    /// <summary>The most of a CA bundle that is read, in bytes: twice what browsers trust.</summary>
    public const int LongestBundle = 512 * 1024;

    private const string ProxyField = "spec.proxy";

    /// <summary>The keys that hold a credential, in the order in which its kind takes their values.</summary>
    public static IReadOnlyList<string> KeysOf(CredentialSource auth) => [.. PartsOf(auth).Select(p => p.Key)];

    /// <summary>A credential.</summary>
    /// <param name="auth">The kind, and the names of the keys.</param>
    /// <param name="secret">What its secretRef names.</param>
    /// <param name="field">The field that holds <paramref name="auth"/>, for messages: <c>spec.auth</c> or <c>spec.webhookAuth</c>.</param>
    /// <param name="rules">Which Secrets may be used.</param>
    public static Outcome<Credential> ReadCredential(CredentialSource auth, ReferencedData secret, string field, SecretRules rules) =>
        new SecretValues(secret, $"{field}.secretRef", rules).Make(PartsOf(auth), CredentialDescriptors.Of(auth.Kind).Make);

    /// <summary>The HMAC secret of an entry of spec.webhooks.</summary>
    public static Outcome<SecretText?> ReadWebhookSecret(string hook, SecretKeySource reference, ReferencedData secret, SecretRules rules)
    {
        var part = new SecretPart(reference.Key, "key", reference.Key, reference.Key);
        return ReadWebhookSecret(part, $"spec.webhooks[{hook}].secretRef", secret, rules);
    }

    /// <summary>The HMAC secret of an entry of spec.webhooks with generateSecret.</summary>
    public static Outcome<SecretText?> ReadGeneratedSecret(string hook, ReferencedData secret, SecretRules rules)
    {
        var part = new SecretPart(GeneratedSecret.Key, KeyField: null, Named: null, GeneratedSecret.Key);
        var field = $"spec.webhooks[{hook}].generateSecret";
        var value = ReadWebhookSecret(part, field, secret, rules);

        // A Secret that may not be used is somebody else's: no advice to delete it.
        return value.Fault is not { } fault || secret.Data is null || rules.Refusal(secret, field) is not null
            ? value
            : fault with { Words = Sentences.OrDeleteGenerated(fault.Words) };
    }

    /// <summary>The user name and password of spec.proxy.secretRef.</summary>
    public static Outcome<ProxyLogin> ReadProxyLogin(ReferencedData secret, SecretRules rules)
    {
        SecretPart Part(string key, Func<string, Wording?>? flaw = null) => new(key, KeyField: null, Named: null, key, flaw);
        var login = new SecretValues(secret, $"{ProxyField}.secretRef", rules).Make(
            [Part(SecretValues.BasicAuthUsername, SecretFlaws.OfUsername), Part(SecretValues.BasicAuthPassword)],
            values => new ProxyLogin(values[0].Reveal(), values[1]));
        return login.Fault is { } fault ? fault with { Reason = Reasons.ProxySecretInvalid } : login;
    }

    /// <summary>The certificates of spec.tls.caBundleRef.</summary>
    public static Outcome<string> ReadCaBundle(CaBundleSource source, ReferencedData data)
    {
        if (data.Data is null)
        {
            return Fault.Waiting(
                Reasons.CaBundleNotFound,
                data.IsForDeletion
                    ? Sentences.ObjectGone(Fields.CaBundle, data.Kind, data.Name)
                    : Sentences.CaBundleNotFound(Fields.CaBundle, data.Kind, data.Name, source.Key),
                field: Fields.CaBundle);
        }

        if (data.Data.TryGetValue(source.Key, out var pem) && pem.Length > LongestBundle)
        {
            return Fault.Waiting(
                Reasons.CaBundleInvalid,
                Sentences.CaBundleTooLarge(Fields.CaBundle, data.Kind, data.Name, LongestBundle),
                field: Fields.CaBundle);
        }

        return pem is not null
            ? Encoding.UTF8.GetString(pem)
            : Fault.Waiting(
                Reasons.CaBundleNotFound,
                Sentences.KeyMissing(Fields.CaBundle, data.Kind, data.Name, source.Key, $"{Fields.CaBundle}.key"),
                field: Fields.CaBundle);
    }

    private static IReadOnlyList<SecretPart> PartsOf(CredentialSource auth) =>
    [
        .. CredentialDescriptors.Of(auth.Kind).Keys.Select(
            k => new SecretPart(k.Usual, $"keys.{k.Usual}", auth.Keys.GetValueOrDefault(k.Usual), k.InBasicAuth, k.Flaw)),
    ];

    private static Outcome<SecretText?> ReadWebhookSecret(SecretPart part, string field, ReferencedData secret, SecretRules rules)
    {
        var value = new SecretValues(secret, field, rules).Read([part])[0];
        return value.Fault is not { } fault ? value.Value : fault with { Reason = WebhookReason(fault.Reason) };
    }

    private static Reason WebhookReason(Reason reason)
    {
        if (reason == Reasons.SecretNotFound)
        {
            return Reasons.WebhookSecretNotFound;
        }

        return reason == Reasons.SecretKeyMissing ? Reasons.WebhookSecretKeyMissing : Reasons.WebhookSecretInvalid;
    }
}
