using System.Text.Json.Nodes;
using BitbucketOperator.BitbucketSimulator.Serving;
using BitbucketOperator.BitbucketSimulator.State;

namespace BitbucketOperator.BitbucketSimulator.DataCenter;

/// <summary>The errors that several endpoints answer.</summary>
internal static class Errors
{
    private const string Package = "com.atlassian.bitbucket.";

    /// <summary>The envelope of every error. <paramref name="exception"/> can be null in real answers too.</summary>
    public static Answer Error(int status, string message, string? exception = null, string? context = null) => new(status, new JsonObject
    {
        ["errors"] = new JsonArray(new JsonObject { ["context"] = context, ["message"] = message, ["exceptionName"] = exception }),
    });

    /// <summary>What the platform below Bitbucket answers for a resource that no plugin serves: another shape.</summary>
    public static Answer NoSuchResource(string uri) =>
        new(404, new JsonObject { ["message"] = $"null for uri: {uri}", ["status-code"] = 404 });

    public static ApiException NotPermitted() => new(Error(401, "You are not permitted to access this resource", Package + "AuthorisationException"));

    public static ApiException NoSuchProject(string key) =>
        new(Error(404, $"Project {key} does not exist.", Package + "project.NoSuchProjectException"));

    public static ApiException NoSuchRepository(string key, string slug) =>
        new(Error(404, $"Repository {key}/{slug} does not exist.", Package + "repository.NoSuchRepositoryException"));

    public static ApiException NoSuchWebhook(string id) => new(Error(404, $"A webhook with id {id} does not exist."));

    public static ApiException NoSuchUser(string slug) => new(Error(404, $"User {slug} does not exist.", Package + "user.NoSuchUserException"));

    public static ApiException BadRequest(string message, string? context = null) => new(Error(400, message, null, context));

    public static Answer IncorrectPassword() => new Answer(
        401,
        Error(401, "Authentication failed. Please check your credentials and try again.", Package + "auth.IncorrectPasswordAuthenticationException").Body)
    {
        Headers = { ["WWW-Authenticate"] = "Basic realm=\"Atlassian Bitbucket\"" },
    };

    public static Answer InvalidToken() =>
        Error(401, "Authentication failed. Please check your credentials and try again.", Package + "auth.AuthenticationException");

    public static Answer BasicDisabled() => Error(401, "Basic authentication is not allowed on this instance.", Package + "auth.AuthenticationException");

    public static Answer Captcha(int status) => Error(
        status,
        "CAPTCHA required. Your Bitbucket account has been marked as requiring a CAPTCHA challenge. Log in through the web interface first.",
        Package + "auth.CaptchaRequiredAuthenticationException");
}
