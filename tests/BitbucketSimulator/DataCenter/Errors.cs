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
    public static Answer NoSuchResource(World world, string uri) => world.Quirks.UnknownResource switch
    {
        UnknownResource.Empty => new Answer(200),
        UnknownResource.Xml => new Answer(404)
        {
            Text = $"<status><status-code>404</status-code><message>null for uri: {uri}</message></status>",
            ContentType = "application/xml",
        },
        _ when world.Version.IsPlatform10() => new(404, new JsonObject { ["message"] = "HTTP 404 Not Found", ["status-code"] = 404, ["sub-code"] = -1 }),
        _ => new(404, new JsonObject { ["message"] = $"null for uri: {uri}", ["status-code"] = 404 }),
    };

    public static ApiException NoLogin(ServerVersion version) => version.IsPlatform10()
        ? new(Error(
            401,
            "Client must be authenticated to access this resource.",
            "com.atlassian.plugins.rest.api.security.exception.AuthenticationRequiredException"))
        : NotPermitted();

    public static Answer NoLicence() =>
        Error(401, "You are not currently licensed to use Bitbucket.", Package + "auth.NoAccessAuthenticationException");

    /// <summary>The webhook is stored by then: two threads met while its answer was written.</summary>
    public static ApiException StoredWithoutAnswer() => new(Error(
        400,
        "(was java.util.ConcurrentModificationException) (through reference chain: "
        + "com.atlassian.bitbucket.internal.webhooks.rest.RestWebhook[\"configuration\"])",
        "com.fasterxml.jackson.databind.JsonMappingException"));

    public static ApiException NotPermitted() => new(Error(401, "You are not permitted to access this resource", Package + "AuthorisationException"));

    public static ApiException NoSuchProject(string key) =>
        new(Error(404, $"Project {key} does not exist.", Package + "project.NoSuchProjectException"));

    public static ApiException NoSuchRepository(string key, string slug) =>
        new(Error(404, $"Repository {key}/{slug} does not exist.", Package + "repository.NoSuchRepositoryException"));

    public static ApiException NoSuchWebhook(string id) => new(Error(404, $"A webhook with id {id} does not exist."));

    public static ApiException NoSuchUser(string slug) => new(Error(404, $"User {slug} does not exist.", Package + "user.NoSuchUserException"));

    public static ApiException ServerError() =>
        new(Error(500, "An error occurred while processing the request. Check the server logs for more information."));

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
