using System.Buffers;

namespace BitbucketOperator.Bitbucket.Http;

/// <summary>The body is larger than anything that Bitbucket has to say.</summary>
internal sealed class BodyTooLargeException(int limit) : IOException($"the answer is larger than {limit} bytes");

/// <summary>
/// Reads a body to its end, or to a bound. In pieces that stay clear of the large-object heap: a page of a thousand
/// repositories has a megabyte, and what lies on that heap is freed last.
/// </summary>
internal static class BoundedBody
{
    private const int FirstPiece = 4 * 1024;
    private const int LargestPiece = 64 * 1024;

    /// <exception cref="BodyTooLargeException">There is more than <paramref name="limit"/> bytes, after decompression.</exception>
    public static async Task<ReadOnlySequence<byte>> ReadAsync(HttpContent content, int limit, CancellationToken cancellationToken)
    {
        if (content.Headers.ContentLength > limit) throw new BodyTooLargeException(limit);
        var stream = await content.ReadAsStreamAsync(cancellationToken);
        await using (stream)
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
