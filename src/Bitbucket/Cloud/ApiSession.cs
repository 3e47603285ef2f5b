using System.Net;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using BitbucketOperator.Bitbucket.Http;
using BitbucketOperator.Bitbucket.RateLimiting;
using BitbucketOperator.Core.Api;
using BitbucketOperator.Core.Port;

namespace BitbucketOperator.Bitbucket.Cloud;

/// <summary>An answer, and what is to be known of it.</summary>
internal sealed record Reply(HttpAnswer Answer, AnswerFacts Facts);

/// <summary>
/// Requests below the API's root with one credential and within its budget. A credential that was refused once is not
/// sent again.
/// </summary>
internal sealed class ApiSession(HttpClient client, HttpCaller caller, ApiUrls urls, Login login, RequestBudgets budgets) : IDisposable
{
    private volatile Fault? _refusal;
    private volatile string? _scopes;
    private volatile string? _credentialType;

    public ApiUrls Urls => urls;

    /// <summary>For messages.</summary>
    public CredentialFacts Credential => login.Facts;

    /// <summary>Why the credential is not sent any more; null while it is.</summary>
    public Fault? Refusal => _refusal;

    /// <summary>The scopes that Bitbucket last said the credential has; null when it never did.</summary>
    public string? GrantedScopes => _scopes;

    /// <summary>What Bitbucket last called the kind of the credential; null when it never did.</summary>
    public string? CredentialType => _credentialType;

    /// <summary>Reads JSON.</summary>
    public async Task<T> GetAsync<T>(RestCall call, Uri uri, JsonTypeInfo<T> type, CancellationToken cancellationToken) =>
        Read(call, await SendAsync(call, HttpMethod.Get, uri, body: null, cancellationToken), type);

    /// <summary>Sends a request with the credential, and returns its answer if that is a good one.</summary>
    /// <param name="call">What it is for.</param>
    /// <param name="method">The HTTP method.</param>
    /// <param name="uri">Below the API's root.</param>
    /// <param name="body">JSON; null for none.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <param name="secrets">Further secrets that an answer could repeat.</param>
    /// <exception cref="FaultException">There was no answer, or <see cref="FaultTable"/> knows it as a fault.</exception>
    public async Task<HttpAnswer> SendAsync(
        RestCall call, HttpMethod method, Uri uri, byte[]? body, CancellationToken cancellationToken, params SecretText[] secrets)
    {
        var reply = await AskAsync(call, method, uri, body, cancellationToken, secrets);
        return FaultTable.Of(call, reply.Facts, login.Facts) is { } fault ? throw Refused(fault) : reply.Answer;
    }

    /// <summary>Sends a request with the credential, and returns its answer whatever it is.</summary>
    /// <exception cref="FaultException">There was no answer, or nothing was sent.</exception>
    public async Task<Reply> AskAsync(
        RestCall call, HttpMethod method, Uri uri, byte[]? body, CancellationToken cancellationToken, params SecretText[] secrets)
    {
        if (!urls.IsBelowApi(uri)) throw new InvalidOperationException("The credential goes to addresses below the API's root only.");
        var authorization = await AuthorizeAsync(cancellationToken);
        var budget = budgets.Of(login.Identity, call.ConcernsWebhooks);
        var answer = await SendOnceAsync(budget, new(call.Name, method, uri, authorization.Header, body), cancellationToken);
        if (answer.Status == HttpStatusCode.Unauthorized && login.Renew(authorization))
        {
            authorization = await AuthorizeAsync(cancellationToken);
            answer = await SendOnceAsync(budget, new(call.Name, method, uri, authorization.Header, body), cancellationToken);
        }

        SecretText[] known = authorization.Token is { } token ? [token.Text, .. login.Secrets, .. secrets] : [.. login.Secrets, .. secrets];
        var facts = AnswerFacts.Of(answer, uri, known);
        _scopes = facts.Granted ?? _scopes ?? authorization.Token?.Scopes;
        _credentialType = facts.CredentialType ?? _credentialType;
        if (facts.Required.Count > 0) login.RenewForScopes(authorization);
        return answer.Status == HttpStatusCode.TooManyRequests
            ? new(answer, facts with { RetryAfter = budget.Stop(answer.RetryAfter) })
            : new(answer, facts);
    }

    /// <summary>Notes a fault that means that the credential is refused, and wraps it.</summary>
    public FaultException Refused(Fault fault)
    {
        if (fault.Reason.Condition == ConditionTypes.CredentialValid) _refusal = fault;
        return new(fault);
    }

    public static T Read<T>(RestCall call, HttpAnswer answer, JsonTypeInfo<T> type)
    {
        try
        {
            return JsonSerializer.Deserialize(answer.Body.Span, type) ?? throw new FaultException(FaultTable.Unreadable(call));
        }
        catch (JsonException exception)
        {
            throw new FaultException(FaultTable.Unreadable(call), exception);
        }
    }

    public void Dispose() => client.Dispose();

    private async Task<Authorization> AuthorizeAsync(CancellationToken cancellationToken)
    {
        if (_refusal is { } refusal) throw new FaultException(refusal);
        try
        {
            return await login.AuthorizeAsync(cancellationToken);
        }
        catch (FaultException exception)
        {
            throw Refused(exception.Fault);
        }
    }

    private async Task<HttpAnswer> SendOnceAsync(RequestBudget budget, HttpCall call, CancellationToken cancellationToken)
    {
        budget.Take();
        var answer = await caller.SendAsync(client, call, cancellationToken);
        if (answer.Succeeded) budget.Succeed();
        return answer;
    }
}
