using System.Collections.Concurrent;
using System.Net.Http.Headers;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Extensions;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;

namespace BitbucketOperator.Testing.Cluster;

/// <summary>An answer in place of the API server's.</summary>
/// <param name="Status">Its code.</param>
/// <param name="Body">JSON, or nothing.</param>
/// <param name="RetryAfter">The header of that name; null leaves it out.</param>
/// <param name="AfterProcessing">The API server does the work first; only its answer is lost.</param>
public sealed record ApiFault(int Status, string Body = "", string? RetryAfter = null, bool AfterProcessing = false)
{
    /// <summary>One that says why, as the API server does.</summary>
    public static ApiFault Of(int status, string reason, string message) => new(status, $$"""
        {"kind":"Status","apiVersion":"v1","status":"Failure","reason":"{{reason}}","code":{{status}},"message":"{{message}}"}
        """);
}

/// <summary>What went through, with what matters to tests.</summary>
/// <param name="Method">GET and so on.</param>
/// <param name="Url">Path and query.</param>
/// <param name="Accept">The header of that name.</param>
public sealed record Passed(string Method, string Url, string Accept)
{
    public long At { get; } = TimeProvider.System.GetTimestamp();

    public bool IsWatch => Url.Contains("watch=true", StringComparison.Ordinal);

    public bool IsListOf(string plural) => Method == "GET" && !IsWatch && Url.Contains($"/{plural}?", StringComparison.Ordinal);
}

/// <summary>Stands between an operator and the real API server and misbehaves when told to.</summary>
public sealed class FaultProxy : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly HttpClient _server;
    private readonly string _token;
    private long _streams;
    private long _silencedUpTo;
    private int _cutAfterNextBytes;
    private int _openWatches;
    private CancellationTokenSource _cut = new();

    private FaultProxy(WebApplication app, HttpClient server, string token) => (_app, _server, _token) = (app, server, token);

    /// <summary>Decides per request; null lets it through.</summary>
    public Func<Passed, ApiFault?> Decide { get; set; } = _ => null;

    /// <summary>While set, connections are dropped without an answer.</summary>
    public bool Unreachable { get; set; }

    public ConcurrentQueue<Passed> Requests { get; } = new();

    /// <summary>The watches whose streams were opened, by their URL: what comes through them can be silenced.</summary>
    public ConcurrentQueue<string> OpenedWatches { get; } = new();

    /// <summary>How many watches are open now.</summary>
    public int OpenWatches => Volatile.Read(ref _openWatches);

    /// <summary>Where it listens, in plain http.</summary>
    public Uri Address => new(_app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());

    public static async Task<FaultProxy> StartAsync(Uri server, byte[] caPem, string token)
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var proxy = new FaultProxy(app, ClientFor(server, caPem), token);
        app.Run(proxy.HandleAsync);
        await app.StartAsync();
        return proxy;
    }

    /// <summary>The streams open now stay open and bring nothing any more.</summary>
    public void SilenceOpenStreams() => Volatile.Write(ref _silencedUpTo, Volatile.Read(ref _streams));

    /// <summary>Drops the connections of all requests that are under way, watches among them.</summary>
    public void CutAll() => Interlocked.Exchange(ref _cut, new CancellationTokenSource()).Cancel();

    /// <summary>The next bytes of any watch are cut in the middle and its connection is dropped.</summary>
    public void CutNextLine() => Volatile.Write(ref _cutAfterNextBytes, 1);

    public async ValueTask DisposeAsync()
    {
        await _cut.CancelAsync();
        await _app.DisposeAsync();
        _server.Dispose();
        _cut.Dispose();
    }

    private static HttpClient ClientFor(Uri server, byte[] caPem)
    {
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.ImportFromPem(Encoding.ASCII.GetString(caPem));
        var handler = new SocketsHttpHandler { SslOptions = { CertificateChainPolicy = policy } };
        return new(handler) { BaseAddress = server, Timeout = Timeout.InfiniteTimeSpan };
    }

    private async Task HandleAsync(HttpContext context)
    {
        var url = context.Request.GetEncodedPathAndQuery();
        var passed = new Passed(context.Request.Method, url, context.Request.Headers.Accept.ToString());
        Requests.Enqueue(passed);
        if (Unreachable)
        {
            context.Abort();
        }
        else if (Decide(passed) is { } fault)
        {
            await AnswerAsync(context, passed, fault);
        }
        else
        {
            await ForwardAsync(context, passed);
        }
    }

    private async Task AnswerAsync(HttpContext context, Passed passed, ApiFault fault)
    {
        if (fault.AfterProcessing)
        {
            using var request = RequestFor(context, passed);
            using var _ = await _server.SendAsync(request, context.RequestAborted);
        }

        context.Response.StatusCode = fault.Status;
        context.Response.ContentType = "application/json";
        context.Response.Headers.RetryAfter = fault.RetryAfter;
        await context.Response.WriteAsync(fault.Body);
    }

    private async Task ForwardAsync(HttpContext context, Passed passed)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, Volatile.Read(ref _cut).Token);
        try
        {
            using var request = RequestFor(context, passed);
            using var response = await _server.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, ended.Token);
            context.Response.StatusCode = (int)response.StatusCode;
            context.Response.ContentType = response.Content.Headers.ContentType?.ToString();
            context.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
            await context.Response.StartAsync(ended.Token);
            await CopyAsync(await response.Content.ReadAsStreamAsync(ended.Token), context, passed, ended.Token);
        }
        catch (Exception e) when (e is HttpRequestException or IOException or OperationCanceledException)
        {
            context.Abort();
        }
    }

    private HttpRequestMessage RequestFor(HttpContext context, Passed passed)
    {
        var request = new HttpRequestMessage(new HttpMethod(passed.Method), passed.Url);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", _token);
        request.Headers.TryAddWithoutValidation("Accept", passed.Accept);
        if (context.Request.ContentLength > 0)
        {
            request.Content = new StreamContent(context.Request.Body);
            request.Content.Headers.TryAddWithoutValidation("Content-Type", context.Request.ContentType);
        }

        return request;
    }

    private async Task CopyAsync(Stream from, HttpContext context, Passed passed, CancellationToken ended)
    {
        if (!passed.IsWatch)
        {
            await CopyBytesAsync(from, context, passed, ended);
            return;
        }

        OpenedWatches.Enqueue(passed.Url);
        Interlocked.Increment(ref _openWatches);
        try
        {
            await CopyBytesAsync(from, context, passed, ended);
        }
        finally
        {
            Interlocked.Decrement(ref _openWatches);
        }
    }

    private async Task CopyBytesAsync(Stream from, HttpContext context, Passed passed, CancellationToken ended)
    {
        var id = Interlocked.Increment(ref _streams);
        var buffer = new byte[64 * 1024];
        while (await from.ReadAsync(buffer, ended) is var length and > 0)
        {
            if (id <= Volatile.Read(ref _silencedUpTo))
            {
                continue;
            }

            if (Unreachable || (passed.IsWatch && Interlocked.Exchange(ref _cutAfterNextBytes, 0) == 1))
            {
                await context.Response.Body.WriteAsync(buffer.AsMemory(0, length / 2), ended);
                await context.Response.Body.FlushAsync(ended);
                context.Abort();
                return;
            }

            await context.Response.Body.WriteAsync(buffer.AsMemory(0, length), ended);
            await context.Response.Body.FlushAsync(ended);
        }

        // Silence goes on when the server closes its end.
        if (id <= Volatile.Read(ref _silencedUpTo))
        {
            await Eventually.CancelledAsync(ended);
            context.Abort();
        }
    }
}
