using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using BitbucketOperator.Runtime.Kubeconfig;

namespace BitbucketOperator.Runtime.Client;

/// <summary>
/// Whether an API server's certificate is accepted: as Go does it, any certificate of the configured authorities is an anchor, an
/// intermediate one and the server's own included.
/// </summary>
internal sealed class ServerCertificate(ApiServerAccess access)
{
    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";

    /// <summary>The callback of the TLS handshake.</summary>
    public bool Accept(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        if (access.SkipTlsVerify)
        {
            return true;
        }

        if (certificate is not X509Certificate2 leaf || errors.HasFlag(SslPolicyErrors.RemoteCertificateNotAvailable))
        {
            return false;
        }

        var name = access.TlsServerName ?? access.Server.IdnHost;
        if (!leaf.MatchesHostname(name, allowWildcards: true, allowCommonName: false))
        {
            return false;
        }

        return access.Authorities is { } authorities
            ? IsFrom(authorities, leaf, chain)
            : !errors.HasFlag(SslPolicyErrors.RemoteCertificateChainErrors);
    }

    private static bool IsFrom(X509Certificate2Collection authorities, X509Certificate2 leaf, X509Chain? received)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(authorities);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.DisableCertificateDownloads = true;
        chain.ChainPolicy.ApplicationPolicy.Add(new(ServerAuthentication));
        // One that is among the authorities itself needs no issuer, even if the server sends it.
        foreach (var element in IsIn(authorities, leaf) ? [] : received?.ChainElements ?? Enumerable.Empty<X509ChainElement>())
        {
            chain.ChainPolicy.ExtraStore.Add(element.Certificate);
        }

        if (chain.Build(leaf))
        {
            return true;
        }

        var problems = chain.ChainStatus.Aggregate(X509ChainStatusFlags.NoError, (flags, status) => flags | status.Status);
        return problems is X509ChainStatusFlags.PartialChain or X509ChainStatusFlags.UntrustedRoot
            && IsIn(authorities, chain.ChainElements[^1].Certificate);
    }

    private static bool IsIn(X509Certificate2Collection authorities, X509Certificate2 certificate) =>
        authorities.Any(a => a.RawDataMemory.Span.SequenceEqual(certificate.RawDataMemory.Span));
}
