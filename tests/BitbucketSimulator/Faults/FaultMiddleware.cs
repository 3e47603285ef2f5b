using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using BitbucketOperator.BitbucketSimulator.Serving;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;

namespace BitbucketOperator.BitbucketSimulator.Faults;

/// <summary>Makes the matching fault happen, before, after or instead of the real work.</summary>
internal sealed class FaultMiddleware(Server server)
{
    public async Task InvokeAsync(HttpContext http, RequestDelegate next)
    {
        var request = http.Request;
        var (delay, fault) = server.Faults.Match(request.Method, request.Path.Value ?? "", request.QueryString.Value ?? "", server.PageOf(request));
        if (delay > TimeSpan.Zero) await Task.Delay(delay, server.Clock, http.RequestAborted);
        if (fault is null)
        {
            await next(http);
            return;
        }

        http.Features.GetRequiredFeature<Exchange>().Fault = fault.Kind;
        var real = NeedsRealAnswer(fault) ? await CaptureAsync(http, next) : [];
        await HappenAsync(http, fault, real);
    }

    private static bool NeedsRealAnswer(Fault fault) => fault.AfterProcessing
        || fault.Kind is FaultKind.Truncated or FaultKind.BrokenJson or FaultKind.Echo
            or FaultKind.PagingWithoutNext or FaultKind.PagingNotIncreasing or FaultKind.PagingEndless or FaultKind.PagingToAnotherHost;

    private async Task HappenAsync(HttpContext http, Fault fault, byte[] real)
    {
        switch (fault.Kind)
        {
            case FaultKind.Reset:
                await DropAsync(http, reset: true);
                break;
            case FaultKind.EmptyReply:
                await DropAsync(http, reset: false);
                break;
            case FaultKind.Hang:
                await Task.Delay(Timeout.InfiniteTimeSpan, server.Clock, http.RequestAborted);
                break;
            case FaultKind.Truncated:
                await TruncateAsync(http, real);
                break;
            case FaultKind.BrokenJson:
                await SendAsync(http, real[..(real.Length / 2)]);
                break;
            case FaultKind.PagingWithoutNext or FaultKind.PagingNotIncreasing or FaultKind.PagingEndless or FaultKind.PagingToAnotherHost:
                await SendAsync(http, Spoil(real, fault, http.Request));
                break;
            case FaultKind.Echo:
                await SendAsync(http, EchoIn(real, http));
                break;
            default:
                await ReplaceAsync(http, fault);
                break;
        }
    }

    private async Task ReplaceAsync(HttpContext http, Fault fault)
    {
        var answer = fault.Kind switch
        {
            FaultKind.RateLimited => new Answer(429) { Text = fault.Body, ContentType = fault.ContentType },
            FaultKind.Html => Answer.Html(200, "Log in - Bitbucket"),
            FaultKind.Redirect => Answer.Redirect(302, fault.Location ?? $"{http.Request.PathBase}/login"),
            FaultKind.Maintenance => server.Unavailable(http.Request.PathBase),
            _ => new Answer(fault.Status) { Text = fault.Body, ContentType = fault.ContentType },
        };
        if (fault.RetryAfter is not null) answer.Headers["Retry-After"] = fault.RetryAfter;
        http.Response.Clear();
        await answer.WriteAsync(http);
    }

    /// <summary>Runs the real work and keeps its answer from the client.</summary>
    private static async Task<byte[]> CaptureAsync(HttpContext http, RequestDelegate next)
    {
        var wire = http.Response.Body;
        using var buffer = new MemoryStream();
        http.Response.Body = buffer;
        try
        {
            await next(http);
        }
        finally
        {
            http.Response.Body = wire;
        }

        return buffer.ToArray();
    }

    private static async Task SendAsync(HttpContext http, byte[] body)
    {
        http.Response.ContentLength = body.Length;
        await http.Response.Body.WriteAsync(body, http.RequestAborted);
    }

    private static async Task TruncateAsync(HttpContext http, byte[] real)
    {
        http.Features.GetRequiredFeature<Exchange>().Dropped = true;
        http.Response.ContentLength = real.Length + 1;
        await http.Response.Body.WriteAsync(real.AsMemory(0, real.Length / 2), http.RequestAborted);
        await http.Response.Body.FlushAsync(http.RequestAborted);
        await DropAsync(http, reset: false);
    }

    private static async Task DropAsync(HttpContext http, bool reset)
    {
        var exchange = http.Features.GetRequiredFeature<Exchange>();
        exchange.Dropped = true;
        await exchange.LogOnceAsync();
        if (http.Features.Get<IConnectionSocketFeature>()?.Socket is { } socket)
        {
            if (reset) socket.LingerState = new LingerOption(enable: true, 0);
            else socket.Shutdown(SocketShutdown.Both);
            if (reset) socket.Close();
        }

        http.Abort();
    }

    private static byte[] EchoIn(byte[] real, HttpContext http)
    {
        var forms = Echo.FormsOf(http.Request);
        if (forms.Count == 0) return real;
        Echo.Spoil(http.Response.Headers, forms);
        if (Parse(real) is not { } body) return real;
        Echo.Spoil(body, forms);
        return Encoding.UTF8.GetBytes(body.ToJsonString());
    }

    private byte[] Spoil(byte[] real, Fault fault, HttpRequest request)
    {
        if (Parse(real) is not { } page) return real;
        server.SpoilPage(page, fault, request);
        return Encoding.UTF8.GetBytes(page.ToJsonString());
    }

    private static JsonObject? Parse(byte[] body)
    {
        try
        {
            return JsonNode.Parse(body) as JsonObject;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
