using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using BitbucketOperator.Core.Api;
using BitbucketOperator.Core.Port;

namespace BitbucketOperator.Bitbucket.Http;

/// <summary>What distinguishes one HTTP client from another.</summary>
/// <param name="Roots">Certificates that are trusted besides the system's.</param>
/// <param name="AcceptAny">Accept every certificate.</param>
/// <param name="Proxy">The proxy of spec.proxy; null for the one of the environment, or none.</param>
internal sealed record ClientProfile(X509Certificate2Collection Roots, bool AcceptAny, ProxyTarget? Proxy = null);

/// <summary>
/// The profiles in use, by the name of their HTTP client: connections that trust alike and go the same way share one
/// pool. One small entry stays per distinct bundle and proxy.
/// </summary>
internal sealed class ClientProfiles
{
    /// <summary>What the names of our HTTP clients begin with.</summary>
    public const string Prefix = "bitbucket/";

    private readonly ConcurrentDictionary<string, ClientProfile> _profiles = new(StringComparer.Ordinal);

    // Names hold keyed hashes: they may be printed, and a password must not be found out from one.
    private readonly byte[] _key = RandomNumberGenerator.GetBytes(32);

    /// <summary>The name of the HTTP client for a target.</summary>
    /// <exception cref="FaultException">The bundle holds no certificate.</exception>
    public string NameOf(ConnectionTarget target)
    {
        var bundle = target.CaBundle is { } pem ? Hash(pem) : "system";
        var proxy = target.Proxy is { } given ? Hash($"{given.Url}\n{given.Username}\n{given.Password?.Reveal()}") : "environment";
        var name = $"{Prefix}{bundle}/{(target.InsecureSkipVerify ? "any" : "verified")}/{proxy}";
        if (!_profiles.ContainsKey(name)) _profiles[name] = new(Parse(target.CaBundle), target.InsecureSkipVerify, target.Proxy);
        return name;
    }

    public ClientProfile this[string name] => _profiles[name];

    private string Hash(string text) => Convert.ToHexStringLower(HMACSHA256.HashData(_key, Encoding.UTF8.GetBytes(text)));

    private static X509Certificate2Collection Parse(string? pem)
    {
        var roots = new X509Certificate2Collection();
        if (pem is null) return roots;
        try
        {
            roots.ImportFromPem(pem);
        }
        catch (CryptographicException exception)
        {
            throw Invalid("a certificate in it cannot be read", exception);
        }

        return roots.Count > 0 ? roots : throw Invalid("it holds no certificate", inner: null);
    }

    private static FaultException Invalid(string what, Exception? inner) => new(
        Fault.Transient(
            Reasons.CaBundleInvalid,
            $"What spec.tls.caBundleRef names is no CA bundle: {what}. Put PEM text there, with lines BEGIN CERTIFICATE and END CERTIFICATE."),
        inner);
}
