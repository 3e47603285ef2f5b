using BitbucketOperator.BitbucketSimulator.Faults;

namespace BitbucketOperator.BitbucketSimulator.Serving;

/// <summary>What the steps of one request tell each other.</summary>
internal sealed class Exchange
{
    /// <summary>Who the request runs as, for the log.</summary>
    public string? Login { get; set; }

    /// <summary>The fault that decides the answer.</summary>
    public FaultKind? Fault { get; set; }

    /// <summary>The handler did its work, whatever answer then reaches the client.</summary>
    public bool Applied { get; set; }

    /// <summary>The connection ended without an answer.</summary>
    public bool Dropped { get; set; }

    /// <summary>Writes the request to the log.</summary>
    public Action? Log { get; set; }

    /// <summary>Called before the first byte leaves, so that whoever has the answer finds the request in the log.</summary>
    public Task LogOnceAsync()
    {
        Log?.Invoke();
        Log = null;
        return Task.CompletedTask;
    }
}

/// <summary>Outermost step: takes the context path off and logs every request, those without an answer too.</summary>
internal sealed class Recorder(Server server)
{
    public async Task InvokeAsync(HttpContext http, RequestDelegate next)
    {
        var exchange = new Exchange();
        http.Features.Set(exchange);
        var number = server.Requests.Begin();
        var time = server.Clock.GetUtcNow();
        exchange.Log = () => server.Requests.End(Entry(http, exchange, number, time), exchange.Applied);
        http.Response.OnStarting(exchange.LogOnceAsync);
        try
        {
            if (TakeContextPath(http.Request)) await next(http);
            else await Answer.Html(404, "Not found").WriteAsync(http);
        }
        catch (OperationCanceledException) when (http.RequestAborted.IsCancellationRequested)
        {
            exchange.Dropped = true;
        }
        finally
        {
            await exchange.LogOnceAsync();
        }
    }

    private bool TakeContextPath(HttpRequest request)
    {
        if (server.ContextPath.Length == 0) return true;
        if (!request.Path.StartsWithSegments(server.ContextPath, StringComparison.Ordinal, out var rest)) return false;
        request.PathBase = server.ContextPath;
        request.Path = rest.HasValue ? rest : "/";
        return true;
    }

    private static RequestEntry Entry(HttpContext http, Exchange exchange, long number, DateTimeOffset time) => new(
        number,
        http.Request.Method,
        http.Request.Path.Value ?? "",
        http.Request.QueryString.Value ?? "",
        exchange.Dropped ? 0 : http.Response.StatusCode,
        exchange.Login,
        time,
        http.Request.Headers.ContainsKey("Authorization"),
        exchange.Fault?.ToString());
}
