using System.Text.Json.Nodes;

namespace BitbucketOperator.BitbucketSimulator.Serving;

/// <summary>A response before it is written.</summary>
internal sealed record Answer(int Status, JsonNode? Body = null)
{
    public string? Text { get; init; }

    public string ContentType { get; init; } = "application/json;charset=UTF-8";

    public Dictionary<string, string> Headers { get; init; } = [];

    public static Answer Ok(JsonNode body) => new(200, body);

    public static Answer Html(int status, string title) =>
        new(status) { Text = $"<!DOCTYPE html><html><head><title>{title}</title></head><body><h1>{title}</h1></body></html>",
            ContentType = "text/html;charset=UTF-8" };

    public static Answer Redirect(int status, string location) => new(status) { Headers = { ["Location"] = location } };

    public async Task WriteAsync(HttpContext http)
    {
        var response = http.Response;
        response.StatusCode = Status;
        foreach (var (name, value) in Headers) response.Headers[name] = value;
        var text = Body?.ToJsonString() ?? Text;
        if (text is null) return;
        var bytes = System.Text.Encoding.UTF8.GetBytes(text);
        response.ContentType = ContentType;
        response.ContentLength = bytes.Length;
        if (!HttpMethods.IsHead(http.Request.Method)) await response.Body.WriteAsync(bytes, http.RequestAborted);
    }
}

/// <summary>Ends a handler early with an error answer.</summary>
internal sealed class ApiException(Answer answer) : Exception
{
    public Answer Answer { get; } = answer;
}
