using System.Collections.Concurrent;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using BitbucketOperator.Bitbucket.Http;
using BitbucketOperator.Bitbucket.RateLimiting;
using BitbucketOperator.Core.Port;

namespace BitbucketOperator.Bitbucket.Cloud;

/// <summary>A token of an OAuth consumer.</summary>
/// <param name="Text">The token, to be sent as Bearer.</param>
/// <param name="Scopes">What it may do, as the token endpoint says; null when it does not.</param>
/// <param name="Since">When the token came, as a timestamp of the clock.</param>
/// <param name="Lifetime">How long it is used.</param>
internal sealed record OAuthToken(SecretText Text, string? Scopes, long Since, TimeSpan Lifetime);

/// <summary>
/// The tokens of all OAuth consumers, kept for as long as they live: connections with the same consumer and the same way
/// to the server share one, and wait for one request when they need it at once.
/// </summary>
internal sealed class OAuthTokens(
    HttpCaller caller, RateLimiters limiters, BitbucketOptions options, TimeProvider time)
{
    private readonly RatePolicy _policy = RatePolicy.CloudLogin(options.LimitShare / 100.0);

    // New permissions of a consumer come with new tokens only; a token this old may be behind them.
    private static readonly TimeSpan Young = TimeSpan.FromMinutes(5);

    private static readonly TimeSpan AssumedLifetime = TimeSpan.FromHours(1);

    private readonly ConcurrentDictionary<string, Slot> _slots = new(StringComparer.Ordinal);

    /// <summary>The token in use, or a new one.</summary>
    /// <param name="client">The HTTP client to ask with.</param>
    /// <param name="consumer">Whose token.</param>
    /// <param name="call">For messages.</param>
    /// <param name="credential">For messages.</param>
    /// <param name="cancellationToken">Ends the wait, not the request, which others may wait for too.</param>
    /// <exception cref="FaultException">The token endpoint refuses, or cannot be reached.</exception>
    public async Task<OAuthToken> GetAsync(
        SharedClient client, Credential.OAuth2 consumer, RestCall call, CredentialFacts credential, CancellationToken cancellationToken)
    {
        var slot = _slots.GetOrAdd(KeyOf(client.Name, consumer), static _ => new());
        Task<Fetched> fetch;
        lock (slot)
        {
            if (slot.Token is { } token && time.GetElapsedTime(token.Since) < token.Lifetime) return token;
            if (slot.Fetch is null or { IsCompleted: true }) slot.Fetch = FetchAsync(slot, client, consumer);
            fetch = slot.Fetch;
        }

        RemoveStale();
        var (fetched, facts) = await fetch.WaitAsync(cancellationToken);
        return fetched ?? throw new FaultException(FaultTable.Of(call, facts, credential) ?? FaultTable.Unreadable(call));
    }

    /// <summary>Gives up a token that was refused, unless it was replaced already.</summary>
    public void Drop(SharedClient client, Credential.OAuth2 consumer, OAuthToken token)
    {
        if (!_slots.TryGetValue(KeyOf(client.Name, consumer), out var slot)) return;
        lock (slot)
        {
            if (ReferenceEquals(slot.Token, token)) slot.Token = null;
        }
    }

    /// <summary>Gives up a token that lacks a permission, unless it is so new that another would lack it too.</summary>
    public void DropIfOld(SharedClient client, Credential.OAuth2 consumer, OAuthToken token)
    {
        if (time.GetElapsedTime(token.Since) > Young) Drop(client, consumer, token);
    }

    private async Task<Fetched> FetchAsync(Slot slot, SharedClient client, Credential.OAuth2 consumer)
    {
        var pair = $"{consumer.ClientId}:{consumer.ClientSecret.Reveal()}";
        var basic = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(pair)));
        var request = new HttpCall(nameof(Operation.FetchToken), HttpMethod.Post, options.CloudTokenUrl, basic, "grant_type=client_credentials"u8.ToArray())
        {
            MediaType = "application/x-www-form-urlencoded",

            // One more token changes nothing for anybody, and a replica that begins to lead needs one to read.
            IsWrite = false,
        };
        using var payer = new Payer(limiters, LimiterKey.Of(client.Name, options.CloudTokenUrl, Login.IdentityOf(consumer), _policy));
        var text = new ServerText(consumer.Secrets);
        var answer = await caller.SendAsync(client, request, payer, text, CancellationToken.None);
        var facts = AnswerFacts.Of(answer, options.CloudTokenUrl, text);
        var token = answer.Succeeded && answer.Kind == BodyKind.Json ? Read(answer) : null;
        lock (slot) slot.Token = token;
        return new(token, facts);
    }

    // A token that no header can carry was not made by Bitbucket.
    private OAuthToken? Read(HttpAnswer answer)
    {
        try
        {
            var wire = answer.Read(CloudJson.Default.WireToken);
            if (wire?.AccessToken is not { Length: > 0 } text || text.Any(character => character is <= ' ' or > '~')) return null;
            var told = wire.ExpiresIn is > 0 and < 1e9 ? TimeSpan.FromSeconds(wire.ExpiresIn.Value) : AssumedLifetime;
            var margin = told / 10;
            var lifetime = told - (margin < Young ? margin : Young);
            var scopes = wire.Scope ?? wire.Scopes;
            return new(new SecretText(text), string.IsNullOrWhiteSpace(scopes) ? null : scopes, time.GetTimestamp(), lifetime);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private void RemoveStale()
    {
        foreach (var (key, slot) in _slots)
        {
            lock (slot)
            {
                var inUse = slot.Fetch is { IsCompleted: false } || (slot.Token is { } token && time.GetElapsedTime(token.Since) < token.Lifetime);
                if (!inUse) _slots.TryRemove(key, out _);
            }
        }
    }

    private static string KeyOf(string client, Credential.OAuth2 consumer) =>
        $"{client}\n{consumer.ClientId}\n{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(consumer.ClientSecret.Reveal())))}";

    private sealed class Slot
    {
        public OAuthToken? Token { get; set; }

        public Task<Fetched>? Fetch { get; set; }
    }

    // What a refusal means is each caller's own affair: its messages name its own field.
    private sealed record Fetched(OAuthToken? Token, AnswerFacts Facts);
}
