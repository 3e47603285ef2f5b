using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using BitbucketOperator.Runtime.Kubeconfig;

namespace BitbucketOperator.Runtime.Client;

/// <summary>
/// The connection to the API server, of which a process has one. KubernetesClient's own has the JSON of every kind of Kubernetes
/// within reach, which would be two fifths of the binary, and reads less of a kubeconfig than kubectl does.
/// </summary>
public sealed class ApiServerClient : IDisposable
{
    private readonly ApiServerAccess _access;
    private readonly string _userAgent;
    private readonly Lock _gate = new();
    private HttpClient _http;
    private X509Certificate2? _certificate;

    /// <summary>Prepares the connection; nothing is sent yet.</summary>
    /// <param name="access">The server.</param>
    /// <param name="userAgent">Sent with each request.</param>
    public ApiServerClient(ApiServerAccess access, string? userAgent = null)
    {
        (_access, _userAgent) = (access, userAgent ?? "bitbucket-operator");
        _certificate = access.Login.Certificate;
        _http = NewHttp();
    }

    /// <summary>Reads how to reach the server and prepares the connection.</summary>
    /// <param name="kubeconfig">Path of a kubeconfig file; null for the usual places, see <see cref="KubeconfigLoader"/>.</param>
    /// <param name="context">Context within it. Default: its current context.</param>
    /// <param name="userAgent">Sent with each request.</param>
    /// <exception cref="KubeconfigException">There is none, or it cannot be used.</exception>
    /// <exception cref="InvalidOperationException">The environment names a proxy for the server that is none.</exception>
    public static ApiServerClient Open(string? kubeconfig = null, string? context = null, string? userAgent = null) =>
        new(KubeconfigLoader.Load(kubeconfig, context, TimeProvider.System), userAgent);

    /// <summary>The namespace of the context, or of the pod; null when there is none.</summary>
    public string? Namespace => _access.Namespace;

    /// <summary>The server.</summary>
    public Uri Server => _access.Server;

    private HttpClient Http
    {
        get
        {
            lock (_gate)
            {
                return _http;
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Http.Dispose();
        (_access.Login as IDisposable)?.Dispose();
    }

    /// <summary>Sends a request that <see cref="AuthorizeAsync"/> prepared; the answer's body is yet to be read.</summary>
    /// <exception cref="HttpRequestException">The connection was lost, or closed for another client certificate.</exception>
    internal async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var http = Http;
        try
        {
            return await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        }
        catch (Exception e) when (e is ObjectDisposedException or OperationCanceledException
            && !cancellationToken.IsCancellationRequested
            && !ReferenceEquals(http, Http))
        {
            throw new HttpRequestException("The connection to the API server was closed, since the client certificate is another one now.", e);
        }
        catch (HttpRequestException e)
        {
            throw new HttpRequestException(e.HttpRequestError, $"{Server.Authority} does not answer{Way}: {CauseOf(e)}", e);
        }
    }

    /// <summary>Adds what proves who sends a request, and whom to act as.</summary>
    internal async Task AuthorizeAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        request.Headers.Authorization = await _access.Login.HeaderAsync(cancellationToken);
        _access.Impersonation?.AddTo(request);
        UseCertificate(_access.Login.Certificate);
    }

    /// <summary>The server did not accept the login.</summary>
    internal void LoginRefused() => _access.Login.Refused();

    // A connection keeps the certificate that it was opened with: with another one all are closed, and watches begin again.
    private void UseCertificate(X509Certificate2? certificate)
    {
        lock (_gate)
        {
            if (ReferenceEquals(certificate, _certificate))
            {
                return;
            }

            _certificate = certificate;
            var former = _http;
            _http = NewHttp();
            former.Dispose();
        }
    }

    /// <summary>The server and the proxy before it, for messages: one that is in the way is easily forgotten.</summary>
    internal string Name => Server.Authority + Way;

    private string Way => ProxyInUse is not { } proxy ? ""
        : _access.Proxy is not null ? $" through the proxy {proxy.Authority} of the kubeconfig"
        : $" through the proxy {proxy.Authority} of the environment (list it in NO_PROXY if it needs none)";

    private Uri? ProxyInUse => _access.IsDirect ? null : _access.Proxy ?? EnvironmentOf(_access).GetProxy(Server);

    // Of a proxy that opens no tunnel, .NET repeats the address with the login in it, and ends with a quote that nothing begins.
    private string CauseOf(Exception exception)
    {
        var cause = exception.GetBaseException().Message;
        return ProxyInUse is { } proxy ? cause.Replace(proxy.ToString(), proxy.Authority, StringComparison.Ordinal).TrimEnd('"') : cause;
    }

    // The handler would take a variable that holds something else than an address for an empty one.
    private static EnvironmentProxy EnvironmentOf(ApiServerAccess access)
    {
        var environment = EnvironmentProxy.Read();
        return access.IsDirect || environment.FlawFor(access.Server) is not { } flaw ? environment : throw new InvalidOperationException(flaw);
    }

    private HttpClient NewHttp()
    {
        var http = new HttpClient(NewHandler()) { Timeout = Timeout.InfiniteTimeSpan };
        http.DefaultRequestHeaders.TryAddWithoutValidation("User-Agent", _userAgent);
        return http;
    }

    private SocketsHttpHandler NewHandler()
    {
        var handler = new SocketsHttpHandler
        {
            EnableMultipleHttp2Connections = true,

            // All requests share one HTTP/2 connection: a dead one must be noticed before leases and watches run out.
            KeepAlivePingPolicy = HttpKeepAlivePingPolicy.WithActiveRequests,
            KeepAlivePingDelay = TimeSpan.FromSeconds(15),
            KeepAlivePingTimeout = TimeSpan.FromSeconds(10),
            ConnectTimeout = TimeSpan.FromSeconds(10),
            AllowAutoRedirect = false,
            UseCookies = false,
            SslOptions = NewTlsOptions(),
            UseProxy = !_access.IsDirect,
            Proxy = _access.Proxy is { } proxy ? new WebProxy(proxy) { Credentials = EnvironmentProxy.LoginIn(proxy) } : EnvironmentOf(_access),
        };
        if (_access.TlsServerName is not null)
        {
            handler.ConnectCallback = ConnectAsync;
        }

        return handler;
    }

    private SslClientAuthenticationOptions NewTlsOptions()
    {
        var options = new SslClientAuthenticationOptions
        {
            RemoteCertificateValidationCallback = new ServerCertificate(_access).Accept,

            // A certificate may name addresses of its issuer, which its maker chose: none is called.
            CertificateChainPolicy = new X509ChainPolicy { DisableCertificateDownloads = true, RevocationMode = X509RevocationMode.NoCheck },
        };
        if (_access.Login.MayHaveCertificate)
        {
            options.LocalCertificateSelectionCallback = (_, _, _, _, _) => _access.Login.Certificate!;
        }

        return options;
    }

    // The handler asks for the host of the URL by name, so that the handshake is made here where the server has another name.
    private async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        Stream stream;
        try
        {
            await socket.ConnectAsync(context.DnsEndPoint, cancellationToken);
            stream = new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }

        // What is connected to may be a proxy.
        var server = _access.Server;
        if (server.Scheme != Uri.UriSchemeHttps || context.DnsEndPoint.Host.Trim('[', ']') != server.IdnHost || context.DnsEndPoint.Port != server.Port)
        {
            return stream;
        }

        var tls = new SslStream(stream);
        try
        {
            var options = NewTlsOptions();
            options.TargetHost = _access.TlsServerName;
            options.ApplicationProtocols = [SslApplicationProtocol.Http2, SslApplicationProtocol.Http11];
            await tls.AuthenticateAsClientAsync(options, cancellationToken);
            return tls;
        }
        catch
        {
            await tls.DisposeAsync();
            throw;
        }
    }
}
