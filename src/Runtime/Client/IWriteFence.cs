namespace BitbucketOperator.Runtime.Client;

/// <summary>Tells whether this process may still write. A replica that was paused must not act on what it decided before.</summary>
public interface IWriteFence
{
    /// <summary>Whether this process certainly leads; always where there is no election.</summary>
    bool Leads { get; }

    /// <summary>
    /// How long ago this process took the Lease over from a leader that had not given it up, and may have sent a write shortly before;
    /// null when it did not.
    /// </summary>
    TimeSpan? SinceTakeOver { get; }

    /// <summary>
    /// To be asked immediately before each write: whether it may be sent. Waits while a new leader gives the writes of the
    /// former one time to end; else it answers at once.
    /// </summary>
    ValueTask<bool> MayWriteAsync(CancellationToken cancellationToken);
}

/// <summary>Nothing was sent, because another replica may lead by now.</summary>
public sealed class NotLeadingException() : Exception("This replica does not hold the Lease");
