using System.Text.Json;
using BitbucketOperator.BitbucketSimulator.Faults;
using BitbucketOperator.BitbucketSimulator.Serving;
using BitbucketOperator.BitbucketSimulator.State;

namespace BitbucketOperator.BitbucketSimulator.Control;

/// <summary>What the control sides of both flavours have: errors in words, faults, request log and totals.</summary>
internal static class ControlBasics
{
    public static void Map(WebApplication app, Server server)
    {
        app.Use(next => http => ExplainErrorsAsync(http, next));
        app.UseRouting();
        MapFaults(app, server);
        MapLog(app, server);
    }

    private static void MapFaults(WebApplication app, Server server)
    {
        app.MapGet("/faults", () => server.Faults.Active);
        app.MapPost("/faults", (Fault fault) => Results.Json(new { id = server.Faults.Add(fault) }, statusCode: 201));
        app.MapDelete("/faults", () => server.Faults.Clear());
        app.MapDelete("/faults/{id}", (string id) => server.Faults.Remove(id) ? Results.NoContent() : Results.NotFound());
    }

    private static void MapLog(WebApplication app, Server server)
    {
        app.MapGet("/requests", (int? last) => server.Requests.Entries.TakeLast(last ?? int.MaxValue));
        app.MapDelete("/requests", () => server.Requests.Reset());
        app.MapGet("/counters", () => server.Requests.Counters);
        app.MapPost("/counters/reset", () => server.Requests.Reset());
    }

    private static async Task ExplainErrorsAsync(HttpContext http, RequestDelegate next)
    {
        try
        {
            await next(http);
        }
        catch (Exception e) when (e is StateException or FormatException or JsonException or BadHttpRequestException)
        {
            http.Response.StatusCode = 400;
            await http.Response.WriteAsJsonAsync(new { error = e.InnerException is JsonException inner ? inner.Message : e.Message }, http.RequestAborted);
        }
    }
}
