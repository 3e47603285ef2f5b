using System.Net;

namespace BitbucketOperator.Runtime.Client;

/// <summary>
/// The body of a write, which asks the fence once more when a connection is there and the request is about to leave: waiting for a
/// connection can take longer than the Lease lasts.
/// </summary>
internal sealed class FencedContent(byte[] body, IWriteFence fence) : HttpContent
{
    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        if (!await fence.MayWriteAsync(cancellationToken))
        {
            throw new NotLeadingException();
        }

        await stream.WriteAsync(body, cancellationToken);
    }

    protected override bool TryComputeLength(out long length)
    {
        length = body.Length;
        return true;
    }
}
