using BitbucketOperator.Bitbucket.Http;
using BitbucketOperator.Core.Port;
using BitbucketOperator.Runtime.Client;

namespace BitbucketOperator.Cli.Run;

/// <summary>Lets the leader alone write to Bitbucket.</summary>
internal sealed class LeaderWriteGate(IWriteFence fence, BitbucketOptions options) : IWriteGate
{
    // Each try of a request asks before it is sent, so that none is under way for longer than one try may last.
    public TimeSpan InDoubtFor => fence.SinceTakeOver is { } since && since < options.AttemptTimeout ? options.AttemptTimeout - since : TimeSpan.Zero;

    public ValueTask<bool> MayWriteAsync(CancellationToken cancellationToken) => fence.MayWriteAsync(cancellationToken);
}
