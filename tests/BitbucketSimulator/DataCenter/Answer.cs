using System.Text.Json.Nodes;

namespace BitbucketOperator.BitbucketSimulator.DataCenter;

/// <summary>A response before it is written.</summary>
internal sealed record Answer(int Status, JsonNode? Body = null)
{
    public string? Text { get; init; }

    public string ContentType { get; init; } = "application/json;charset=UTF-8";

    public Dictionary<string, string> Headers { get; init; } = [];

    public static Answer Ok(JsonNode body) => new(200, body);

    /// <summary>The envelope of every error. <paramref name="exception"/> can be null in real answers too.</summary>
    public static Answer Error(int status, string message, string? exception = null, string? context = null) => new(status, new JsonObject
    {
        ["errors"] = new JsonArray(new JsonObject { ["context"] = context, ["message"] = message, ["exceptionName"] = exception }),
    });

    /// <summary>What the platform below Bitbucket answers for a resource that no plugin serves: another shape.</summary>
    public static Answer NoSuchResource(string uri) =>
        new(404, new JsonObject { ["message"] = $"null for uri: {uri}", ["status-code"] = 404 });

    public static Answer Html(int status, string title) =>
        new(status) { Text = $"<!DOCTYPE html><html><head><title>{title}</title></head><body><h1>{title}</h1></body></html>", ContentType = "text/html;charset=UTF-8" };

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

/// <summary>The errors that several endpoints answer.</summary>
internal static class Errors
{
    private const string Package = "com.atlassian.bitbucket.";

    public static ApiException NotPermitted() => new(Answer.Error(401, "You are not permitted to access this resource", Package + "AuthorisationException"));

    public static ApiException NoSuchProject(string key) =>
        new(Answer.Error(404, $"Project {key} does not exist.", Package + "project.NoSuchProjectException"));

    public static ApiException NoSuchRepository(string key, string slug) =>
        new(Answer.Error(404, $"Repository {key}/{slug} does not exist.", Package + "repository.NoSuchRepositoryException"));

    public static ApiException NoSuchWebhook(string id) => new(Answer.Error(404, $"A webhook with id {id} does not exist."));

    public static ApiException NoSuchUser(string slug) => new(Answer.Error(404, $"User {slug} does not exist.", Package + "user.NoSuchUserException"));

    public static ApiException BadRequest(string message, string? context = null) => new(Answer.Error(400, message, null, context));

    public static Answer IncorrectPassword() => new Answer(
        401,
        Answer.Error(401, "Authentication failed. Please check your credentials and try again.", Package + "auth.IncorrectPasswordAuthenticationException").Body)
    {
        Headers = { ["WWW-Authenticate"] = "Basic realm=\"Atlassian Bitbucket\"" },
    };

    public static Answer InvalidToken() =>
        Answer.Error(401, "Authentication failed. Please check your credentials and try again.", Package + "auth.AuthenticationException");

    public static Answer BasicDisabled() => Answer.Error(401, "Basic authentication is not allowed on this instance.", Package + "auth.AuthenticationException");

    public static Answer Captcha(int status) => Answer.Error(
        status,
        "CAPTCHA required. Your Bitbucket account has been marked as requiring a CAPTCHA challenge. Log in through the web interface first.",
        Package + "auth.CaptchaRequiredAuthenticationException");
}
