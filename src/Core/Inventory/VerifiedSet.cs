using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using BitbucketOperator.Core.Model;

namespace BitbucketOperator.Core.Inventory;

/// <summary>
/// The scopes of status.webhooks.verified: four bytes for each, so that ten thousand fit into a status. One in four
/// thousand million is taken for another.
/// </summary>
internal sealed class VerifiedSet
{
    private const int Width = sizeof(uint);

    private readonly SortedSet<uint> _hashes;

    private VerifiedSet(IEnumerable<uint> hashes, string desired)
    {
        _hashes = [.. hashes];
        Desired = desired;
    }

    /// <summary>What was desired of them, as a fingerprint.</summary>
    public string Desired { get; }

    /// <summary>How many there are.</summary>
    public int Count => _hashes.Count;

    /// <summary>What is known of the server that spec names; nothing when status tells of another one.</summary>
    public static VerifiedSet Of(Connection connection) => Read(KnownOf(connection));

    /// <summary>The same as status holds it.</summary>
    public static VerifiedState? KnownOf(Connection connection) => connection.HasMoved ? null : connection.Known.Verified;

    /// <summary>Reads what status holds.</summary>
    public static VerifiedSet Read(VerifiedState? state)
    {
        var bytes = new byte[state?.Set.Length ?? 0];
        var read = Convert.TryFromBase64String(state?.Set ?? "", bytes, out var length) ? length / Width : 0;
        return new VerifiedSet(
            Enumerable.Range(0, read).Select(i => BinaryPrimitives.ReadUInt32BigEndian(bytes.AsSpan(i * Width))), state?.Desired ?? "");
    }

    public bool Contains(string scopeId) => _hashes.Count > 0 && _hashes.Contains(Hash(scopeId));

    /// <summary>Other scopes; beside those there are where all are kept.</summary>
    public VerifiedSet With(string desired, IEnumerable<string> ids, bool keepAll) =>
        new([.. ids.Select(Hash), .. keepAll ? _hashes : []], desired);

    /// <summary>What to keep in status; null for none.</summary>
    public VerifiedState? ToState(DateTimeOffset at) => _hashes.Count == 0
        ? null
        : new VerifiedState(at, _hashes.Count, ToBase64(), Desired);

    private string ToBase64()
    {
        var bytes = new byte[_hashes.Count * Width];
        var at = 0;
        foreach (var hash in _hashes)
        {
            BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(at), hash);
            at += Width;
        }

        return Convert.ToBase64String(bytes);
    }

    private static uint Hash(string scopeId) =>
        BinaryPrimitives.ReadUInt32BigEndian(SHA256.HashData(Encoding.UTF8.GetBytes(scopeId)));
}
