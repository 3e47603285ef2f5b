using System.Text;
using BitbucketOperator.Core.Api;
using BitbucketOperator.Core.Messages;
using BitbucketOperator.Core.Port;

namespace BitbucketOperator.Core.Credentials;

/// <summary>A value that a Secret must hold.</summary>
/// <param name="Usual">The key that holds it unless the resource names another.</param>
/// <param name="KeyField">Where the resource can name another, below secretRef; null where it cannot.</param>
/// <param name="Named">The key that the resource names; null where it names none.</param>
/// <param name="InBasicAuth">The key that stands for it in a Secret of type kubernetes.io/basic-auth.</param>
/// <param name="Flaw">What is wrong with a value, besides what is wrong with any; null where nothing is looked for.</param>
internal sealed record SecretPart(string Usual, string? KeyField, string? Named, string InBasicAuth, Func<string, Wording?>? Flaw = null)
{
    /// <summary>The key, in a Secret of any other type.</summary>
    public string Key => Named ?? Usual;
}

/// <summary>The values of a Secret, each proved to be usable.</summary>
/// <param name="secret">The Secret.</param>
/// <param name="field">The field of the resource that names it, for messages, such as <c>spec.auth.secretRef</c>.</param>
/// <param name="rules">Which Secrets may be used.</param>
internal sealed class SecretValues(ReferencedData secret, string field, SecretRules rules)
{
    public const string BasicAuthUsername = "username";
    public const string BasicAuthPassword = "password";

    private const string BasicAuthType = "kubernetes.io/basic-auth";

    /// <summary>What is made of the values, or why the first that is not usable is not.</summary>
    public Outcome<T> Make<T>(IReadOnlyList<SecretPart> parts, Func<IReadOnlyList<SecretText>, T> make)
    {
        var read = Read(parts);
        return read.Select(r => r.Fault).FirstOrDefault(f => f is not null) is { } fault ? fault : make([.. read.Select(r => r.Value!)]);
    }

    /// <summary>The values, or for each why there is none.</summary>
    public IReadOnlyList<Outcome<SecretText>> Read(IReadOnlyList<SecretPart> parts)
    {
        if (secret.Data is not { } data)
        {
            var keys = parts.Select(p => p.Key).ToList();
            var missing = Fault.Waiting(
                Reasons.SecretNotFound,
                secret.IsForDeletion
                    ? Sentences.ObjectGone(field, secret.Kind, secret.Name)
                    : Sentences.SecretNotFound(field, secret.Name, keys),
                field: field);
            return [.. parts.Select(_ => (Outcome<SecretText>)missing)];
        }

        return rules.Refusal(secret, field) is { } refusal
            ? [.. parts.Select(_ => (Outcome<SecretText>)refusal)]
            : [.. parts.Select(p => Read(p, data))];
    }

    private Outcome<SecretText> Read(SecretPart part, IReadOnlyDictionary<string, byte[]> data)
    {
        var key = KeyOf(part);
        if (!data.TryGetValue(key, out var bytes))
        {
            var other = part.KeyField is null ? null : $"{field}.{part.KeyField}";
            return Fault.Waiting(Reasons.SecretKeyMissing, Sentences.KeyMissing(field, "Secret", secret.Name, key, other), field: field);
        }

        if (SecretFlaws.OfEncoding(bytes) is { } flaw)
        {
            return Malformed(part, flaw)!;
        }

        var text = Encoding.UTF8.GetString(bytes);
        if (string.IsNullOrWhiteSpace(text))
        {
            return Fault.Waiting(Reasons.SecretValueEmpty, Sentences.ValueEmpty(field, key, secret.Name), field: field);
        }

        return Malformed(part, SecretFlaws.OfAny(text) ?? part.Flaw?.Invoke(text)) is { } fault ? fault : new SecretText(text);
    }

    private Fault? Malformed(SecretPart part, Wording? flaw) => flaw is null
        ? null
        : Fault.Waiting(Reasons.SecretValueMalformed, Sentences.ValueMalformed(field, KeyOf(part), secret.Name, flaw), field: field);

    // Tools that know nothing of tokens keep them in Secrets of this type, which admits two keys only.
    private string KeyOf(SecretPart part) => part.Named
        ?? (secret.Type == BasicAuthType && secret.Data?.ContainsKey(part.Usual) == false ? part.InBasicAuth : part.Usual);
}
