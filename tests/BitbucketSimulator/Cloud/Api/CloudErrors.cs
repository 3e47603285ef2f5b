using System.Text.Json.Nodes;
using BitbucketOperator.BitbucketSimulator.Serving;
using BitbucketOperator.BitbucketSimulator.State;

namespace BitbucketOperator.BitbucketSimulator.Cloud.Api;

/// <summary>Error answers, in all the shapes that have been seen.</summary>
internal static class CloudErrors
{
    private const string InvalidToken = "Token is invalid, expired, or not supported for this endpoint.";

    public static Answer Error(int status, string message, JsonNode? detail = null, JsonNode? fields = null)
    {
        var error = new JsonObject { ["message"] = message };
        if (detail is not null) error["detail"] = detail;
        if (fields is not null) error["fields"] = fields;
        return new Answer(status, new JsonObject { ["type"] = "error", ["error"] = error });
    }

    public static Answer Unauthorized(UnauthorizedBody body, string message = InvalidToken)
    {
        var json = Error(401, message);
        var answer = body switch
        {
            UnauthorizedBody.Empty => new Answer(401),
            UnauthorizedBody.PlainText => new Answer(401) { Text = message, ContentType = "text/plain" },
            _ => json,
        };
        answer.Headers["WWW-Authenticate"] = "Basic realm=\"Bitbucket.org HTTP\"";
        if (body != UnauthorizedBody.Json) answer.Headers["Server"] = "envoy";
        return answer;
    }

    public static Answer Expired(UnauthorizedBody body) => Unauthorized(body, "Access token expired.");

    public static ApiException MissingScopes(IEnumerable<string> required, IEnumerable<string> granted) => new(Error(
        403,
        "Your credentials lack one or more required privilege scopes.",
        new JsonObject { ["required"] = Strings(required), ["granted"] = Strings(granted) }));

    public static ApiException WrongMechanism(int status = 403) => new(Error(status, "This API is not accessible by this authentication mechanism"));

    public static ApiException Forbidden(string message = "Forbidden") => new(Error(403, message));

    public static ApiException NoAdmin(string what) => Forbidden($"You must have admin permission on this {what} to manage its webhooks.");

    public static Answer NoSuchResource() => Error(404, "Resource not found", "There is no API hosted at this URL");

    public static ApiException HiddenRepository(int status) => new(Error(
        status,
        "You may not have access to this repository or it no longer exists in this workspace. If you think this repository exists and you have access,"
            + " make sure you are authenticated."));

    public static ApiException NoSuchWorkspace(string slug) => new(Error(404, $"No workspace with identifier '{slug}'."));

    public static ApiException NoSuchProject(string key) => new(Error(404, $"Project with key \"{key}\" not found."));

    public static ApiException NoSuchWebhook(string uid) => new(Error(404, $"Webhook {uid} not found."));

    public static Answer Removed() => Gone("CHANGE-2770 - Functionality has been deprecated", "CHANGE-2770");

    public static Answer Spam() => Gone("This account has been marked as spam.", null);

    /// <summary>Field errors as an object of lists.</summary>
    public static ApiException BadField(string field, string message) =>
        new(Error(400, $"{field}: {message}", fields: new JsonObject { [field] = Strings([message]) }));

    /// <summary>Field errors as an object of texts.</summary>
    public static ApiException BadText(string field, string message) =>
        new(Error(400, $"{field}: {message}", fields: new JsonObject { [field] = message }));

    /// <summary>Field errors as a list of texts.</summary>
    public static ApiException MissingField(string field) =>
        new(Error(400, $"Required field: \"{field}\" is not present", fields: Strings([$"Required field: \"{field}\" is not present"])));

    /// <summary>An error without the envelope's type.</summary>
    public static ApiException NullField(string field) => new(new Answer(400, new JsonObject
    {
        ["error"] = new JsonObject
        {
            ["message"] = "Bad request",
            ["fields"] = new JsonObject { [field] = Strings(["This field may not be null."]) },
        },
    }));

    public static ApiException BadRequest(string message) => new(Error(400, message));

    /// <summary>A body that is no JSON is not even worth words.</summary>
    public static ApiException Unreadable() => new(new Answer(400));

    private static Answer Gone(string message, string? change)
    {
        var answer = Error(410, message, change is null ? null : "Please read the changelog entry for more details.");
        if (change is not null)
        {
            var announcement = $"https://developer.atlassian.com/cloud/bitbucket/changelog#{change}";
            answer.Body!["error"]!["data"] = new JsonObject { ["announcement_url"] = announcement };
            answer.Body["data"] = new JsonObject { ["announcement_url"] = announcement };
        }

        return answer;
    }

    private static JsonArray Strings(IEnumerable<string> texts) => new([.. texts.Select(t => (JsonNode)t)]);
}
