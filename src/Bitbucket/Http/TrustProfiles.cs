using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using BitbucketOperator.Core;
using BitbucketOperator.Core.Api;

namespace BitbucketOperator.Bitbucket.Http;

/// <summary>Which server certificates a connection accepts.</summary>
/// <param name="Roots">Trusted besides the system's.</param>
/// <param name="AcceptAny">Accept every certificate.</param>
internal sealed record TrustProfile(X509Certificate2Collection Roots, bool AcceptAny);

/// <summary>
/// The trust profiles in use, by the name of their HTTP client: connections that trust alike share one pool. One small
/// entry stays per distinct bundle.
/// </summary>
internal sealed class TrustProfiles
{
    /// <summary>What the names of our HTTP clients begin with.</summary>
    public const string Prefix = "bitbucket/";

    private readonly ConcurrentDictionary<string, TrustProfile> _profiles = new(StringComparer.Ordinal);

    /// <summary>The name of the HTTP client for a bundle.</summary>
    /// <exception cref="FaultException">The bundle holds no certificate.</exception>
    public string NameOf(string? caBundle, bool acceptAny)
    {
        var bundle = caBundle is null ? "system" : Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(caBundle)));
        var name = $"{Prefix}{bundle}/{(acceptAny ? "any" : "verified")}";
        if (!_profiles.ContainsKey(name)) _profiles[name] = new(Parse(caBundle), acceptAny);
        return name;
    }

    public TrustProfile this[string name] => _profiles[name];

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
