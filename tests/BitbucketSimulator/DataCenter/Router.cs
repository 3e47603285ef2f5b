using BitbucketOperator.BitbucketSimulator.Serving;
using BitbucketOperator.BitbucketSimulator.State;
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
        RequestDelegate run = RunAsync;
        app.MapMethods(path, [method], run);

        Task RunAsync(HttpContext http) => RequestCall.RunAsync(http, body =>
            handler(new Call(http, backend, http.Features.GetRequiredFeature<Caller>(), body), http.RequestAborted));
    }
}
