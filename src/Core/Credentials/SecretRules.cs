using System.Collections.Frozen;
using BitbucketOperator.Core.Api;
using BitbucketOperator.Core.Messages;
using BitbucketOperator.Core.Port;

namespace BitbucketOperator.Core.Credentials;

/// <summary>
/// Which Secrets may serve as credentials and webhook secrets. A CA bundle is public, and may come from any.
/// </summary>
/// <param name="RequireLabel">Only those with the label <see cref="Labels.Credential"/> may.</param>
public sealed record SecretRules(bool RequireLabel)
{
    /// <summary>Every Secret that is not made for another purpose.</summary>
    public static readonly SecretRules Default = new(RequireLabel: false);

    // Whoever may write connections need not be allowed to read these, and none of them is for Bitbucket.
    private static readonly FrozenSet<string> OtherPurposes = FrozenSet.Create(
        StringComparer.Ordinal,
        "kubernetes.io/service-account-token",
        "kubernetes.io/dockerconfigjson",
        "kubernetes.io/dockercfg",
        "kubernetes.io/tls",
        "bootstrap.kubernetes.io/token",
        "helm.sh/release.v1");

    /// <summary>Why the Secret may not be used; null where it may, or does not exist.</summary>
    /// <param name="secret">The Secret.</param>
    /// <param name="field">The field that names it.</param>
    public Fault? Refusal(ReferencedData secret, string field)
    {
        if (secret.Data is null)
        {
            return null;
        }

        if (secret.Type is { } type && OtherPurposes.Contains(type))
        {
            return Fault.Waiting(Reasons.SecretNotAllowed, Sentences.SecretOfOtherPurpose(field, secret.Name, type), field: field);
        }

        return RequireLabel && secret.Labels.GetValueOrDefault(Labels.Credential) != Labels.True
            ? Fault.Waiting(Reasons.SecretNotAllowed, Sentences.SecretNotLabelled(field, secret.Name, secret.Namespace), field: field)
            : null;
    }
}
