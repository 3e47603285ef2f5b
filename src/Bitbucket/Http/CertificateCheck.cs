using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using System.Security.Cryptography;
using BitbucketOperator.Core.Port;

namespace BitbucketOperator.Bitbucket.Http;

/// <summary>Says in words why a server's certificate was refused.</summary>
internal sealed class CertificateRefusedException(Wording words) : Exception(words.Text)
{
    /// <summary>What is wrong with it, and what to do.</summary>
    public Wording Words { get; } = words;
}

/// <summary>Accepts what the system trusts, and what the bundle trusts; the host name must fit in both cases.</summary>
internal sealed class CertificateCheck(ClientProfile profile)
{
    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";

    /// <summary>
    /// How the handshake builds its chain: from what the server sends and the system trusts. A certificate may name addresses of its issuer
    /// and of revocation lists; whoever made it chose them, so that none is ever called.
    /// </summary>
    public static X509ChainPolicy OfHandshake => new()
    {
        DisableCertificateDownloads = true,
        RevocationMode = X509RevocationMode.NoCheck,
        ApplicationPolicy = { new Oid(ServerAuthentication) },
    };

    /// <summary>The callback of the TLS handshake.</summary>
    /// <exception cref="CertificateRefusedException">The certificate is not accepted.</exception>
    public bool Accept(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        if (profile.AcceptAny || errors == SslPolicyErrors.None) return true;
        if (certificate is not X509Certificate2 leaf || errors.HasFlag(SslPolicyErrors.RemoteCertificateNotAvailable))
            throw new CertificateRefusedException("no certificate sent");
        if (errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch))
            throw new CertificateRefusedException(($"certificate is for {Names(leaf)}", "Correct the URL or the certificate"));
        var problems = ProblemsOf(chain);
        if (profile.Roots.Count == 0) throw Untrusted(problems, "Set spec.tls.caBundleRef to a bundle with its issuer");
        using var own = Build(leaf, chain);
        return IsTrusted(own, leaf) ? true : throw Untrusted(ProblemsOf(own), "Add its issuer to the bundle of spec.tls.caBundleRef");
    }

    private X509Chain Build(X509Certificate2 leaf, X509Chain? received)
    {
        var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(profile.Roots);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.DisableCertificateDownloads = true;
        chain.ChainPolicy.ApplicationPolicy.Add(new Oid(ServerAuthentication));
        // As with Go, a certificate that is in the bundle itself needs no issuer, even if the server sends it.
        if (received is not null && !IsIn(profile.Roots, leaf))
        {
            chain.ChainPolicy.ExtraStore.AddRange(received.ChainPolicy.ExtraStore);
            foreach (var element in received.ChainElements) chain.ChainPolicy.ExtraStore.Add(element.Certificate);
        }

        chain.Build(leaf);
        return chain;
    }

    // A bundle may hold an intermediate CA without its root, as people do; then the chain is partial and ends in the bundle.
    private bool IsTrusted(X509Chain chain, X509Certificate2 leaf)
    {
        var all = chain.ChainStatus.Aggregate(X509ChainStatusFlags.NoError, (flags, status) => flags | status.Status);
        if (all == X509ChainStatusFlags.NoError) return chain.ChainElements.Count > 0;
        return all == X509ChainStatusFlags.PartialChain
            && IsIn(profile.Roots, chain.ChainElements[^1].Certificate)
            && chain.ChainElements[0].Certificate.RawDataMemory.Span.SequenceEqual(leaf.RawDataMemory.Span);
    }

    private static bool IsIn(X509Certificate2Collection bundle, X509Certificate2 certificate) =>
        bundle.Any(c => c.RawDataMemory.Span.SequenceEqual(certificate.RawDataMemory.Span));

    private static CertificateRefusedException Untrusted(IReadOnlyList<X509ChainStatusFlags> problems, string cure)
    {
        var words = string.Join(", ", problems.Select(Words).Distinct(StringComparer.Ordinal));
        var issuerIsUnknown = problems.Any(problem => problem is X509ChainStatusFlags.UntrustedRoot or X509ChainStatusFlags.PartialChain);
        return new((words, issuerIsUnknown ? cure : "Renew the server's certificate"));
    }

    private static List<X509ChainStatusFlags> ProblemsOf(X509Chain? chain) =>
        chain is { ChainStatus.Length: > 0 }
            ? [.. chain.ChainStatus.Select(status => status.Status).Order()]
            : [X509ChainStatusFlags.PartialChain];

    private static string Words(X509ChainStatusFlags problem) => problem switch
    {
        X509ChainStatusFlags.NotTimeValid => "certificate expired or not yet valid",
        X509ChainStatusFlags.UntrustedRoot => "certificate is self-signed or from an untrusted authority",
        X509ChainStatusFlags.PartialChain => "certificate issuer is unknown",
        X509ChainStatusFlags.NotSignatureValid => "certificate signature is wrong",
        X509ChainStatusFlags.NotValidForUsage => "certificate is not for servers",
        X509ChainStatusFlags.Revoked => "certificate is revoked",
        _ => $"certificate is invalid ({problem})",
    };

    private static string Names(X509Certificate2 certificate)
    {
        var alternative = certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>().FirstOrDefault();
        string[] names = alternative is null
            ? [certificate.GetNameInfo(X509NameType.DnsName, forIssuer: false)]
            : [.. alternative.EnumerateDnsNames(), .. alternative.EnumerateIPAddresses().Select(address => address.ToString())];
        return names.Length == 0 ? "no host" : ServerText.WithoutSecrets.Clean(string.Join(", ", names.Take(5)));
    }
}
