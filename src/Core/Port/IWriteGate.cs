namespace BitbucketOperator.Core.Port;

/// <summary>Whether this process may write to Bitbucket: asked immediately before a request that changes something is sent.</summary>
public interface IWriteGate
{
    /// <summary>False when another replica may lead by now. May wait a few seconds after this one began to lead.</summary>
    ValueTask<bool> MayWriteAsync(CancellationToken cancellationToken);

    /// <summary>How much longer a write of a former leader may arrive at Bitbucket, after whatever was read; zero when none can.</summary>
    TimeSpan InDoubtFor => TimeSpan.Zero;
}

/// <summary>
/// A write was not sent, because another replica may lead by now. Not a <see cref="FaultException"/>, so that no status ever
/// tells of it: whatever was to be written is still due, for whoever leads.
/// </summary>
public sealed class WriteGateClosedException() : Exception("This replica does not hold the Lease");
