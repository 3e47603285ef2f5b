using System.Net;
using BitbucketOperator.Core.Port;

namespace BitbucketOperator.Bitbucket.Http;

/// <summary>
/// The body of a write, which asks the gate once more when a connection is there and the request is about to leave: waiting for a
/// connection can take longer than a Lease lasts. Headers wait in the client's buffer for the body, so that the server sees nothing.
/// </summary>
internal sealed class GatedContent(byte[] body, IWriteGate gate) : HttpContent
{
    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        if (!await gate.MayWriteAsync(cancellationToken))
        {
            throw new WriteGateClosedException();
        }

        await stream.WriteAsync(body, cancellationToken);
    }

    protected override bool TryComputeLength(out long length)
    {
        length = body.Length;
        return true;
    }
}
