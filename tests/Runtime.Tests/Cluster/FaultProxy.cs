using BitbucketOperator.Runtime.Kubeconfig;
using System.Collections.Concurrent;
using System.Net.Http.Headers;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using BitbucketOperator.Runtime.Client;
using BitbucketOperator.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Extensions;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using k8s;

namespace BitbucketOperator.Runtime.Tests.Servers;

/// <summary>An answer in place of the API server's.</summary>
internal sealed record Fault(int Status, string Body = "", string? RetryAfter = null);

/// <summary>What went through, with what matters to tests.</summary>
internal sealed record Passed(string Method, string Url, string Accept)
{
    public long At { get; } = TimeProvider.System.GetTimestamp();

    public bool IsWatch => Url.Contains("watch=true", StringComparison.Ordinal);

    public bool IsListOf(string plural) => Method == "GET" && !IsWatch && Url.Contains($"/{plural}?", StringComparison.Ordinal);
}

/// <summary>Stands between the runtime and the real API server and misbehaves when told to.</summary>
internal sealed class FaultProxy : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly HttpClient _server;
    private readonly string _token;
    private long _streams;
    private long _silencedUpTo;
    private int _cutAfterNextBytes;

    private FaultProxy(WebApplication app, HttpClient server, string token) => (_app, _server, _token) = (app, server, token);

    /// <summary>Decides per request; null lets it through.</summary>
    public Func<Passed, Fault?> Decide { get; set; } = _ => null;

    /// <summary>While set, connections are dropped without an answer.</summary>
    public bool Unreachable { get; set; }

    public ConcurrentQueue<Passed> Requests { get; } = new();

    /// <summary>The watches whose streams were opened, by their URL: what comes through them can be silenced.</summary>
    public ConcurrentQueue<string> OpenedWatches { get; } = new();

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

    public ApiServerClient CreateClient() => new(new ApiServerAccess
    {
        Server = new Uri(_app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First()),
    });

    /// <summary>The streams open now stay open and bring nothing any more.</summary>
    public void SilenceOpenStreams() => Volatile.Write(ref _silencedUpTo, Volatile.Read(ref _streams));

    /// <summary>The next bytes of any watch are cut in the middle and its connection is dropped.</summary>
    public void CutNextLine() => Volatile.Write(ref _cutAfterNextBytes, 1);

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _server.Dispose();
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
            await AnswerAsync(context, fault);
        }
        else
        {
            await ForwardAsync(context, passed);
        }
    }

    private static async Task AnswerAsync(HttpContext context, Fault fault)
    {
        context.Response.StatusCode = fault.Status;
        context.Response.ContentType = "application/json";
        context.Response.Headers.RetryAfter = fault.RetryAfter;
        await context.Response.WriteAsync(fault.Body);
    }

    private async Task ForwardAsync(HttpContext context, Passed passed)
    {
        try
        {
            using var request = RequestFor(context, passed);
            using var response = await _server.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, context.RequestAborted);
            context.Response.StatusCode = (int)response.StatusCode;
            context.Response.ContentType = response.Content.Headers.ContentType?.ToString();
            context.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
            await context.Response.StartAsync(context.RequestAborted);
            await CopyAsync(await response.Content.ReadAsStreamAsync(context.RequestAborted), context, passed);
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

    private async Task CopyAsync(Stream from, HttpContext context, Passed passed)
    {
        var id = Interlocked.Increment(ref _streams);
        if (passed.IsWatch)
        {
            OpenedWatches.Enqueue(passed.Url);
        }

        var buffer = new byte[64 * 1024];
        while (await from.ReadAsync(buffer, context.RequestAborted) is var length and > 0)
        {
            if (id <= Volatile.Read(ref _silencedUpTo))
            {
                continue;
            }

            if (Unreachable || (passed.IsWatch && Interlocked.Exchange(ref _cutAfterNextBytes, 0) == 1))
            {
                await context.Response.Body.WriteAsync(buffer.AsMemory(0, length / 2), context.RequestAborted);
                await context.Response.Body.FlushAsync(context.RequestAborted);
                context.Abort();
                return;
            }

            await context.Response.Body.WriteAsync(buffer.AsMemory(0, length), context.RequestAborted);
            await context.Response.Body.FlushAsync(context.RequestAborted);
        }

        // Silence goes on when the server closes its end.
        if (id <= Volatile.Read(ref _silencedUpTo))
        {
            await Eventually.CancelledAsync(context.RequestAborted);
        }
    }
}
