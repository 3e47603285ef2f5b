using System.Net;
using System.Security.Cryptography;
using System.Text;
using BitbucketOperator.Core.Port;

namespace BitbucketOperator.Bitbucket.Http;

/// <summary>
/// The HTTP clients of the process: connections that trust alike and go the same way share one. A client that nobody used for a while
/// is closed, and so are those that were used longest ago when all together trust too many certificates, for these are kept outside of
/// managed memory. One that is needed again is opened again.
/// </summary>
internal sealed class HttpClients : IDisposable
{
    // Of all bundles; each takes about 5 KiB.
    private const int MostCertificates = 5_000;
    private static readonly TimeSpan Idle = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan Sweep = TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();
    private readonly Dictionary<string, WeakReference<SharedClient>> _known = new(StringComparer.Ordinal);
    private readonly HashSet<SharedClient> _open = [];
    private readonly ClientHandlers _handlers;
    private readonly TimeProvider _clock;
    private readonly ITimer _timer;

    // Names hold keyed hashes: they may be printed, and a password must not be found out from one.
    private readonly byte[] _key = RandomNumberGenerator.GetBytes(32);

    /// <param name="policy">Where connections may lead.</param>
    /// <param name="options">Time-outs.</param>
    /// <param name="environmentProxy">The proxy for targets that name none.</param>
    /// <param name="clock">Tells what was used when.</param>
    /// <param name="first">What requests go through first; null for nothing.</param>
    public HttpClients(
        AddressPolicy policy, BitbucketOptions options, IWebProxy environmentProxy, TimeProvider clock, RequestHandlerFactory? first = null)
    {
        EnvironmentProxy = environmentProxy;
        _handlers = new ClientHandlers(policy, options, environmentProxy, first);
        _clock = clock;
        _timer = clock.CreateTimer(_ => CloseIdle(), state: null, Sweep, Sweep);
    }

    /// <summary>The proxy for targets that name none.</summary>
    internal IWebProxy EnvironmentProxy { get; }

    /// <summary>How many are open.</summary>
    public int Open
    {
        get
        {
            lock (_gate) return _open.Count;
        }
    }

    /// <summary>The client for a target.</summary>
    /// <exception cref="FaultException">Its CA bundle cannot be used.</exception>
    public SharedClient For(ConnectionTarget target)
    {
        var name = NameOf(target);
        lock (_gate)
        {
            if (_known.TryGetValue(name, out var reference) && reference.TryGetTarget(out var known)) return known;
            var client = new SharedClient(this, name, target);
            OpenNow(client);
            _known[name] = new WeakReference<SharedClient>(client);
            return client;
        }
    }

    public void Dispose()
    {
        _timer.Dispose();
        lock (_gate)
        {
            foreach (var client in _open.ToList()) Close(client);
        }
    }

    /// <summary>Begins a use, which keeps the client open until <see cref="End"/>.</summary>
    internal HttpMessageInvoker Begin(SharedClient client)
    {
        lock (_gate)
        {
            var opened = client.Opened ?? OpenNow(client);
            client.Uses++;
            return opened.Http;
        }
    }

    /// <summary>Ends a use.</summary>
    internal void End(SharedClient client)
    {
        lock (_gate)
        {
            client.Uses--;
            client.UsedAt = _clock.GetTimestamp();
        }
    }

    private OpenedClient OpenNow(SharedClient client)
    {
        var profile = ClientProfile.Of(client.Target);
        var opened = client.Opened = new OpenedClient(profile, new HttpMessageInvoker(_handlers.Create(profile)));
        client.UsedAt = _clock.GetTimestamp();
        _open.Add(client);
        var certificates = _open.Sum(c => c.Opened!.Profile.Roots.Count);
        foreach (var old in _open.Where(c => c.Uses == 0 && c != client && c.Opened!.Profile.Roots.Count > 0).OrderBy(c => c.UsedAt).ToList())
        {
            if (certificates <= MostCertificates) break;
            certificates -= old.Opened!.Profile.Roots.Count;
            Close(old);
        }

        return opened;
    }

    private void CloseIdle()
    {
        lock (_gate)
        {
            foreach (var client in _open.Where(c => c.Uses == 0 && _clock.GetElapsedTime(c.UsedAt) > Idle).ToList()) Close(client);
            foreach (var (name, _) in _known.Where(k => !k.Value.TryGetTarget(out _)).ToList()) _known.Remove(name);
        }
    }

    private void Close(SharedClient client)
    {
        _open.Remove(client);
        client.Opened?.Http.Dispose();
        client.Opened?.Profile.Release();
        client.Opened = null;
    }

    private string NameOf(ConnectionTarget target)
    {
        var bundle = target.CaBundle is { } pem ? Hash(pem) : "system";
        var proxy = target.Proxy is { } given ? Hash($"{given.Url}\n{given.Username}\n{given.Password?.Reveal()}") : "environment";
        return $"{bundle}/{(target.InsecureSkipVerify ? "any" : "verified")}/{proxy}";
    }

    private string Hash(string text) => Convert.ToHexStringLower(HMACSHA256.HashData(_key, Encoding.UTF8.GetBytes(text)));
}

/// <summary>A client that connections share, open or not. What belongs to it <see cref="HttpClients"/> alone changes.</summary>
internal sealed class SharedClient(HttpClients owner, string name, ConnectionTarget target)
{
    /// <summary>The way to servers and what is trusted on it, as a name without a secret in it.</summary>
    public string Name => name;

    internal ConnectionTarget Target => target;

    internal OpenedClient? Opened { get; set; }

    internal int Uses { get; set; }

    internal long UsedAt { get; set; }

    /// <summary>The proxy before an address; null where there is none, or the environment does not tell.</summary>
    public Hop? HopTo(Uri address)
    {
        var route = new Route(target.Proxy, owner.EnvironmentProxy);
        return route.FlawBefore(address) is null ? route.HopTo(address) : null;
    }

    /// <summary>Uses it until the result is disposed, the body of an answer included.</summary>
    public Use Begin() => new(owner, this);

    /// <summary>One use.</summary>
    internal sealed class Use(HttpClients owner, SharedClient client) : IDisposable
    {
        private readonly HttpMessageInvoker _http = owner.Begin(client);

        /// <summary>Sends a request; the answer's body is yet to be read.</summary>
        public Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            _http.SendAsync(request, cancellationToken);

        public void Dispose() => owner.End(client);
    }
}

/// <summary>What an open client holds.</summary>
internal sealed record OpenedClient(ClientProfile Profile, HttpMessageInvoker Http);
