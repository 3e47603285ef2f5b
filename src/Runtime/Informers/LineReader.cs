using System.Buffers;
using System.IO.Pipelines;

namespace BitbucketOperator.Runtime.Informers;

/// <summary>Cuts a stream into lines of bounded length. A last line without an end is dropped: it was cut off.</summary>
internal static class LineReader
{
    /// <summary>Longest line, longest object in a list: etcd takes 1.5 MiB, conversions and managed fields may add to it.</summary>
    public const int MaxLength = 16 * 1024 * 1024;

    /// <summary>Calls <paramref name="onLine"/> for each line; the memory is valid during the call only.</summary>
    public static async Task ReadAsync(PipeReader pipe, Action<ReadOnlySequence<byte>> onLine, CancellationToken cancellationToken)
    {
        while (true)
        {
            var result = await pipe.ReadAsync(cancellationToken);
            var buffer = result.Buffer;
            while (buffer.PositionOf((byte)'\n') is { } end)
            {
                var line = buffer.Slice(0, end);
                if (!line.IsEmpty)
                {
                    onLine(line);
                }

                buffer = buffer.Slice(buffer.GetPosition(1, end));
            }

            if (buffer.Length > MaxLength)
            {
                throw new InvalidDataException($"A line of the watch is longer than {MaxLength} bytes.");
            }

            pipe.AdvanceTo(buffer.Start, buffer.End);
            if (result.IsCompleted)
            {
                return;
            }
        }
    }
}
