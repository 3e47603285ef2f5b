using System.Net.Http.Headers;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace BitbucketOperator.BitbucketSimulator.Serving;

/// <summary>The two listeners of a running simulator, with the certificate of the first.</summary>
internal sealed class Stage : IAsyncDisposable
{
    private readonly Server _server;
    private readonly WebApplication _bitbucket;
    private readonly WebApplication _control;
    private readonly Authority? _authority;
    private readonly X509Certificate2? _certificate;

    private Stage(Server server, Action<WebApplication> bitbucket, Action<WebApplication> control)
    {
        _server = server;
        var options = server.Options;
        _authority = options.Tls ? options.Authority ?? new Authority() : null;
        _certificate = _authority?.Issue(options.SubjectNames);
        _bitbucket = Host.Create(options.Bind, options.Port, _certificate);
        bitbucket(_bitbucket);
        _control = Host.Create(options.Bind, options.ControlPort, certificate: null);
        control(_control);
    }

    /// <summary>Address of the control side, always plain http.</summary>
    public Uri ControlUrl { get; private set; } = new("http://127.0.0.1/");

    /// <summary>Certificate of the authority that signed the server's; empty without TLS.</summary>
    public string CaPem => _authority?.Pem ?? "";

    /// <summary>Sets both sides up and returns when they listen; the server then knows its origin.</summary>
    public static async Task<Stage> StartAsync(Server server, Action<WebApplication> bitbucket, Action<WebApplication> control, CancellationToken cancel)
    {
        var stage = new Stage(server, bitbucket, control);
        try
        {
            await stage.ListenAsync(cancel);
            return stage;
        }
        catch
        {
            await stage.DisposeAsync();
            throw;
        }
    }

    /// <summary>A client that trusts this server, follows no redirects, and sends the given login with every request.</summary>
    public HttpClient CreateClient(Uri root, string? bearer, (string Name, string Password)? basic)
    {
        var handler = new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false };
        if (_authority is not null) Trust(handler, CaPem);
        var address = root.AbsoluteUri;
        var client = new HttpClient(handler) { BaseAddress = new Uri(address.EndsWith('/') ? address : address + "/") };
        if (bearer is not null) client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", bearer);
        if (basic is { } pair)
        {
            var text = Convert.ToBase64String(Encoding.UTF8.GetBytes($"{pair.Name}:{pair.Password}"));
            client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Basic", text);
        }

        return client;
    }

    public async ValueTask DisposeAsync()
    {
        // Requests that a fault keeps hanging must not hold up the end.
        using var now = new CancellationTokenSource(TimeSpan.FromMilliseconds(50), TimeProvider.System);
        await Task.WhenAll(_bitbucket.StopAsync(now.Token), _control.StopAsync(now.Token));
        await _bitbucket.DisposeAsync();
        await _control.DisposeAsync();
        _certificate?.Dispose();
        if (_server.Options.Authority is null) _authority?.Dispose();
    }

    private async Task ListenAsync(CancellationToken cancel)
    {
        await _bitbucket.StartAsync(cancel);
        await _control.StartAsync(cancel);
        _server.Origin = Host.Address(_bitbucket);
        ControlUrl = new Uri(Host.Address(_control) + "/");
    }

    private static void Trust(SocketsHttpHandler handler, string pem)
    {
        handler.SslOptions.CertificateChainPolicy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
        };
        handler.SslOptions.CertificateChainPolicy.CustomTrustStore.ImportFromPem(pem);
    }
}
