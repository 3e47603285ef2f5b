namespace BitbucketOperator.Runtime.Hosting;

/// <summary>Work beside the controllers that only the leader does.</summary>
public interface ILeaderWork
{
    /// <summary>
    /// Runs while this process leads, from when the stores are filled. The Lease is given up only after it has ended.
    /// </summary>
    /// <param name="cancellationToken">Cancelled when the Lease is lost or the process stops.</param>
    Task RunAsync(CancellationToken cancellationToken);
}
