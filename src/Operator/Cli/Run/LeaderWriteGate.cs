using BitbucketOperator.Core.Port;
using BitbucketOperator.Runtime.Client;

namespace BitbucketOperator.Cli.Run;

/// <summary>Lets the leader alone write to Bitbucket.</summary>
internal sealed class LeaderWriteGate(IWriteFence fence) : IWriteGate
{
    public ValueTask<bool> MayWriteAsync(CancellationToken cancellationToken) => fence.MayWriteAsync(cancellationToken);
}
