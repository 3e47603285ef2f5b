namespace BitbucketOperator.Runtime.Queue;

/// <summary>Those who wait for something of a queue, in the order they came. Nothing is lost when a wait is cancelled.</summary>
/// <param name="gate">The queue's lock.</param>
/// <param name="tryTake">Takes the next thing that there is, within the lock.</param>
internal sealed class Takers<T>(Lock gate, Takers<T>.TryTake tryTake)
{
    private readonly LinkedList<TaskCompletionSource<T>> _waiting = new();

    /// <summary>Takes one; false when there is none.</summary>
    internal delegate bool TryTake(out T taken);

    /// <summary>Takes the next, now or later. A cancelled wait takes none.</summary>
    public ValueTask<T> TakeAsync(CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return ValueTask.FromCanceled<T>(cancellationToken);
        }

        LinkedListNode<TaskCompletionSource<T>> place;
        lock (gate)
        {
            if (tryTake(out var taken))
            {
                return ValueTask.FromResult(taken);
            }

            place = _waiting.AddLast(new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously));
        }

        return new(WaitAsync(place, cancellationToken));
    }

    /// <summary>Gives those who wait what there is now. Called within the lock.</summary>
    public void Serve()
    {
        while (_waiting.First is { } place && tryTake(out var taken))
        {
            _waiting.Remove(place);
            place.Value.SetResult(taken);
        }
    }

    private async Task<T> WaitAsync(LinkedListNode<TaskCompletionSource<T>> place, CancellationToken cancellationToken)
    {
        await using var registration = cancellationToken.Register(() => Withdraw(place, cancellationToken));
        return await place.Value.Task;
    }

    // Who is still in the list was given nothing.
    private void Withdraw(LinkedListNode<TaskCompletionSource<T>> place, CancellationToken cancellationToken)
    {
        lock (gate)
        {
            if (place.List is not null)
            {
                _waiting.Remove(place);
                place.Value.SetCanceled(cancellationToken);
            }
        }
    }
}
