using System.Buffers;
using System.IO.Compression;

namespace BitbucketOperator.Bitbucket.Http;

/// <summary>The body is larger than anything that Bitbucket has to say.</summary>
internal sealed class BodyTooLargeException(int limit) : IOException($"the answer is larger than {limit} bytes");

/// <summary>
/// Reads a body to its end, or to a bound: of what is sent as well as of what it unpacks to, for nothing may be packed into very much. In
/// pieces that stay clear of the large-object heap: a page of a thousand repositories has a megabyte, and what lies on that heap is
/// freed last.
/// </summary>
internal static class BoundedBody
{
    /// <summary>The one encoding of bodies that is asked for and unpacked.</summary>
    public const string Encoding = "gzip";

    private const int FirstPiece = 4 * 1024;
    private const int LargestPiece = 64 * 1024;

    /// <exception cref="BodyTooLargeException">There are more than <paramref name="limit"/> bytes, before or after decompression.</exception>
    /// <exception cref="InvalidDataException">It cannot be unpacked.</exception>
    public static async Task<ReadOnlySequence<byte>> ReadAsync(HttpContent content, int limit, CancellationToken cancellationToken)
    {
        if (content.Headers.ContentLength > limit) throw new BodyTooLargeException(limit);
        var sent = new BoundedStream(await content.ReadAsStreamAsync(cancellationToken), limit);
        await using (sent)
        {
            if (!IsPacked(content)) return await ReadAsync(sent, limit, cancellationToken);
            var unpacked = new GZipStream(sent, CompressionMode.Decompress);
            await using (unpacked) return await ReadAsync(unpacked, limit, cancellationToken);
        }
    }

    private static bool IsPacked(HttpContent content) =>
        content.Headers.ContentEncoding is { Count: 1 } encodings && encodings.Single().Equals(Encoding, StringComparison.OrdinalIgnoreCase);

    private static async Task<ReadOnlySequence<byte>> ReadAsync(Stream stream, int limit, CancellationToken cancellationToken)
    {
        var body = new Pieces();
        var size = FirstPiece;
        while (true)
        {
            var piece = new byte[size];
            var read = await stream.ReadAtLeastAsync(piece, size, throwOnEndOfStream: false, cancellationToken);
            body.Add(piece.AsMemory(0, read));
            if (body.Length > limit) throw new BodyTooLargeException(limit);
            if (read < size) return body.ToSequence();
            size = Math.Min(size * 2, LargestPiece);
        }
    }

    private sealed class Pieces
    {
        private Piece? _first;
        private Piece? _last;

        public long Length => _last is null ? 0 : _last.RunningIndex + _last.Memory.Length;

        public void Add(ReadOnlyMemory<byte> memory)
        {
            if (memory.IsEmpty) return;
            _last = new Piece(memory, _last);
            _first ??= _last;
        }

        public ReadOnlySequence<byte> ToSequence() =>
            _last is null ? ReadOnlySequence<byte>.Empty : new(_first!, 0, _last, _last.Memory.Length);
    }

    private sealed class Piece : ReadOnlySequenceSegment<byte>
    {
        public Piece(ReadOnlyMemory<byte> memory, Piece? before)
        {
            Memory = memory;
            if (before is null) return;
            RunningIndex = before.RunningIndex + before.Memory.Length;
            before.Next = this;
        }
    }
}
