using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace BitbucketOperator.Bitbucket.RateLimiting;

/// <summary>Spreads what would happen at the same moment, or in step with the server's window. Equal seeds, equal numbers.</summary>
internal sealed class Jitter(string seed)
{
    private long _drawn;

    /// <summary>The next number from 0 to 1.</summary>
    public double Next()
    {
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes($"{seed}\n{_drawn++}"));
        return BinaryPrimitives.ReadUInt32LittleEndian(hash) / (double)uint.MaxValue;
    }
}
