using BitbucketOperator.Core.Port;

namespace BitbucketOperator.Core.Credentials;

/// <summary>A key of a credential's Secret.</summary>
/// <param name="Usual">What it is called unless the resource names another, such as <c>token</c>.</param>
/// <param name="InBasicAuth">The key that stands for it in a Secret of type kubernetes.io/basic-auth.</param>
/// <param name="Flaw">
/// What is wrong with a value, besides what is wrong with any, and how to put it right; null where nothing is looked for.
/// </param>
internal sealed record SecretKey(string Usual, string InBasicAuth, Func<string, Wording?>? Flaw)
{
    /// <summary>Holds the name that a login goes with.</summary>
    public static SecretKey OfName(string usual, Func<string, Wording?> flaw) => new(usual, SecretValues.BasicAuthUsername, flaw);

    /// <summary>Holds what nobody may see.</summary>
    public static SecretKey OfSecret(string usual, Func<string, Wording?>? flaw = null) => new(usual, SecretValues.BasicAuthPassword, flaw);
}
