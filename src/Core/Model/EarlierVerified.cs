using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace BitbucketOperator.Core.Model;

/// <summary>
/// Reads status.webhooks.verified as versions before inventories wrote it: four bytes of a hash of each scope's id, and what was
/// desired of all of them. It is used once, by the first reconcile that reaches webhooks. This file and the field can go with the API version v1alpha1.
/// </summary>
public sealed class EarlierVerified
{
    private const int Width = sizeof(uint);

    private readonly HashSet<uint> _hashes;
    private readonly string _desired;

    private EarlierVerified(HashSet<uint> hashes, string desired) => (_hashes, _desired) = (hashes, desired);

    /// <summary>Reads what status holds; null where it holds nothing that can be read.</summary>
    /// <param name="set">The hashes, in base64.</param>
    /// <param name="desired">What was desired of the scopes.</param>
    public static EarlierVerified? Read(string set, string desired)
    {
        var bytes = new byte[set.Length];
        return Convert.TryFromBase64String(set, bytes, out var length) && length >= Width
            ? new EarlierVerified(
                [.. Enumerable.Range(0, length / Width).Select(i => BinaryPrimitives.ReadUInt32BigEndian(bytes.AsSpan(i * Width)))],
                VerifiedScopes.Shortened(desired))
            : null;
    }

    /// <summary>What was desired of a scope; null when it is not among them.</summary>
    public string? Find(string scopeId) =>
        _hashes.Contains(BinaryPrimitives.ReadUInt32BigEndian(SHA256.HashData(Encoding.UTF8.GetBytes(scopeId)))) ? _desired : null;
}
