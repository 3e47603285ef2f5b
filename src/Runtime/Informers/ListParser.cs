using System.Buffers;
using System.IO.Pipelines;
using System.Text.Json;
using BitbucketOperator.Runtime.Client;

namespace BitbucketOperator.Runtime.Informers;

/// <summary>
/// Reads a Kubernetes list from a stream, item by item, so that no more than one item and one buffer are held beside
/// the results.
/// </summary>
internal sealed class ListParser(Action<ReadOnlySequence<byte>> onItem)
{
    private JsonReaderState _state;
    private bool _inItems;
    private bool _done;

    /// <summary>The list's metadata; there once the stream has been read.</summary>
    public ListMetadata? Metadata { get; private set; }

    public async Task ReadAsync(PipeReader pipe, CancellationToken cancellationToken)
    {
        while (!_done)
        {
            var result = await pipe.ReadAsync(cancellationToken);
            var consumed = Advance(result.Buffer, result.IsCompleted);
            if (result.IsCompleted && !_done)
            {
                throw new EndOfStreamException("The list broke off.");
            }

            if (result.Buffer.Length - consumed > LineReader.MaxLength)
            {
                throw new InvalidDataException($"An object of the list is longer than {LineReader.MaxLength} bytes.");
            }

            pipe.AdvanceTo(result.Buffer.GetPosition(consumed), result.Buffer.End);
        }
    }

    private long Advance(in ReadOnlySequence<byte> buffer, bool isFinal)
    {
        var reader = new Utf8JsonReader(buffer, isFinal, _state);
        while (true)
        {
            var before = reader;
            if (!Step(ref reader, buffer))
            {
                _state = before.CurrentState;
                return before.BytesConsumed;
            }

            if (_done)
            {
                return reader.BytesConsumed;
            }
        }
    }

    // Takes one whole token or value; false when it is not all there yet.
    private bool Step(ref Utf8JsonReader reader, in ReadOnlySequence<byte> buffer)
    {
        if (!reader.Read())
        {
            return false;
        }

        if (_inItems)
        {
            return StepInItems(ref reader, buffer);
        }

        if (reader.TokenType == JsonTokenType.EndObject)
        {
            _done = true;
            return true;
        }

        return reader.TokenType != JsonTokenType.PropertyName || StepProperty(ref reader, buffer);
    }

    private bool StepInItems(ref Utf8JsonReader reader, in ReadOnlySequence<byte> buffer)
    {
        if (reader.TokenType == JsonTokenType.EndArray)
        {
            _inItems = false;
            return true;
        }

        if (!TryTakeValue(ref reader, buffer, out var item))
        {
            return false;
        }

        onItem(item);
        return true;
    }

    private bool StepProperty(ref Utf8JsonReader reader, in ReadOnlySequence<byte> buffer)
    {
        var isItems = reader.ValueTextEquals("items"u8);
        var isMetadata = reader.ValueTextEquals("metadata"u8);
        if (!reader.Read())
        {
            return false;
        }

        if (isItems && reader.TokenType == JsonTokenType.StartArray)
        {
            return _inItems = true;
        }

        if (!TryTakeValue(ref reader, buffer, out var value))
        {
            return false;
        }

        if (isMetadata)
        {
            var inner = new Utf8JsonReader(value);
            Metadata = JsonSerializer.Deserialize(ref inner, RuntimeJson.Default.ListMetadata);
        }

        return true;
    }

    private static bool TryTakeValue(ref Utf8JsonReader reader, in ReadOnlySequence<byte> buffer, out ReadOnlySequence<byte> value)
    {
        var start = reader.TokenStartIndex;
        var whole = reader.TrySkip();
        value = whole ? buffer.Slice(start, reader.BytesConsumed - start) : default;
        return whole;
    }
}
