using System.Security.Cryptography;

namespace BitbucketOperator.Bitbucket.Http;

/// <summary>Why a TLS connection fails, as the server's alert or OpenSSL's own check says it.</summary>
internal static class TlsAlert
{
    // OpenSSL's library of TLS errors, and what it adds to the number of an alert (RFC 8446, section 6).
    private const int SslLibrary = 20;
    private const int OfAlert = 1000;

    // OpenSSL's own reasons.
    private const int UnsupportedProtocol = 258;
    private const int WrongVersionNumber = 267;

    /// <summary>What is wrong and the cure, to go after the name of the host; null where nothing tells.</summary>
    public static string? Of(Exception exception, Uri uri) => ReasonIn(exception) switch
    {
        OfAlert + 40 => "refuses the TLS handshake (alert handshake_failure): it may require a client certificate, which spec.tls cannot give, "
            + "or have no cipher in common with the operator",
        OfAlert + 41 or OfAlert + 42 or OfAlert + 43 or OfAlert + 44 or OfAlert + 45 or OfAlert + 46 or OfAlert + 48 or OfAlert + 116 =>
            $"requires a client certificate (alert {NameOf(ReasonIn(exception) - OfAlert)}), which spec.tls cannot give. "
            + "Let the operator in without one, or through a proxy that adds it",
        OfAlert + 49 => "denies the TLS connection (alert access_denied)",
        OfAlert + 70 or UnsupportedProtocol => "speaks no TLS version that the operator does (alert protocol_version): it needs TLS 1.2 or 1.3",
        OfAlert + 71 => "asks for stronger ciphers than the operator has (alert insufficient_security)",
        OfAlert + 80 => "fails the TLS handshake (alert internal_error)",
        OfAlert + 112 => $"does not know the name {uri.IdnHost} (alert unrecognized_name). Correct the host in spec.url, or the server's virtual hosts",
        WrongVersionNumber => "does not answer in TLS: the port may speak plain http",
        OfAlert + 90 => "breaks off the TLS handshake (alert user_canceled)",
        OfAlert + 120 => "speaks no protocol over TLS that the operator does (alert no_application_protocol): it needs HTTP/1.1",
        > OfAlert and var reason => $"ends the TLS connection with alert {NameOfFailure(reason - OfAlert)}",
        _ => null,
    };

    private static string NameOf(int? alert) => alert switch
    {
        41 => "no_certificate",
        43 => "unsupported_certificate",
        44 => "certificate_revoked",
        45 => "certificate_expired",
        46 => "certificate_unknown",
        48 => "unknown_ca",
        116 => "certificate_required",
        _ => "bad_certificate",
    };

    // The server finds the operator's messages wrong, or itself at fault: a proxy that changes them, or its own TLS library.
    private static string NameOfFailure(int alert) => alert switch
    {
        10 => "unexpected_message",
        20 => "bad_record_mac",
        22 => "record_overflow",
        47 => "illegal_parameter",
        50 => "decode_error",
        51 => "decrypt_error",
        86 => "inappropriate_fallback",
        109 => "missing_extension",
        _ => $"{alert}",
    } + ". Check the server's TLS settings, and what stands between the operator and the server";

    private static int? ReasonIn(Exception? exception) => exception switch
    {
        null => null,
        CryptographicException { HResult: var code } when (code >> 23) == SslLibrary => code & 0x7fffff,
        _ => ReasonIn(exception.InnerException),
    };
}
