using System.Text;
using BitbucketOperator.Core.Api;
using BitbucketOperator.Core.Api.V1Alpha1;

namespace BitbucketOperator.Core.Connection;

/// <summary>The data of a Secret or ConfigMap, by key; null when the object does not exist.</summary>
public sealed record ReferencedData(string Kind, string Namespace, string Name, IReadOnlyDictionary<string, byte[]>? Data);

/// <summary>Turns what Secrets and ConfigMaps hold into what the connection needs. A new kind of credential is read here.</summary>
public static class SecretReader
{
    /// <summary>The credential of spec.auth.</summary>
    public static Outcome<Credential> ReadCredential(AuthSpec auth, ReferencedData secret)
    {
        var keys = auth.SecretRef.Keys ?? new CredentialKeys();
        switch (auth.Type)
        {
            case AuthType.HTTPAccessToken:
                var token = Value(secret, keys.Token ?? "token", "spec.auth", "keys.token");
                return token.Fault is { } tokenFault ? tokenFault : new Credential.HttpAccessToken(token.Value!);
            case AuthType.Basic:
                var username = Value(secret, keys.Username ?? "username", "spec.auth", "keys.username");
                var password = Value(secret, keys.Password ?? "password", "spec.auth", "keys.password");
                return (username.Fault ?? password.Fault) is { } fault
                    ? fault
                    : new Credential.Basic(username.Value!.Reveal(), password.Value!);
            default:
                return Fault.Terminal(Reasons.NotSupported, $"spec.auth.type {auth.Type} is not supported by this version");
        }
    }

    /// <summary>The HMAC secret of an entry of spec.webhooks.</summary>
    public static Outcome<SecretText?> ReadWebhookSecret(string hook, SecretKeyReference reference, ReferencedData secret)
    {
        var value = Value(secret, reference.Key, $"spec.webhooks[{hook}]", "key");
        return value.Fault is not { } fault ? value.Value : fault with { Reason = WebhookReason(fault.Reason) };
    }

    /// <summary>The certificates of spec.tls.caBundleRef.</summary>
    public static Outcome<string> ReadCaBundle(CaBundleReference reference, ReferencedData data)
    {
        if (data.Data is null)
        {
            return Fault.Waiting(
                Reasons.CaBundleNotFound,
                $"spec.tls.caBundleRef: {data.Kind} {data.Name} does not exist in namespace {data.Namespace}; create it with the key {reference.Key}");
        }

        return data.Data.TryGetValue(reference.Key, out var pem)
            ? Encoding.UTF8.GetString(pem)
            : Fault.Waiting(
                Reasons.CaBundleNotFound,
                $"spec.tls.caBundleRef: {data.Kind} {data.Name} has no key {reference.Key}; it has {Keys(data)}. Add the key, or name another in spec.tls.caBundleRef.key");
    }

    private static Outcome<SecretText> Value(ReferencedData secret, string key, string field, string keyField)
    {
        if (secret.Data is null)
        {
            return Fault.Waiting(
                Reasons.SecretNotFound,
                $"{field}.secretRef: Secret {secret.Name} does not exist in namespace {secret.Namespace}; create it with the key {key}");
        }

        if (!secret.Data.TryGetValue(key, out var bytes))
        {
            return Fault.Waiting(
                Reasons.SecretKeyMissing,
                $"{field}.secretRef: Secret {secret.Name} has no key {key}; it has {Keys(secret)}. Add the key, or name another in {field}.secretRef.{keyField}");
        }

        var text = Encoding.UTF8.GetString(bytes);
        if (string.IsNullOrWhiteSpace(text))
        {
            return Fault.Waiting(Reasons.SecretValueEmpty, $"{field}.secretRef: key {key} of Secret {secret.Name} is empty; write the value into it");
        }

        return Flaw(text) is { } flaw
            ? Fault.Waiting(
                Reasons.SecretValueMalformed,
                $"{field}.secretRef: key {key} of Secret {secret.Name} {flaw}; write the value without it, for example with printf %s rather than echo")
            : new SecretText(text);
    }

    private static string? Flaw(string text)
    {
        if (text.EndsWith('\n') || text.EndsWith('\r'))
        {
            return "ends with a line break";
        }

        if (char.IsWhiteSpace(text[0]) || char.IsWhiteSpace(text[^1]))
        {
            return "begins or ends with white space";
        }

        return text.Any(char.IsControl) ? "holds a control character" : null;
    }

    private static Reason WebhookReason(Reason reason)
    {
        if (reason == Reasons.SecretNotFound)
        {
            return Reasons.WebhookSecretNotFound;
        }

        return reason == Reasons.SecretKeyMissing ? Reasons.WebhookSecretKeyMissing : Reasons.WebhookSecretInvalid;
    }

    private static string Keys(ReferencedData data) =>
        data.Data is { Count: > 0 } some ? string.Join(", ", some.Keys.Order(StringComparer.Ordinal)) : "none";
}
