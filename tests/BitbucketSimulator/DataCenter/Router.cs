using BitbucketOperator.BitbucketSimulator.Faults;
using Microsoft.AspNetCore.Http.Features;

namespace BitbucketOperator.BitbucketSimulator.DataCenter;

/// <summary>Registers handlers. A plain handler runs under the state's lock; an asynchronous one takes it where it needs it.</summary>
internal sealed class Router(IEndpointRouteBuilder app, Backend backend)
{
    /// <summary>Below /rest/api, where 1.0 and latest mean the same.</summary>
    public void AddApi(string method, string path, Func<Call, Answer> handler) => Add(method, $"/rest/api/{{api:regex(^(1.0|latest)$)}}/{path}", handler);

    public void Add(string method, string path, Func<Call, Answer> handler)
    {
        Map(method, path, (call, _) =>
        {
            lock (backend.World.Gate) return Task.FromResult(handler(call));
        });
    }

    public void AddAsync(string method, string path, Func<Call, CancellationToken, Task<Answer>> handler) =>
        Map(method, $"/rest/api/{{api:regex(^(1.0|latest)$)}}/{path}", handler);

    private void Map(string method, string path, Func<Call, CancellationToken, Task<Answer>> handler)
    {
        RequestDelegate run = http => RunAsync(http, handler);
        app.MapMethods(path, [method], run);
    }

    private async Task RunAsync(HttpContext http, Func<Call, CancellationToken, Task<Answer>> handler)
    {
        using var reader = new StreamReader(http.Request.Body);
        var body = await reader.ReadToEndAsync(http.RequestAborted);
        var exchange = http.Features.GetRequiredFeature<Exchange>();
        Answer answer;
        try
        {
            answer = await handler(new Call(http, backend, exchange.Caller, body), http.RequestAborted);
            exchange.Applied = answer.Status is >= 200 and < 300;
        }
        catch (ApiException e)
        {
            answer = e.Answer;
        }

        await answer.WriteAsync(http);
    }
}
