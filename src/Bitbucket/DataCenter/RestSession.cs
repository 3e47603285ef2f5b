using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using BitbucketOperator.Bitbucket.Http;
using BitbucketOperator.Bitbucket.RateLimiting;
using BitbucketOperator.Core.Api;
using BitbucketOperator.Core.Credentials;
using BitbucketOperator.Core.Port;

namespace BitbucketOperator.Bitbucket.DataCenter;

/// <summary>
/// Requests below <c>/rest</c> with one credential. A credential that was refused once is not sent again, unless for webhooks
/// alone: with Basic, each further try brings the account nearer to its CAPTCHA.
/// </summary>
internal sealed class RestSession : IDisposable
{
    private readonly SharedClient _client;
    private readonly HttpCaller _caller;
    private readonly AuthenticationHeaderValue _authorization;
    private readonly string _credentialPlace;
    private readonly string _credentialHint;
    private readonly Payer _payer;
    private readonly Knowledge _known = new();
    private readonly Payer? _owned;

    public RestSession(SharedClient client, HttpCaller caller, ConnectionTarget target, ServerText text, Payer payer)
    {
        _payer = payer;
        _client = client;
        _caller = caller;
        _credentialPlace = target.CredentialPlace;
        Descriptor = CredentialDescriptors.Of(target.Credential.Type);
        _credentialHint = Descriptor.RefusalHint(target.Credential, target.CredentialField);
        Urls = new(target.Url);
        Text = text;
        _authorization = Authorize(target.Credential);
    }

    private RestSession(RestSession original, Payer payer)
    {
        _payer = payer;
        _owned = payer;
        _known = original._known;
        (_client, _caller) = (original._client, original._caller);
        (_authorization, Text) = (original._authorization, original.Text);
        (_credentialPlace, _credentialHint) = (original._credentialPlace, original._credentialHint);
        (Urls, Descriptor) = (original.Urls, original.Descriptor);
    }

    public ServerUrls Urls { get; }

    /// <summary>What text of the server passes.</summary>
    public ServerText Text { get; }

    /// <summary>What kind of credential goes with the requests.</summary>
    public CredentialDescriptor Descriptor { get; }

    /// <summary>Why the credential is not sent any more; null while it is.</summary>
    public Fault? Refusal => _known.Refusals.Known;

    /// <summary>Whom the server last took us for; null until it named somebody.</summary>
    public string? User => _known.User;

    /// <summary>Told when a login was proven by a server that names nobody.</summary>
    public void AcceptThatNobodyIsNamed() => _known.NamesNobody = _known.User is null;

    /// <summary>By what the server counts requests: the user, as far as the credential tells who that is.</summary>
    public static string IdentityOf(Credential credential) => credential.Type switch
    {
        CredentialKind.Basic => $"user {((Credential.Basic)credential).Username.ToUpperInvariant()}",
        CredentialKind.HTTPAccessToken => $"token {Hash(((Credential.HttpAccessToken)credential).Token)}",
        CredentialKind.APIToken or CredentialKind.AccessToken or CredentialKind.OAuth2 or CredentialKind.AppPassword =>
            throw new NotSupportedException($"Bitbucket Data Center knows no {credential.Type}."),
    };

    /// <summary>The same session, whose requests are reserved; null when they are not available now. Disposing it leaves this one open.</summary>
    public RestSession? TryReserve(RequestCost cost, WorkClass workClass, out TimeSpan wait) =>
        _payer.TryReserve(cost, workClass, out wait) is { } payer ? new(this, payer) : null;

    /// <summary>What the limit of its account makes of a connection's work.</summary>
    public Outlook Foresee(string connection, Workload work) => _payer.Foresee(connection, work);

    /// <summary>A request that no credential goes with, and whose answer is judged by the caller.</summary>
    public Task<HttpAnswer> SendWithoutCredentialAsync(RestCall call, Uri uri, CancellationToken cancellationToken) =>
        _caller.SendAsync(_client, new HttpCall(call.Name, HttpMethod.Get, uri), _payer, Text, cancellationToken);

    /// <summary>Reads JSON.</summary>
    public async Task<T> GetAsync<T>(RestCall call, string path, JsonTypeInfo<T> type, CancellationToken cancellationToken) =>
        Read(call, await SendAsync(call, HttpMethod.Get, path, body: null, cancellationToken), type);

    /// <summary>Sends a request with the credential, and returns its answer if that is a good one.</summary>
    /// <param name="call">What it is for.</param>
    /// <param name="method">The HTTP method.</param>
    /// <param name="path">Below <c>/rest/api/1.0</c>.</param>
    /// <param name="body">JSON; null for none.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <param name="secrets">Further secrets that an answer could repeat.</param>
    /// <exception cref="FaultException">There was no answer, or <see cref="FaultTable"/> knows it as a fault.</exception>
    public async Task<HttpAnswer> SendAsync(
        RestCall call, HttpMethod method, string path, byte[]? body, CancellationToken cancellationToken, params SecretText[] secrets)
    {
        var uri = Urls.Api(path);
        var answer = await SendOnceAsync(new(call.Name, method, uri, _authorization, body), cancellationToken);
        if (call.FollowsMoves && MovedTo(uri, answer) is { } moved)
        {
            uri = moved;
            answer = await SendOnceAsync(new(call.Name, method, uri, _authorization), cancellationToken);
        }

        var facts = FactsOf(answer, uri, Text.With(secrets));
        var hadLoggedIn = _known.User is not null || _known.NamesNobody;
        var fault = FaultTable.Of(call, facts) ?? LostLogin(call, answer, facts);
        if (fault is null) return answer;
        if (!IsRefusal(fault)) throw new FaultException(fault);
        if (call.ConcernsWebhooks && hadLoggedIn)
            throw new FaultException(await _known.Refusals.JudgeAsync(fault, FaultTable.RejectedForWebhooks(facts), LogInAsync, cancellationToken));
        _known.Refusals.Known = fault;
        throw new FaultException(fault);
    }

    private AnswerFacts FactsOf(HttpAnswer answer, Uri uri, ServerText text) => AnswerFacts.Of(answer, uri, _known.NamesNobody, text) with
    {
        IsMoved = MovedTo(uri, answer) is not null,
        CredentialPlace = _credentialPlace,
        CredentialNoun = Descriptor.Noun,
        CredentialHint = _credentialHint,
    };

    // As ServerProbe logs in.
    private async Task<bool> LogInAsync()
    {
        var server = await AskAsync(ServerProbe.ReadServer, ServerProbe.Properties);
        if (FaultTable.Of(ServerProbe.ReadServer, server) is not null) return false;
        return server.User is not null || FaultTable.Of(ServerProbe.ProveLogin, await AskAsync(ServerProbe.ProveLogin, ServerProbe.RecentRepositories)) is null;
    }

    private async Task<AnswerFacts> AskAsync(RestCall call, string path)
    {
        var uri = Urls.Api(path);
        return FactsOf(await SendOnceAsync(new(call.Name, HttpMethod.Get, uri, _authorization), CancellationToken.None), uri, Text);
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

    private Task<HttpAnswer> SendOnceAsync(HttpCall call, CancellationToken cancellationToken)
    {
        if (Refusal is { } refusal) throw new FaultException(refusal);
        if (!Urls.IsBelowRest(call.Uri)) throw new InvalidOperationException("The credential goes to addresses below /rest only.");
        return _caller.SendAsync(_client, call, _payer, Text, cancellationToken);
    }

    // A renamed repository or project answers with a redirect to its new name. One hop, and only to where the credential may go.
    private Uri? MovedTo(Uri from, HttpAnswer answer)
    {
        if ((int)answer.Status is not (301 or 302 or 307 or 308) || answer.Location is not { } location) return null;
        var target = location.IsAbsoluteUri ? location : new Uri(from, location);
        return Urls.IsBelowRest(target) ? target : null;
    }

    // Who was somebody and is now nobody lost the login on the way; what anonymous users see must not pass for the truth.
    private Fault? LostLogin(RestCall call, HttpAnswer answer, AnswerFacts facts)
    {
        if (facts.User is { } user) _known.User = user;
        else if (_known.User is not null && call.IsOpenToAnonymous && facts.Status == 200)
            return IsBitbuckets(answer) ? FaultTable.AnonymousFallback(facts) : FaultTable.Unreadable(call);
        return null;
    }

    // A page of a listing, or something that has a key or an id.
    private static bool IsBitbuckets(HttpAnswer answer)
    {
        try
        {
            using var json = JsonTree.Parse(answer.Body);
            return json.RootElement is { ValueKind: JsonValueKind.Object } root
                && (root.TryGetProperty("values", out _) || root.TryGetProperty("key", out _) || root.TryGetProperty("slug", out _));
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static string Hash(SecretText secret) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(secret.Reveal())));

    private static bool IsRefusal(Fault fault) =>
        fault.Reason == Reasons.CredentialRejected || fault.Reason == Reasons.AnonymousFallback || fault.Reason == Reasons.CaptchaRequired;

    private static AuthenticationHeaderValue Authorize(Credential credential) => credential.Type switch
    {
        CredentialKind.HTTPAccessToken => new("Bearer", ((Credential.HttpAccessToken)credential).Token.Reveal()),
        CredentialKind.Basic => Basic((Credential.Basic)credential),
        CredentialKind.APIToken or CredentialKind.AccessToken or CredentialKind.OAuth2 or CredentialKind.AppPassword =>
            throw new NotSupportedException($"Bitbucket Data Center knows no {credential.Type}."),
    };

    private static AuthenticationHeaderValue Basic(Credential.Basic credential) =>
        new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{credential.Username}:{credential.Password.Reveal()}")));

    // What a session and those with reservations of it learn together.
    private sealed class Knowledge
    {
        private volatile string? _user;
        private volatile bool _namesNobody;

        public Refusals Refusals { get; } = new();

        public string? User { get => _user; set => _user = value; }

        public bool NamesNobody { get => _namesNobody; set => _namesNobody = value; }
    }
}
