using System.Text;
using BitbucketOperator.Core.Api;
using BitbucketOperator.Core.Api.V1Alpha1;

namespace BitbucketOperator.Core.Connection;

/// <summary>The data of a Secret or ConfigMap, by key; null when the object does not exist.</summary>
public sealed record ReferencedData(string Kind, string Namespace, string Name, IReadOnlyDictionary<string, byte[]>? Data)
{
    /// <summary>The Secret's type, such as <c>Opaque</c>; null where it is no Secret or not known.</summary>
    public string? Type { get; init; }
}

/// <summary>A user name and password for a proxy.</summary>
public sealed record ProxyLogin(string Username, SecretText Password);

/// <summary>Turns what Secrets and ConfigMaps hold into what the connection needs.</summary>
public static class SecretReader
{
    private const string ProxyField = "spec.proxy";

    /// <summary>The keys that hold a credential: of the name that it logs in with, null for a kind that is a token alone, and of the secret.</summary>
    public static (string? Name, string Secret) KeysOf(AuthSpec auth)
    {
        var (name, secret) = PartsOf(auth);
        return (name?.Key, secret.Key);
    }

    /// <summary>A credential. A new kind is read here, and its keys are named in <see cref="PartsOf"/>.</summary>
    /// <param name="auth">The kind, and the names of the keys.</param>
    /// <param name="secret">What its secretRef names.</param>
    /// <param name="field">The field that holds <paramref name="auth"/>, for messages: <c>spec.auth</c> or <c>spec.webhookAuth</c>.</param>
    public static Outcome<Credential> ReadCredential(AuthSpec auth, ReferencedData secret, string field)
    {
        var values = new SecretValues(secret, $"{field}.secretRef");
        var (name, secretPart) = PartsOf(auth);
        return auth.Type switch
        {
            AuthType.HTTPAccessToken => values.Token(secretPart, t => new Credential.HttpAccessToken(t)),
            AuthType.AccessToken => values.Token(secretPart, t => new Credential.AccessToken(t)),
            AuthType.Basic => values.Pair<Credential>(name!, secretPart, SecretFlaws.OfUsername, (u, p) => new Credential.Basic(u, p)),
            AuthType.AppPassword => values.Pair<Credential>(name!, secretPart, SecretFlaws.OfUsername, (u, p) => new Credential.AppPassword(u, p)),
            AuthType.OAuth2 => values.Pair<Credential>(name!, secretPart, SecretFlaws.OfUsername, (c, s) => new Credential.OAuth2(c, s)),
            AuthType.APIToken => values.Pair<Credential>(name!, secretPart, SecretFlaws.OfEmail, (e, t) => new Credential.ApiToken(e, t)),
            _ => Fault.Terminal(Reasons.NotSupported, $"{field}.type {auth.Type} is not supported by this version"),
        };
    }

    /// <summary>The HMAC secret of an entry of spec.webhooks.</summary>
    public static Outcome<SecretText?> ReadWebhookSecret(string hook, SecretKeyReference reference, ReferencedData secret)
    {
        var part = new SecretPart(reference.Key, "key", reference.Key, reference.Key);
        return ReadWebhookSecret(part, $"spec.webhooks[{hook}].secretRef", secret);
    }

    /// <summary>The HMAC secret of an entry of spec.webhooks with generateSecret.</summary>
    public static Outcome<SecretText?> ReadGeneratedSecret(string hook, ReferencedData secret)
    {
        var part = new SecretPart(GeneratedSecret.Key, KeyField: null, Named: null, GeneratedSecret.Key);
        var value = ReadWebhookSecret(part, $"spec.webhooks[{hook}].generateSecret", secret);
        return value.Fault is not { } fault || secret.Data is null
            ? value
            : fault with { Message = $"{fault.Message}, or delete the Secret to have the operator make it" };
    }

    /// <summary>The user name and password of spec.proxy.secretRef.</summary>
    public static Outcome<ProxyLogin> ReadProxyLogin(ReferencedData secret)
    {
        SecretPart Part(string key) => new(key, KeyField: null, Named: null, key);
        var login = new SecretValues(secret, $"{ProxyField}.secretRef").Pair(
            Part(SecretValues.BasicAuthUsername), Part(SecretValues.BasicAuthPassword), SecretFlaws.OfUsername, (u, p) => new ProxyLogin(u, p));
        return login.Fault is { } fault ? fault with { Reason = Reasons.ProxySecretInvalid } : login;
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
                $"spec.tls.caBundleRef: {data.Kind} {data.Name} has no key {reference.Key}; it has {SecretValues.Keys(data)}. Add the key, or name another in spec.tls.caBundleRef.key");
    }

    private static (SecretPart? Name, SecretPart Secret) PartsOf(AuthSpec auth)
    {
        var keys = auth.SecretRef.Keys ?? new CredentialKeys();
        return auth.Type switch
        {
            AuthType.Basic or AuthType.AppPassword => (Name("username", keys.Username), Secret("password", keys.Password)),
            AuthType.OAuth2 => (Name("clientId", keys.ClientId), Secret("clientSecret", keys.ClientSecret)),
            AuthType.APIToken => (Name("email", keys.Email), Secret("token", keys.Token)),
            _ => (null, Secret("token", keys.Token)),
        };

        SecretPart Name(string usual, string? named) => new(usual, $"keys.{usual}", named, SecretValues.BasicAuthUsername);
        SecretPart Secret(string usual, string? named) => new(usual, $"keys.{usual}", named, SecretValues.BasicAuthPassword);
    }

    private static Outcome<SecretText?> ReadWebhookSecret(SecretPart part, string field, ReferencedData secret)
    {
        var value = new SecretValues(secret, field).Read([part])[0];
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
