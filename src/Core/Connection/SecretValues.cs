using System.Text;
using BitbucketOperator.Core.Api;

namespace BitbucketOperator.Core.Connection;

/// <summary>A value that a Secret must hold.</summary>
/// <param name="Usual">The key that holds it unless the resource names another.</param>
/// <param name="KeyField">Where the resource can name another, below secretRef; null where it cannot.</param>
/// <param name="Named">The key that the resource names; null where it names none.</param>
/// <param name="InBasicAuth">The key that stands for it in a Secret of type kubernetes.io/basic-auth.</param>
internal sealed record SecretPart(string Usual, string? KeyField, string? Named, string InBasicAuth)
{
    /// <summary>The key, in a Secret of any other type.</summary>
    public string Key => Named ?? Usual;
}

/// <summary>The values of a Secret, each proved to be usable.</summary>
/// <param name="secret">The Secret.</param>
/// <param name="field">The field of the resource that names it, for messages, such as <c>spec.auth.secretRef</c>.</param>
internal sealed class SecretValues(ReferencedData secret, string field)
{
    public const string BasicAuthUsername = "username";
    public const string BasicAuthPassword = "password";

    private const string BasicAuthType = "kubernetes.io/basic-auth";

    public static string Keys(ReferencedData data) =>
        data.Data is { Count: > 0 } some ? string.Join(", ", some.Keys.Order(StringComparer.Ordinal)) : "none";

    /// <summary>A credential that is a token alone and travels in a header.</summary>
    public Outcome<Credential> Token(SecretPart part, Func<SecretText, Credential> make)
    {
        var token = Read([part])[0];
        return (token.Fault ?? Malformed(part, SecretFlaws.OfToken(token.Value!.Reveal()))) is { } fault ? fault : make(token.Value!);
    }

    /// <summary>A login of a name and a secret.</summary>
    public Outcome<T> Pair<T>(SecretPart name, SecretPart password, Func<string, string?> nameFlaw, Func<string, SecretText, T> make)
    {
        var read = Read([name, password]);
        var fault = read[0].Fault ?? Malformed(name, nameFlaw(read[0].Value!.Reveal())) ?? read[1].Fault;
        return fault is not null ? fault : make(read[0].Value!.Reveal(), read[1].Value!);
    }

    /// <summary>The values, or for each why there is none.</summary>
    public IReadOnlyList<Outcome<SecretText>> Read(IReadOnlyList<SecretPart> parts)
    {
        if (secret.Data is not { } data)
        {
            var keys = parts.Select(p => p.Key).ToList();
            var missing = Fault.Waiting(
                Reasons.SecretNotFound,
                $"{field}: Secret {secret.Name} does not exist in namespace {secret.Namespace}; create it with the {(keys.Count == 1 ? "key" : "keys")} {string.Join(" and ", keys)}");
            return [.. parts.Select(_ => (Outcome<SecretText>)missing)];
        }

        return [.. parts.Select(p => Read(p, data))];
    }

    private Outcome<SecretText> Read(SecretPart part, IReadOnlyDictionary<string, byte[]> data)
    {
        var key = KeyOf(part);
        if (!data.TryGetValue(key, out var bytes))
        {
            var rename = part.KeyField is null ? "" : $", or name another in {field}.{part.KeyField}";
            return Fault.Waiting(
                Reasons.SecretKeyMissing, $"{field}: Secret {secret.Name} has no key {key}; it has {Keys(secret)}. Add the key{rename}");
        }

        var text = Encoding.UTF8.GetString(bytes);
        if (string.IsNullOrWhiteSpace(text))
        {
            return Fault.Waiting(Reasons.SecretValueEmpty, $"{field}: key {key} of Secret {secret.Name} is empty; write the value into it");
        }

        return Malformed(part, SecretFlaws.OfAny(text)) is { } fault ? fault : new SecretText(text);
    }

    private Fault? Malformed(SecretPart part, string? flaw) => flaw is null
        ? null
        : Fault.Waiting(Reasons.SecretValueMalformed, $"{field}: key {KeyOf(part)} of Secret {secret.Name} {flaw}");

    // Tools that know nothing of tokens keep them in Secrets of this type, which admits two keys only.
    private string KeyOf(SecretPart part) => part.Named
        ?? (secret.Type == BasicAuthType && secret.Data?.ContainsKey(part.Usual) == false ? part.InBasicAuth : part.Usual);
}

/// <summary>What is wrong with a value and how to put it right, to go after the name of its key; null where nothing is. Never the value.</summary>
internal static class SecretFlaws
{
    public static string? OfAny(string text)
    {
        const string cure = "; write the value without it, for example with printf %s rather than echo";
        if (text.EndsWith('\n') || text.EndsWith('\r'))
        {
            return "ends with a line break" + cure;
        }

        if (char.IsWhiteSpace(text[0]) || char.IsWhiteSpace(text[^1]))
        {
            return "begins or ends with white space" + cure;
        }

        return text.Any(char.IsControl) ? "holds a control character" + cure : null;
    }

    public static string? OfToken(string text) =>
        text.All(c => c is > ' ' and <= '~') ? null : "holds a blank or a character beyond ASCII, which no token has; copy the token again";

    public static string? OfUsername(string text) =>
        text.Contains(':', StringComparison.Ordinal) ? "holds a colon, which Basic authentication allows in no name; write the name alone, and what belongs to it into a key of its own" : null;

    public static string? OfEmail(string text) =>
        text.IndexOf('@', StringComparison.Ordinal) > 0
            ? OfUsername(text)
            : "is no e-mail address: an API token goes with the e-mail address of its Atlassian account, not with the Bitbucket user name";
}
