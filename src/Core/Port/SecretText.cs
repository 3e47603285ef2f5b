using System.Security.Cryptography;
using System.Text;

namespace BitbucketOperator.Core.Port;

/// <summary>
/// A text that must never be printed. Its <see cref="ToString"/> is a mask, so that a record that holds one can be
/// logged by mistake without harm, and equality takes the same time for every value of one length.
/// </summary>
public sealed class SecretText(string value) : IEquatable<SecretText>
{
    private const string Mask = "***";

    private readonly byte[] _bytes = Encoding.UTF8.GetBytes(value);

    /// <summary>The text itself, for the one place that sends it.</summary>
    public string Reveal() => Encoding.UTF8.GetString(_bytes);

    /// <summary>True for the empty text.</summary>
    public bool IsEmpty => _bytes.Length == 0;

    /// <summary>
    /// The first 16 hexadecimal digits of HMAC-SHA256 with the secret as the key over <paramref name="context"/>: tells
    /// whether two secrets are the same in the same context, and nothing across contexts.
    /// </summary>
    public string Fingerprint(string context) =>
        Convert.ToHexStringLower(HMACSHA256.HashData(_bytes, Encoding.UTF8.GetBytes(context)).AsSpan(0, 8));

    /// <inheritdoc/>
    public bool Equals(SecretText? other) => other is not null && CryptographicOperations.FixedTimeEquals(_bytes, other._bytes);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as SecretText);

    /// <inheritdoc/>
    public override int GetHashCode() => _bytes.Length;

    /// <summary>A mask, never the text.</summary>
    public override string ToString() => Mask;
}
