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
/// Requests below the API's root with one credential and within its limits. A credential that was refused once is not
/// sent again, unless for webhooks alone.
/// </summary>
internal sealed class ApiSession : IDisposable
{
    private readonly SharedClient _client;
    private readonly HttpCaller _caller;
    private readonly Login _login;
    private readonly Payer _payer;
    private readonly Knowledge _known;
    private readonly ServerText _text;
    private readonly Payer? _owned;

    public ApiSession(SharedClient client, HttpCaller caller, ApiUrls urls, Login login, ServerText text, Payer payer)
    {
        (_client, _caller, _login, _payer) = (client, caller, login, payer);
        _known = new();
        (Urls, _text) = (urls, text);
    }

    private ApiSession(ApiSession original, Payer payer)
    {
        (_client, _caller, _login, _payer) = (original._client, original._caller, original._login, payer);
        _owned = payer;
        _known = original._known;
        (Urls, _text) = (original.Urls, original._text);
    }

    public ApiUrls Urls { get; }

    /// <summary>What text of the server passes; it hides the last token of an OAuth consumer as well.</summary>
    public ServerText Text => _known.Text ?? _text;

    /// <summary>For messages.</summary>
    public CredentialFacts Credential => _login.Facts;

    /// <summary>Why the credential is not sent any more; null while it is.</summary>
    public Fault? Refusal => _known.Refusals.Known;

    /// <summary>The scopes that Bitbucket last said the credential has; null when it never did.</summary>
    public string? GrantedScopes => _known.Scopes;

    /// <summary>What Bitbucket last called the kind of the credential; null when it never did.</summary>
    public string? CredentialType => _known.CredentialType;

    /// <summary>The same session, whose requests are reserved; null when they are not available now. Disposing it leaves this one open.</summary>
    public ApiSession? TryReserve(RequestCost cost, WorkClass workClass, out TimeSpan wait) =>
        _payer.TryReserve(cost, workClass, out wait) is { } payer ? new(this, payer) : null;

    /// <summary>What the limit of its account makes of a connection's work.</summary>
    public Outlook Foresee(string connection, Workload work) => _payer.Foresee(connection, work);

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
        if (FaultTable.Of(call, reply.Facts, _login.Facts) is not { } fault) return reply.Answer;
        if (!IsRefusal(fault) || !call.ConcernsWebhooks || !_known.HasLoggedIn) throw Refused(fault);
        var ofWebhooks = CredentialFaults.RejectedForWebhooks(reply.Facts, _login.Facts);
        throw new FaultException(await _known.Refusals.JudgeAsync(fault, ofWebhooks, () => LogInAsync(call.Workspace), cancellationToken));
    }

    /// <summary>Told when the credential was proven.</summary>
    public void AcceptLogin() => _known.HasLoggedIn = true;

    // As CredentialProbe logs in.
    private async Task<bool> LogInAsync(string workspace)
    {
        var readUser = new RestCall(Operation.ReadUser, workspace);
        var user = await AskAsync(readUser, HttpMethod.Get, Urls.User, body: null, CancellationToken.None);
        if (FaultTable.Of(readUser, user.Facts, _login.Facts) is not null) return false;
        if (!user.Facts.IsOtherMechanism) return true;
        var readWorkspace = new RestCall(Operation.ReadWorkspace, workspace);
        var reply = await AskAsync(readWorkspace, HttpMethod.Get, Urls.Workspace, body: null, CancellationToken.None);
        return !DisprovesLogin(FaultTable.Of(readWorkspace, reply.Facts, _login.Facts));
    }

    /// <summary>Whether the answer about a workspace says that the credential is not good. The workspace may be closed to it or be another.</summary>
    public static bool DisprovesLogin(Fault? fault) => fault?.Reason.Condition is ConditionTypes.Reachable or ConditionTypes.CredentialValid;

    /// <summary>Sends a request with the credential, and returns its answer whatever it is.</summary>
    /// <exception cref="FaultException">There was no answer, or nothing was sent.</exception>
    public async Task<Reply> AskAsync(
        RestCall call, HttpMethod method, Uri uri, byte[]? body, CancellationToken cancellationToken, params SecretText[] secrets)
    {
        if (!Urls.IsBelowApi(uri)) throw new InvalidOperationException("The credential goes to addresses below the API's root only.");
        var authorization = await AuthorizeAsync(cancellationToken);
        var request = new HttpCall(call.Name, method, uri, authorization.Header, body)
        {
            Group = call.ConcernsWebhooks ? RequestGroup.Webhooks : RequestGroup.Repositories,
        };
        var answer = await _caller.SendAsync(_client, request, _payer, TextFor(authorization), cancellationToken);
        if (answer.Status == HttpStatusCode.Unauthorized && _login.Renew(authorization))
        {
            authorization = await AuthorizeAsync(cancellationToken);
            answer = await _caller.SendAsync(_client, request with { Authorization = authorization.Header }, _payer, TextFor(authorization), cancellationToken);
        }

        return ToReply(answer, uri, authorization, secrets);
    }

    private ServerText TextFor(Authorization authorization) => _known.TextFor(authorization.Token, _text);

    private Reply ToReply(HttpAnswer answer, Uri uri, Authorization authorization, SecretText[] secrets)
    {
        var facts = AnswerFacts.Of(answer, uri, TextFor(authorization).With(secrets));
        _known.Scopes = facts.Granted ?? _known.Scopes ?? authorization.Token?.Scopes;
        _known.CredentialType = facts.CredentialType ?? _known.CredentialType;
        if (facts.Required.Count > 0) _login.RenewForScopes(authorization);
        return new(answer, facts);
    }

    /// <summary>Notes a fault that means that the credential is refused, and wraps it.</summary>
    public FaultException Refused(Fault fault)
    {
        if (IsRefusal(fault)) _known.Refusals.Known = fault;
        return new(fault);
    }

    public static T Read<T>(RestCall call, HttpAnswer answer, JsonTypeInfo<T> type)
    {
        try
        {
            return answer.Read(type) ?? throw new FaultException(FaultTable.Unreadable(call));
        }
        catch (JsonException exception)
        {
            throw new FaultException(FaultTable.Unreadable(call), exception);
        }
    }

    public void Dispose() => _owned?.Dispose();

    private async Task<Authorization> AuthorizeAsync(CancellationToken cancellationToken)
    {
        if (Refusal is { } refusal) throw new FaultException(refusal);
        try
        {
            return await _login.AuthorizeAsync(cancellationToken);
        }
        catch (FaultException exception)
        {
            throw Refused(exception.Fault);
        }
    }

    private static bool IsRefusal(Fault fault) => fault.Reason.Condition == ConditionTypes.CredentialValid;

    // What a session and those with reservations of it learn together.
    private sealed class Knowledge
    {
        private volatile bool _hasLoggedIn;
        private volatile string? _scopes;
        private volatile string? _credentialType;
        private volatile TokenText? _text;

        public Refusals Refusals { get; } = new();

        public bool HasLoggedIn { get => _hasLoggedIn; set => _hasLoggedIn = value; }

        public string? Scopes { get => _scopes; set => _scopes = value; }

        public ServerText? Text => _text?.Text;

        /// <summary>The boundary that hides a token as well, made once for each.</summary>
        public ServerText TextFor(OAuthToken? token, ServerText text)
        {
            if (token is null) return text;
            var known = _text;
            if (known is null || !ReferenceEquals(known.Token, token)) _text = known = new(token, text.With(token.Text));
            return known.Text;
        }

        public string? CredentialType { get => _credentialType; set => _credentialType = value; }
    }

    private sealed record TokenText(OAuthToken Token, ServerText Text);
}
