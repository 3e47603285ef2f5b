using BitbucketOperator.Core.Credentials;
using BitbucketOperator.Core.Port;

namespace BitbucketOperator.Bitbucket.Cloud;

/// <summary>What messages need to know of the credential in use; nothing of it is secret.</summary>
/// <param name="Type">The kind that the resource says.</param>
/// <param name="Field">The field that names it, such as <c>spec.auth</c>.</param>
internal sealed record CredentialFacts(CredentialKind Type, string Field)
{
    /// <summary>All about the kind.</summary>
    public CloudDescriptor Descriptor { get; } = CredentialDescriptors.OfCloud(Type);

    /// <summary>What the credential itself gives away of why it is refused: a sentence to append, or nothing.</summary>
    public string Hint { get; init; } = "";

    /// <summary>The field that names the workspace in which it is used.</summary>
    public string WorkspaceField { get; init; } = "spec.workspace";

    /// <summary>What holds the credential, for messages.</summary>
    public string Place { get => field ?? $"the Secret of {Field}.secretRef"; init; }

    /// <summary>Takes out what can be told.</summary>
    public static CredentialFacts Of(Credential credential, string field) =>
        new(credential.Type, field) { Hint = CredentialDescriptors.OfCloud(credential.Type).RefusalHint(credential, field) };
}
