using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using BitbucketOperator.Core.Api;
using BitbucketOperator.Core.Port;

namespace BitbucketOperator.Bitbucket.Http;

/// <summary>What distinguishes one HTTP client from another.</summary>
/// <param name="Roots">Certificates that are trusted besides the system's.</param>
/// <param name="AcceptAny">Accept every certificate.</param>
/// <param name="Proxy">The proxy of spec.proxy; null for the one of the environment, or none.</param>
internal sealed record ClientProfile(X509Certificate2Collection Roots, bool AcceptAny, ProxyTarget? Proxy = null)
{
    /// <summary>Certificates of a bundle, at most: three times as many as browsers trust.</summary>
    public const int MostCertificates = 500;

    /// <summary>Reads the bundle of a target.</summary>
    /// <exception cref="FaultException">It holds no certificate, or too many.</exception>
    public static ClientProfile Of(ConnectionTarget target) => new(Parse(target.CaBundle), target.InsecureSkipVerify, target.Proxy);

    /// <summary>Gives back what the certificates hold outside of managed memory.</summary>
    public void Release()
    {
        foreach (var root in Roots)
        {
            root.Dispose();
        }
    }

    private static X509Certificate2Collection Parse(string? pem)
    {
        var roots = new X509Certificate2Collection();
        if (pem is null) return roots;
        var count = CountOf(pem);
        if (count > MostCertificates) throw Invalid($"{count} certificates, at most {MostCertificates} are read", inner: null);
        try
        {
            roots.ImportFromPem(pem);
        }
        catch (CryptographicException exception)
        {
            throw Invalid("unreadable certificate", exception);
        }

        return roots.Count > 0 ? roots : throw Invalid("no certificate", inner: null);
    }

    // Before anything is read, for each takes memory.
    private static int CountOf(ReadOnlySpan<char> pem)
    {
        var count = 0;
        while (pem.IndexOf("-----BEGIN ") is >= 0 and var at)
        {
            pem = pem[(at + 1)..];
            count++;
        }

        return count;
    }

    private static FaultException Invalid(string what, Exception? inner) => new(
        Fault.Transient(
            Reasons.CaBundleInvalid,
            ($"spec.tls.caBundleRef: not a CA bundle ({what})", "Use PEM text with BEGIN CERTIFICATE and END CERTIFICATE")),
        inner);
}
