namespace BitbucketOperator.Bitbucket.Http;

/// <summary>The body is larger than anything that Bitbucket has to say.</summary>
internal sealed class BodyTooLargeException(int limit) : IOException($"the answer is larger than {limit} bytes");

/// <summary>Reads a body to its end, or to a bound.</summary>
internal static class BoundedBody
{
    /// <exception cref="BodyTooLargeException">There is more than <paramref name="limit"/> bytes, after decompression.</exception>
    public static async Task<ReadOnlyMemory<byte>> ReadAsync(HttpContent content, int limit, CancellationToken cancellationToken)
    {
        if (content.Headers.ContentLength > limit) throw new BodyTooLargeException(limit);
        var stream = await content.ReadAsStreamAsync(cancellationToken);
        await using (stream)
        {
            var buffer = new byte[(int)Math.Clamp(content.Headers.ContentLength + 1 ?? 16 * 1024, 1024, limit + 1L)];
            var length = 0;
            while (true)
            {
                var read = await stream.ReadAsync(buffer.AsMemory(length), cancellationToken);
                if (read == 0) return buffer.AsMemory(0, length);
                length += read;
                if (length > limit) throw new BodyTooLargeException(limit);
                if (length == buffer.Length) Array.Resize(ref buffer, (int)Math.Min(buffer.Length * 2L, limit + 1L));
            }
        }
    }
}
