namespace BitbucketOperator.Core.Model;

/// <summary>A scope that was seen to be as desired.</summary>
/// <param name="Desired">
/// What was desired of it then, as <see cref="VerifiedScopes.Shortened"/> tells it; <see cref="VerifiedScopes.Clean"/> where it must hold
/// none of our webhooks.
/// </param>
/// <param name="IsHidden">The credential could not see its webhooks any more when it was looked at last.</param>
public readonly record struct VerifiedScope(string Desired, bool IsHidden = false)
{
    /// <summary>It held none of our webhooks, and must hold none.</summary>
    public bool IsClean => Desired == VerifiedScopes.Clean;
}

/// <summary>
/// Which scopes were seen to be as desired, and what was desired of each then. It spares requests after a restart, and tells what is
/// in place where the credential may not look any more. Never the truth: nothing is written for its sake.
/// </summary>
public sealed class VerifiedScopes
{
    /// <summary>What is desired of a scope that must hold none of our webhooks.</summary>
    public const string Clean = "none";

    private const int Length = 16;

    private readonly ScopeMap _scopes;
    private readonly EarlierVerified? _earlier;

    private VerifiedScopes(ScopeMap scopes, EarlierVerified? earlier) => (_scopes, _earlier) = (scopes, earlier);

    /// <summary>Nothing is known.</summary>
    public static VerifiedScopes None { get; } = Of(new ScopeMap());

    /// <summary>Ids of the scopes that are known one by one.</summary>
    public IEnumerable<string> Ids => _scopes.All.Select(s => s.Key);

    /// <summary>The scopes by id.</summary>
    internal static VerifiedScopes Of(ScopeMap scopes) => new(scopes, earlier: null);

    /// <summary>What is known of the server that spec names; nothing when status tells of another one.</summary>
    internal static VerifiedScopes Of(Connection connection) => connection.HasMoved ? None : connection.Known.Verified;

    /// <summary>The fingerprint of a desired state, as short as it is kept.</summary>
    public static string Shortened(string fingerprint) => fingerprint.Length <= Length ? fingerprint : fingerprint[..Length];

    /// <summary>What the status of an earlier version tells.</summary>
    public static VerifiedScopes Of(EarlierVerified? earlier) => earlier is null ? None : new(None._scopes, earlier);

    /// <summary>The same, and for scopes that are not among them what the status of an earlier version tells.</summary>
    public VerifiedScopes OrEarlier(VerifiedScopes status) => status._earlier is null ? this : new(_scopes, status._earlier);

    /// <summary>What is known of a scope; null when it was never seen as desired.</summary>
    public VerifiedScope? Find(string scopeId) =>
        _scopes.TryGet(scopeId, out var scope) ? scope : _earlier?.Find(scopeId) is { } desired ? new VerifiedScope(desired) : null;

    /// <summary>Whether a scope was once as desired, and had webhooks.</summary>
    public bool Contains(string scopeId) => Find(scopeId) is { IsClean: false };

    /// <summary>Another one where it knows the same, so that what does not change is kept once.</summary>
    public VerifiedScopes Or(VerifiedScopes other) =>
        other._earlier is null && other._scopes.Count == _scopes.Count && _scopes.All.All(s => other.Find(s.Key) == s.Value) ? other : this;
}
