using BitbucketOperator.BitbucketSimulator.Serving;
using BitbucketOperator.BitbucketSimulator.State;
using Microsoft.Net.Http.Headers;

namespace BitbucketOperator.BitbucketSimulator.DataCenter;

/// <summary>Finds out who makes a request, or why nobody does. Call it under the state's lock.</summary>
internal sealed class Authenticator(World world, TimeProvider clock)
{
    /// <summary>Either the caller, or the answer that refuses the credential.</summary>
    public (Caller Caller, Answer? Refusal) Authenticate(HttpRequest request)
    {
        var header = request.Headers[HeaderNames.Authorization].ToString();
        if (header.Length == 0) return (Caller.Anonymous, null);
        if (!IsRest(request.Path) && world.Version.RefusesTokensOutsideRest() && CarriesToken(header)) return (Caller.Anonymous, OutsideRest(request, header));
        if (AuthorizationHeader.Bearer(header) is { } token) return Bearer(request, token);
        if (AuthorizationHeader.Basic(header) is { } pair) return Basic(pair.Name, pair.Password);
        return (Caller.Anonymous, null);
    }

    private (Caller Caller, Answer? Refusal) Bearer(HttpRequest request, string secret)
    {
        if (Valid(world.FindToken(secret)) is { } token) return Admit(token.User, token);
        var passes = world.PublicAccess || (world.Quirks.InvalidTokenPassesOpenEndpoints && NeedsNoLogin(request.Path));
        return (Caller.Anonymous, passes ? null : Errors.InvalidToken());
    }

    private (Caller Caller, Answer? Refusal) Basic(string name, string password)
    {
        if (!world.Quirks.BasicAuthentication) return (Caller.Anonymous, Errors.BasicDisabled());
        if (world.FindUser(name) is not { Active: true } user) return (Caller.Anonymous, Errors.IncorrectPassword());
        if (IsLocked(user)) return (Caller.Anonymous, CaptchaAnswer());

        if (user.Password is not null && user.Password == password) return Succeed(user, null);
        if (Valid(world.FindToken(password)) is { } token && token.User == user) return Succeed(user, token);
        user.FailedLogins++;
        return (Caller.Anonymous, Errors.IncorrectPassword());
    }

    private static (Caller Caller, Answer? Refusal) Succeed(User user, Token? token)
    {
        user.FailedLogins = 0;
        return Admit(user, token);
    }

    // The login is right, and the account takes no license.
    private static (Caller Caller, Answer? Refusal) Admit(User? user, Token? token) =>
        user is { Global: GlobalRight.None } ? (Caller.Anonymous, Errors.NoLicence()) : (new Caller(user, token), null);

    private Token? Valid(Token? token)
    {
        if (token is null || token.Revoked || token.ExpiresAt <= clock.GetUtcNow()) return null;
        if (token.User is null) return world.Version.KnowsProjectTokens() ? token : null;
        return token.User.Active ? token : null;
    }

    /// <summary>A browser would be sent to the login page; a repeated Basic attempt even ends in a CAPTCHA.</summary>
    private Answer OutsideRest(HttpRequest request, string header)
    {
        if (AuthorizationHeader.Basic(header) is not { } pair)
            return Answer.Redirect(302, $"{request.PathBase}/login?next={Uri.EscapeDataString(request.Path + request.QueryString)}");
        if (world.FindUser(pair.Name) is not { } user) return Errors.IncorrectPassword();
        if (IsLocked(user)) return CaptchaAnswer();
        user.FailedLogins++;
        return Errors.IncorrectPassword();
    }

    private bool CarriesToken(string header) =>
        AuthorizationHeader.Bearer(header) is not null || (AuthorizationHeader.Basic(header) is { } pair && world.FindToken(pair.Password) is not null);

    private bool IsLocked(User user) => world.Quirks.CaptchaAfter > 0 && user.FailedLogins >= world.Quirks.CaptchaAfter;

    private Answer CaptchaAnswer()
    {
        var answer = Errors.Captcha(world.Quirks.CaptchaStatus);
        if (world.Quirks.CaptchaHeader) answer.Headers["X-Authentication-Denied-Reason"] = "CAPTCHA_CHALLENGE; login-url=/login";
        return answer;
    }

    private static bool IsRest(PathString path) => path.StartsWithSegments("/rest", StringComparison.Ordinal)
        || path.StartsWithSegments("/scm", StringComparison.Ordinal);

    private static bool NeedsNoLogin(PathString path) =>
        path.Value!.EndsWith("/application-properties", StringComparison.Ordinal) || path.StartsWithSegments("/rest/capabilities", StringComparison.Ordinal);
}
