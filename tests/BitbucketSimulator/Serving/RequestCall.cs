using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http.Features;

namespace BitbucketOperator.BitbucketSimulator.Serving;

/// <summary>One request as a handler of any flavour sees it.</summary>
internal abstract class RequestCall(HttpContext http, string body)
{
    public HttpRequest Request => http.Request;

    public string Route(string name) => (string)http.Request.RouteValues[name]!;

    public string? Query(string name) => http.Request.Query[name].FirstOrDefault();

    public IReadOnlyList<string> QueryAll(string name) => [.. http.Request.Query[name].OfType<string>()];

    public bool Flag(string name) => string.Equals(Query(name), "true", StringComparison.OrdinalIgnoreCase);

    protected bool HasBody => !string.IsNullOrWhiteSpace(body);

    /// <summary>The body, or null with the exception that says why it is no JSON.</summary>
    protected JsonNode? Parse(out JsonException? error)
    {
        try
        {
            error = null;
            return JsonNode.Parse(body);
        }
        catch (JsonException e)
        {
            error = e;
            return null;
        }
    }

    /// <summary>Reads the body, runs a handler and writes its answer, or the one it ends early with.</summary>
    public static async Task RunAsync(HttpContext http, Func<string, Task<Answer>> handler)
    {
        using var reader = new StreamReader(http.Request.Body);
        var body = await reader.ReadToEndAsync(http.RequestAborted);
        var exchange = http.Features.GetRequiredFeature<Exchange>();
        Answer answer;
        try
        {
            answer = await handler(body);
            exchange.Applied = answer.Status is >= 200 and < 300;
        }
        catch (ApiException e)
        {
            answer = e.Answer;
        }

        await answer.WriteAsync(http);
    }
}
