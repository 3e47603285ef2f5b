using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using BitbucketOperator.Bitbucket.Http;
using BitbucketOperator.Core;
using BitbucketOperator.Core.Api;

namespace BitbucketOperator.Bitbucket.DataCenter;

/// <summary>
/// Requests of one pass, with one credential. Once the server refused the credential it is not sent again: with a password
/// that would lock the account.
/// </summary>
internal sealed class RestSession(HttpClient client, HttpCaller caller, ServerUrls urls, Credential credential)
{
    private readonly AuthenticationHeaderValue _authorization = Authorization(credential);
    private Fault? _refused;

    public ServerUrls Urls => urls;

    /// <summary>Sends without the credential.</summary>
    public Task<HttpAnswer> SendAnonymouslyAsync(Uri uri, CancellationToken cancellationToken) =>
        caller.SendAsync(client, new HttpCall(HttpMethod.Get, uri), cancellationToken);

    /// <summary>Sends with the credential; the answer, whatever its status.</summary>
    public Task<HttpAnswer> SendAsync(HttpMethod method, string path, byte[]? body, CancellationToken cancellationToken) =>
        _refused is { } fault
            ? throw new FaultException(fault)
            : caller.SendAsync(client, new HttpCall(method, urls.Rest(path), _authorization, body), cancellationToken);

    /// <summary>Sends with the credential and reads the body.</summary>
    public async Task<T> GetAsync<T>(string path, JsonTypeInfo<T> type, Operation operation, string subject, CancellationToken cancellationToken)
        where T : class =>
        Read(await SendAsync(HttpMethod.Get, path, body: null, cancellationToken), type, operation, subject);

    /// <summary>The body of a success; anything else is thrown as its fault.</summary>
    public T Read<T>(HttpAnswer answer, JsonTypeInfo<T> type, Operation operation, string subject, SecretText? secret = null)
        where T : class
    {
        Check(answer, operation, subject, secret);
        return TryRead(answer, type) ?? throw new FaultException(FaultTable.Unreadable(RefusalOf(answer, operation, subject, secret)));
    }

    /// <summary>Throws the fault of an answer that is no success.</summary>
    public void Check(HttpAnswer answer, Operation operation, string subject, SecretText? secret = null)
    {
        if (!answer.Succeeded)
        {
            throw new FaultException(Remember(FaultTable.Of(RefusalOf(answer, operation, subject, secret))));
        }
    }

    /// <summary>The fault of an answer; a refused credential is remembered.</summary>
    public Fault FaultOf(HttpAnswer answer, Operation operation, string subject) =>
        Remember(FaultTable.Of(RefusalOf(answer, operation, subject, secret: null)));

    /// <summary>The fault of an answer with a status of success and an unusable body.</summary>
    public FaultException Unreadable(HttpAnswer answer, Operation operation, string subject) =>
        new(FaultTable.Unreadable(RefusalOf(answer, operation, subject, secret: null)));

    public static T? TryRead<T>(HttpAnswer answer, JsonTypeInfo<T> type)
        where T : class
    {
        try
        {
            return answer.Kind == BodyKind.Json ? JsonSerializer.Deserialize(answer.Body.Span, type) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>The account that an answer names; null for none or anonymous.</summary>
    public static string? UserOf(HttpAnswer answer)
    {
        var name = answer.Header("X-AUSERNAME");
        return string.IsNullOrEmpty(name) || name == "anonymous" ? null : Uri.UnescapeDataString(name);
    }

    private Fault Remember(Fault fault)
    {
        if (fault.Reason == Reasons.CredentialRejected || fault.Reason == Reasons.CaptchaRequired)
        {
            _refused = fault;
        }

        return fault;
    }

    private Refusal RefusalOf(HttpAnswer answer, Operation operation, string subject, SecretText? secret)
    {
        var errors = TryRead(answer, WireJson.Default.WireErrors)?.Errors ?? [];
        return new Refusal(
            operation,
            subject,
            answer.Status,
            answer.Kind,
            [.. errors.Select(e => e.ExceptionName?.Split('.')[^1]).OfType<string>()],
            Masking.Clean(errors.Select(e => e.Message).FirstOrDefault() ?? $"status {(int)answer.Status}", SecretOf(credential), secret ?? new SecretText("")),
            UserOf(answer) is not null,
            answer.Header("X-Authentication-Denied-Reason")?.Contains("CAPTCHA", StringComparison.OrdinalIgnoreCase) ?? false,
            answer.RetryAfter,
            answer.Location is { IsAbsoluteUri: true } location ? location.GetLeftPart(UriPartial.Authority) : null);
    }

    private static SecretText SecretOf(Credential credential) => credential switch
    {
        Credential.HttpAccessToken token => token.Token,
        Credential.Basic basic => basic.Password,
        _ => throw new ArgumentOutOfRangeException(nameof(credential), "this kind of credential is not one of Data Center's"),
    };

    private static AuthenticationHeaderValue Authorization(Credential credential) => credential is Credential.Basic basic
        ? new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{basic.Username}:{basic.Password.Reveal()}")))
        : new("Bearer", SecretOf(credential).Reveal());
}
