namespace BitbucketOperator.Bitbucket.Http;

/// <summary>
/// Passes everything on, and hides that the bytes below are encrypted for the proxy: the framework takes an SslStream for
/// the server's own, and would send the request without the server's TLS.
/// </summary>
internal sealed class TunnelStream(Stream inner) : WrappedStream(inner);
