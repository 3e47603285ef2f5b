using BitbucketOperator.Core.Credentials.Kinds;
using BitbucketOperator.Core.Port;

namespace BitbucketOperator.Core.Credentials;

/// <summary>The descriptor of each kind of credential.</summary>
public static class CredentialDescriptors
{
    /// <summary>Of every kind, in the order in which messages name them.</summary>
    public static IReadOnlyList<CredentialDescriptor> All { get; } = [.. Enum.GetValues<CredentialKind>().Select(Of)];

    /// <summary>Of one kind. A kind without a descriptor does not compile.</summary>
    public static CredentialDescriptor Of(CredentialKind kind) => kind switch
    {
        CredentialKind.HTTPAccessToken => HttpAccessTokenKind.Instance,
        CredentialKind.Basic => BasicKind.Instance,
        CredentialKind.APIToken => ApiTokenKind.Instance,
        CredentialKind.AccessToken => AccessTokenKind.Instance,
        CredentialKind.OAuth2 => OAuth2Kind.Instance,
        CredentialKind.AppPassword => AppPasswordKind.Instance,
    };

    /// <summary>Of one kind of Bitbucket Cloud.</summary>
    /// <exception cref="NotSupportedException">It is a kind of Data Center.</exception>
    public static CloudDescriptor OfCloud(CredentialKind kind) =>
        Of(kind) as CloudDescriptor ?? throw new NotSupportedException($"Bitbucket Cloud knows no {kind}.");

    /// <summary>
    /// Of the kind that the first characters of a token have been seen with; null where they tell nothing. A hint for people;
    /// no rule.
    /// </summary>
    public static CloudDescriptor? LookingLike(SecretText token) => All.OfType<CloudDescriptor>()
        .FirstOrDefault(d => d.TokenPrefix is { } prefix && token.Reveal().StartsWith(prefix, StringComparison.Ordinal));

    /// <summary>Of the kind behind a value of the header x-credential-type; null for one that we do not know.</summary>
    public static CloudDescriptor? ReportedAs(string? credentialType) => credentialType is null
        ? null
        : All.OfType<CloudDescriptor>().FirstOrDefault(d => d.ReportedAs.Contains(credentialType, StringComparer.Ordinal));
}
