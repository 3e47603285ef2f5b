using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace BitbucketOperator.Runtime.Kubeconfig;

/// <summary>A client certificate and its key in files that somebody renews, as kubelet does.</summary>
internal sealed class ClientCertificateFiles
{
    private static readonly TimeSpan ReadAgainAfter = TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();
    private readonly string _certificatePath;
    private readonly string _keyPath;
    private readonly string _place;
    private readonly TimeProvider _clock;
    private (string Certificate, string Key) _content;
    private X509Certificate2 _current;
    private long _readAt;

    /// <param name="certificatePath">The certificate.</param>
    /// <param name="keyPath">Its key.</param>
    /// <param name="content">What both hold now.</param>
    /// <param name="place">Whose they are, for messages.</param>
    /// <param name="clock">Tells when to read them again.</param>
    /// <exception cref="KubeconfigException">They cannot be used.</exception>
    public ClientCertificateFiles(string certificatePath, string keyPath, (string Certificate, string Key) content, string place, TimeProvider clock)
    {
        (_certificatePath, _keyPath, _content, _place, _clock) = (certificatePath, keyPath, content, place, clock);
        _current = ClientCertificate.Of(content.Certificate, content.Key, place);
        _readAt = clock.GetTimestamp();
    }

    /// <summary>The certificate of the files: another object when they hold another one. While one cannot be read, that of before.</summary>
    public X509Certificate2 Current()
    {
        lock (_gate)
        {
            if (_clock.GetElapsedTime(_readAt) >= ReadAgainAfter)
            {
                _readAt = _clock.GetTimestamp();
                Refresh();
            }

            return _current;
        }
    }

    private void Refresh()
    {
        try
        {
            var content = Read();
            if (content != _content)
            {
                _current = ClientCertificate.Of(content.Certificate, content.Key, _place);
                _content = content;
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or KubeconfigException)
        {
            // One of the two may be replaced already, and the other not yet.
        }
    }

    private (string Certificate, string Key) Read() =>
        (File.ReadAllText(_certificatePath, Encoding.ASCII), File.ReadAllText(_keyPath, Encoding.ASCII));
}
