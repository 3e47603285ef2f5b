using System.Globalization;
using System.Text;
using BitbucketOperator.BitbucketSimulator.Cloud.Api;
using BitbucketOperator.BitbucketSimulator.State;

namespace BitbucketOperator.BitbucketSimulator.Cloud;

/// <content>Users, tokens and consumers.</content>
public sealed partial class CloudWorld
{
    private readonly Dictionary<string, CloudUser> _users = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<string, CloudToken> _tokens = new(StringComparer.Ordinal);
    private readonly Dictionary<string, CloudConsumer> _consumers = new(StringComparer.Ordinal);

    public IEnumerable<CloudUser> Users => _users.Values;

    /// <summary>Tokens of all kinds, those minted for consumers included.</summary>
    public IEnumerable<CloudToken> Tokens => _tokens.Values;

    public IEnumerable<CloudConsumer> Consumers => _consumers.Values;

    public CloudUser? FindUser(string name) => _users.GetValueOrDefault(name);

    /// <summary>Finds by what is sent, not by name.</summary>
    public CloudToken? FindToken(string secret) => _tokens.GetValueOrDefault(secret);

    public CloudConsumer? FindConsumer(string clientId) => _consumers.GetValueOrDefault(clientId);

    /// <summary>The user of this name; throws when there is none.</summary>
    public CloudUser UserNamed(string name) => FindUser(name) ?? throw new StateException($"there is no user \"{name}\"");

    /// <summary>The token of this name; throws when there is none.</summary>
    public CloudToken TokenNamed(string name) =>
        _tokens.Values.FirstOrDefault(t => t.Name == name) ?? throw new StateException($"there is no token \"{name}\"");

    /// <summary>The consumer of this key; throws when there is none.</summary>
    public CloudConsumer ConsumerNamed(string clientId) => FindConsumer(clientId) ?? throw new StateException($"there is no consumer \"{clientId}\"");

    /// <summary>Adds a user and, with a workspace, puts the user into it.</summary>
    public CloudUser AddUser(
        string name, string email, string? workspace = null, WorkspaceRole role = WorkspaceRole.Member, Level permission = Level.None)
    {
        if (_users.ContainsKey(name)) throw new StateException($"there is a user \"{name}\" already");
        var uuid = NextUuid();
        var account = string.Create(CultureInfo.InvariantCulture, $"557058:{uuid:D}");
        var user = new CloudUser { Uuid = uuid, Name = name, Email = email, DisplayName = name, AccountId = account };
        if (workspace is not null) user.Join(WorkspaceAt(workspace), role, permission);
        _users.Add(name, user);
        return user;
    }

    /// <summary>Scopes are those of API tokens, for example <c>read:repository:bitbucket</c>; none makes a token that Bitbucket refuses.</summary>
    public CloudToken AddApiToken(CloudUser user, string token, IEnumerable<string> scopes, DateTimeOffset? expiresAt = null, string? name = null) =>
        Add(new CloudToken { Name = NameOf(name), Secret = token, Kind = CredentialKind.ApiToken, User = user, ExpiresAt = expiresAt }, scopes);

    /// <summary>An access token of a repository, a project or a workspace; scopes are the legacy ones, for example <c>repository</c>.</summary>
    public CloudToken AddAccessToken(CloudEntity owner, string token, IEnumerable<string> scopes, DateTimeOffset? expiresAt = null, string? name = null)
    {
        var kind = owner switch
        {
            CloudRepository => CredentialKind.RepositoryAccessToken,
            CloudProject => CredentialKind.ProjectAccessToken,
            _ => CredentialKind.WorkspaceAccessToken,
        };
        return Add(new CloudToken { Name = NameOf(name), Secret = token, Kind = kind, Owner = owner, ExpiresAt = expiresAt }, scopes);
    }

    /// <summary>An app password with every scope, which only <see cref="CloudQuirks.AppPasswordsUntil"/> brings back to life.</summary>
    public CloudToken AddAppPassword(CloudUser user, string password, string? name = null) =>
        Add(new CloudToken { Name = NameOf(name), Secret = password, Kind = CredentialKind.AppPassword, User = user }, Scopes.AllLegacy);

    /// <summary>An OAuth consumer; scopes are the legacy ones.</summary>
    public CloudConsumer AddConsumer(string workspaceSlug, string clientId, string secret, IEnumerable<string> scopes, bool isPrivate = true)
    {
        var workspace = WorkspaceAt(workspaceSlug);
        var consumer = new CloudConsumer { Uuid = NextUuid(), Workspace = workspace, ClientId = clientId, Secret = secret, IsPrivate = isPrivate };
        SetScopes(consumer, scopes);
        if (!_consumers.TryAdd(clientId, consumer)) throw new StateException($"there is a consumer \"{clientId}\" already");
        return consumer;
    }

    /// <inheritdoc cref="AddConsumer(string, string, string, IEnumerable{string}, bool)"/>
    public CloudConsumer AddConsumer(CloudWorkspace workspace, string clientId, string secret, IEnumerable<string> scopes, bool isPrivate = true) =>
        AddConsumer(workspace.Slug, clientId, secret, scopes, isPrivate);

    /// <summary>Removes a consumer; its tokens are worth nothing from then on.</summary>
    public void RemoveConsumer(CloudConsumer consumer)
    {
        RevokeTokens(consumer);
        _consumers.Remove(consumer.ClientId);
    }

    /// <summary>Revokes every token minted for a consumer so far.</summary>
    public void RevokeTokens(CloudConsumer consumer)
    {
        foreach (var token in _tokens.Values.Where(t => t.Consumer == consumer)) token.Revoked = true;
    }

    /// <summary>Lets every token minted for a consumer so far expire.</summary>
    public void ExpireTokens(CloudConsumer consumer)
    {
        foreach (var token in _tokens.Values.Where(t => t.Consumer == consumer)) token.ExpiresAt = clock.GetUtcNow();
    }

    public void Revoke(CloudToken token) => Revoke(token.Secret);

    /// <summary>Takes what is sent; throws when nobody has it.</summary>
    public void Revoke(string secret) => Existing(secret).Revoked = true;

    public void Expire(CloudToken token) => Expire(token.Secret);

    /// <summary>Takes what is sent; throws when nobody has it.</summary>
    public void Expire(string secret) => Existing(secret).ExpiresAt = clock.GetUtcNow();

    /// <summary>Replaces a token's scopes, with the server's own rules on which ones its kind can hold.</summary>
    public static void SetScopes(CloudToken token, IEnumerable<string> scopes) => token.Scopes = Checked(token.Kind, scopes);

    /// <summary>Ticks other scopes on a consumer; tokens that were minted before keep theirs.</summary>
    public static void SetScopes(CloudConsumer consumer, IEnumerable<string> scopes) => consumer.Scopes = Checked(CredentialKind.OAuth, scopes);

    /// <summary>A new token of a consumer.</summary>
    internal CloudToken Mint(CloudConsumer consumer)
    {
        var secret = Quirks.JwtTokens
            ? $"{Base64("""{"alg":"RS256","typ":"JWT"}""")}.{MadeUp("eyJ", 1100)}.{MadeUp("", 342)}"
            : MadeUp("", 92);
        var expires = clock.GetUtcNow().AddSeconds(Quirks.TokenLifetimeSeconds);
        return Add(
            new CloudToken { Name = NameOf(null), Secret = secret, Kind = CredentialKind.OAuth, Consumer = consumer, ExpiresAt = expires }, consumer.Scopes);
    }

    private void RevokeTokensOf(CloudEntity owner)
    {
        foreach (var token in _tokens.Values.Where(t => t.IsAccessToken && t.Owner == owner)) token.Revoked = true;
    }

    private CloudToken Add(CloudToken token, IEnumerable<string> scopes)
    {
        SetScopes(token, scopes);
        if (_tokens.Values.Any(t => t.Name == token.Name)) throw new StateException($"there is a token \"{token.Name}\" already");
        return _tokens.TryAdd(token.Secret, token) ? token : throw new StateException($"token \"{token.Name}\" has the same value as another one");
    }

    private static string[] Checked(CredentialKind kind, IEnumerable<string> scopes)
    {
        var granted = scopes.Distinct(StringComparer.Ordinal).ToArray();
        Scopes.Check(kind, granted);
        return granted;
    }

    private CloudToken Existing(string secret) => FindToken(secret) ?? throw new StateException("there is no such token");

    private string NameOf(string? name) => name ?? string.Create(CultureInfo.InvariantCulture, $"token-{++_lastNumber}");

    private static string Base64(string text) => Convert.ToBase64String(Encoding.ASCII.GetBytes(text)).TrimEnd('=');
}
