using System.Net.Http.Headers;
using System.Security.Cryptography.X509Certificates;

namespace BitbucketOperator.Runtime.Kubeconfig;

/// <summary>Proves to an API server who sends a request.</summary>
public interface IApiLogin
{
    /// <summary>The Authorization header of the next request; null for none.</summary>
    /// <exception cref="KubeconfigException">It cannot be had.</exception>
    ValueTask<AuthenticationHeaderValue?> HeaderAsync(CancellationToken cancellationToken);

    /// <summary>A certificate may come with <see cref="HeaderAsync"/>.</summary>
    bool MayHaveCertificate { get; }

    /// <summary>The certificate to show; null for none.</summary>
    X509Certificate2? Certificate { get; }

    /// <summary>The server did not accept it (401).</summary>
    void Refused();
}

/// <summary>A login that stays as it is, but for a certificate in files.</summary>
/// <param name="header">The Authorization header.</param>
/// <param name="certificate">The certificate as it is now; null for none.</param>
internal sealed class FixedLogin(AuthenticationHeaderValue? header, Func<X509Certificate2>? certificate) : IApiLogin
{
    public static FixedLogin None { get; } = new(header: null, certificate: null);

    public bool MayHaveCertificate => certificate is not null;

    public X509Certificate2? Certificate => certificate?.Invoke();

    public ValueTask<AuthenticationHeaderValue?> HeaderAsync(CancellationToken cancellationToken) => new(header);

    public void Refused()
    {
        // A fixed login cannot be renewed.
    }
}

/// <summary>A token as a header.</summary>
internal static class BearerToken
{
    /// <exception cref="KubeconfigException">No header can carry it.</exception>
    public static AuthenticationHeaderValue Header(string token, string place) => token.All(c => c is > ' ' and <= '~')
        ? new AuthenticationHeaderValue("Bearer", token)
        : throw new KubeconfigException($"{place}: the token has characters that no header can carry, such as a line break or a space");
}

/// <summary>A token in a file that somebody renews, as kubelet does with that of a ServiceAccount.</summary>
/// <param name="path">The file.</param>
/// <param name="certificate">A client certificate besides, as it is now; null for none.</param>
/// <param name="clock">Tells when to read it again.</param>
/// <param name="fallback">The header while the file cannot be read; null for none.</param>
internal sealed class TokenFileLogin(
    string path, Func<X509Certificate2>? certificate, TimeProvider clock, AuthenticationHeaderValue? fallback = null) : IApiLogin
{
    private static readonly TimeSpan ReadAgainAfter = TimeSpan.FromMinutes(1);
    private volatile Token? _read;

    public bool MayHaveCertificate => certificate is not null;

    public X509Certificate2? Certificate => certificate?.Invoke();

    public async ValueTask<AuthenticationHeaderValue?> HeaderAsync(CancellationToken cancellationToken)
    {
        var known = _read;
        if (known is { IsRefused: false } && clock.GetElapsedTime(known.ReadAt) < ReadAgainAfter)
        {
            return known.Header;
        }

        try
        {
            var text = (await File.ReadAllTextAsync(path, cancellationToken)).Trim();
            var header = text.Length > 0 ? BearerToken.Header(text, path) : throw new KubeconfigException($"The token file {path} is empty");
            _read = new Token(header, clock.GetTimestamp(), IsRefused: false);
            return header;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or KubeconfigException)
        {
            // One that is being replaced may be gone or empty for a moment.
            return known?.Header ?? fallback ?? throw (e as KubeconfigException ?? new($"Cannot read the token file {path}: {e.Message}", e));
        }
    }

    public void Refused() => _read = _read is { } known ? known with { IsRefused = true } : null;

    private sealed record Token(AuthenticationHeaderValue Header, long ReadAt, bool IsRefused);
}
