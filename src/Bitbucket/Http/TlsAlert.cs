using System.Security.Cryptography;
using BitbucketOperator.Core.Port;

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
    public static Wording? Of(Exception exception, Uri uri) => ReasonIn(exception) switch
    {
        OfAlert + 40 =>
            ("refuses the TLS handshake (alert handshake_failure)", "Does it need a client certificate, which spec.tls cannot give, or other ciphers?"),
        OfAlert + 41 or OfAlert + 42 or OfAlert + 43 or OfAlert + 44 or OfAlert + 45 or OfAlert + 46 or OfAlert + 48 or OfAlert + 116 =>
            ($"requires a client certificate (alert {NameOf(ReasonIn(exception) - OfAlert)})", "Use a proxy that adds it; spec.tls cannot"),
        OfAlert + 49 => "denies the TLS connection (alert access_denied)",
        OfAlert + 70 or UnsupportedProtocol => ("has no TLS version in common (alert protocol_version)", "Enable TLS 1.2 or 1.3 there"),
        OfAlert + 71 => "requires stronger ciphers (alert insufficient_security)",
        OfAlert + 80 => "fails the TLS handshake (alert internal_error)",
        OfAlert + 112 => ("does not know its name (alert unrecognized_name)", $"Correct host {uri.IdnHost} in spec.url, or the server's virtual hosts"),
        WrongVersionNumber => "answers without TLS, the port may speak http",
        OfAlert + 90 => "breaks off the TLS handshake (alert user_canceled)",
        OfAlert + 120 => ("has no protocol in common (alert no_application_protocol)", "Enable HTTP/1.1 there"),
        > OfAlert and var reason => ($"ends the TLS connection with alert {NameOfFailure(reason - OfAlert)}", "Check its TLS settings, and proxies in between"),
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
    };

    private static int? ReasonIn(Exception? exception) => exception switch
    {
        null => null,
        CryptographicException { HResult: var code } when (code >> 23) == SslLibrary => code & 0x7fffff,
        _ => ReasonIn(exception.InnerException),
    };
}
