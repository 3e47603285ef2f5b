using BitbucketOperator.Core.Model;
using BitbucketOperator.Core.Port;

namespace BitbucketOperator.Core.Credentials;

/// <summary>
/// All that a kind of credential differs in from the others, but for the header that the client of its flavour makes of it.
/// There is one class for each in <c>Kinds</c>.
/// </summary>
public abstract class CredentialDescriptor
{
    private protected CredentialDescriptor()
    {
    }

    /// <summary>The kind.</summary>
    public abstract CredentialKind Kind { get; }

    /// <summary>The flavour that knows the kind.</summary>
    public abstract Flavour Flavour { get; }

    /// <summary>What people call one, such as <c>API token</c>, to go into a sentence.</summary>
    public abstract string Noun { get; }

    /// <summary>True where Bitbucket has removed the kind, so that no message advises it.</summary>
    public virtual bool IsRemoved => false;

    /// <summary>Whom one belongs to; null where that takes asking the server.</summary>
    public abstract PrincipalKind? Principal { get; }

    /// <summary>False for a kind that belongs to nobody who could be named, so that nobody is asked for.</summary>
    public virtual bool HasAccount => true;

    /// <summary>True where each further try with a wrong one brings the account nearer to being locked.</summary>
    public virtual bool LocksAccount => false;

    /// <summary>What to do before one ends, to go into a sentence.</summary>
    public abstract string Renewal { get; }

    /// <summary>What the Secret has to hold, in the order in which <see cref="Make"/> takes the values.</summary>
    internal abstract IReadOnlyList<SecretKey> Keys { get; }

    /// <summary>The credential of the values of <see cref="Keys"/>.</summary>
    internal abstract Credential Make(IReadOnlyList<SecretText> values);

    /// <summary>
    /// What the permission behind a capability is called, in the words of the flavour and of the kind: every message, the
    /// report and the docs take the names from here. Null where the kind has none of its own for it, so that another row
    /// says it.
    /// </summary>
    public abstract string? RequiredPermission(Capability capability);

    /// <summary>What a refused credential itself gives away of the cause: a sentence, or nothing. Never the credential.</summary>
    /// <param name="credential">One of this kind.</param>
    /// <param name="field">The field that names it.</param>
    public abstract string RefusalHint(Credential credential, string field);

    /// <summary>Names a permission that the credential lacks everywhere, and how to grant it.</summary>
    /// <param name="auth">The credential.</param>
    /// <param name="field">The field that names it.</param>
    /// <param name="capability">What cannot be done.</param>
    internal string Missing(CredentialSource auth, string field, Capability capability)
    {
        var harmless = capability == Capability.ReadAccount ? "; needed only to show the account" : "";
        return $"{Wording.Lacks(Noun, InSentence(RequiredPermission(capability)))}. {Cure(auth, field, capability)}{harmless}";
    }

    /// <summary>What to say of a permission on webhooks that is missing on some repositories.</summary>
    /// <param name="auth">The credential.</param>
    /// <param name="field">The field that names it.</param>
    /// <param name="capability">What cannot be done.</param>
    /// <param name="where">On how many repositories, and on which first.</param>
    /// <param name="scope">What the credential's scopes tell; null when nothing does.</param>
    internal abstract string MissingOnRepositories(CredentialSource auth, string field, Capability capability, string where, Grant? scope);

    /// <summary>What to say of the permission to manage webhooks of projects or the workspace.</summary>
    /// <param name="auth">The credential.</param>
    /// <param name="field">The field that names it.</param>
    /// <param name="missing">What is missing, and on how many projects.</param>
    internal abstract string MissingOnProjectLevel(CredentialSource auth, string field, string missing);

    /// <summary>How to grant a permission that a denial names; null where the denial says it.</summary>
    internal abstract string? AfterDenial { get; }

    /// <summary>How to grant the permission behind a capability: a sentence.</summary>
    private protected abstract string Cure(CredentialSource auth, string field, Capability capability);

    private protected abstract string InSentence(string? permission);
}
