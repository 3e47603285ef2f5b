namespace BitbucketOperator.Runtime.Hosting;

/// <summary>What one leader leaves for the next. Neither member throws, unless it is cancelled.</summary>
public interface ILeaderHandover
{
    /// <summary>Called each time that this process begins to lead, before any work.</summary>
    Task TakeOverAsync(CancellationToken cancellationToken);

    /// <summary>Called when all work has ended, before the Lease is given up; to end within seconds.</summary>
    Task HandOverAsync(CancellationToken cancellationToken);
}
