using System.Text.Json.Serialization;

namespace BitbucketOperator.Core.Api.V1Alpha1;

/// <summary>A kind of credential, and the Secret that holds it.</summary>
public sealed class AuthSpec
{
    /// <summary>
    /// The kind of credential. Data Center: HTTPAccessToken (key token) or Basic (keys username, password). Cloud: OAuth2
    /// (clientId, clientSecret), APIToken (email, token), AccessToken (token) or AppPassword (username, password).
    /// </summary>
    [Required]
    public AuthType Type { get; set; }

    /// <summary>
    /// The Secret, in the resource's own namespace. One of type kubernetes.io/basic-auth needs no names of keys: its username
    /// and password stand for the user name, e-mail address or client id and for the token, password or client secret.
    /// </summary>
    [Required]
    public CredentialSecretReference SecretRef { get; set; } = new();

    /// <summary>
    /// When the credential ends, such as 2027-01-31T00:00:00Z, for kinds whose end Bitbucket does not tell; a warning comes
    /// 14 days before. The Secret's key expiresAt says the same and wins, since it is replaced together with the
    /// credential. Absent: not known.
    /// </summary>
    [JsonConverter(typeof(Rfc3339Converter))]
    public DateTimeOffset? ExpiresAt { get; set; }
}

/// <summary>A Secret that holds a credential, and the names of its keys where they are not the usual ones.</summary>
public sealed class CredentialSecretReference
{
    /// <summary>Name of the Secret.</summary>
    [Required]
    [Length(1, 253)]
    public string Name { get; set; } = "";

    /// <summary>Which key of the Secret holds which part, where that differs from the usual names.</summary>
    public CredentialKeys? Keys { get; set; }
}

/// <summary>Names of keys in a Secret.</summary>
public sealed class CredentialKeys
{
    /// <summary>Key of the token. Absent: token.</summary>
    [Length(1, 253)]
    public string? Token { get; set; }

    /// <summary>Key of the user name. Absent: username.</summary>
    [Length(1, 253)]
    public string? Username { get; set; }

    /// <summary>Key of the password. Absent: password.</summary>
    [Length(1, 253)]
    public string? Password { get; set; }

    /// <summary>Key of the e-mail address. Absent: email.</summary>
    [Length(1, 253)]
    public string? Email { get; set; }

    /// <summary>Key of the OAuth 2 consumer's key. Absent: clientId.</summary>
    [Length(1, 253)]
    public string? ClientId { get; set; }

    /// <summary>Key of the OAuth 2 consumer's secret. Absent: clientSecret.</summary>
    [Length(1, 253)]
    public string? ClientSecret { get; set; }

    /// <summary>Key of the time at which the credential ends, such as 2027-01-31T00:00:00Z or 2027-01-31; optional in the Secret. Absent: expiresAt.</summary>
    [Length(1, 253)]
    public string? ExpiresAt { get; set; }
}

/// <summary>How the server's certificate is checked.</summary>
public sealed class TlsSpec
{
    /// <summary>Certificate authorities to trust besides the system's, in PEM.</summary>
    public CaBundleReference? CaBundleRef { get; set; }

    /// <summary>True accepts every certificate. Whoever stands between can then read the credential: for trials only.</summary>
    public bool InsecureSkipVerify { get; set; }
}

/// <summary>A key of a ConfigMap or Secret in the resource's own namespace.</summary>
public sealed class CaBundleReference
{
    /// <summary>ConfigMap or Secret.</summary>
    public CaBundleKind Kind { get; set; } = CaBundleKind.ConfigMap;

    /// <summary>Name of the object.</summary>
    [Required]
    [Length(1, 253)]
    public string Name { get; set; } = "";

    /// <summary>Key that holds the certificates.</summary>
    [Length(1, 253)]
    public string Key { get; set; } = "ca.crt";
}

/// <summary>Where certificates can be kept.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<CaBundleKind>))]
public enum CaBundleKind
{
    /// <summary>In a ConfigMap.</summary>
    ConfigMap,

    /// <summary>In a Secret.</summary>
    Secret,
}

/// <summary>A proxy on the way to the server.</summary>
public sealed class ProxySpec
{
    /// <summary>Address of an HTTP proxy, such as http://proxy.example.com:3128.</summary>
    [Required]
    [Length(1, 2048)]
    [ValidationRule(
        "isURL(self) && url(self).getScheme() in ['http', 'https'] && url(self).getHost() != '' && !self.contains('@')",
        "proxy.url must be an absolute http or https URL without user name, such as http://proxy.example.com:3128; user name and password go into the "
            + "Secret of proxy.secretRef")]
    public string Url { get; set; } = "";

    /// <summary>A Secret with the keys username and password, for a proxy that asks for them. Absent: the proxy asks nobody.</summary>
    public SecretReference? SecretRef { get; set; }
}

/// <summary>A Secret in the resource's own namespace.</summary>
public sealed class SecretReference
{
    /// <summary>Name of the Secret.</summary>
    [Required]
    [Length(1, 253)]
    public string Name { get; set; } = "";
}
