namespace BitbucketOperator.Runtime.Queue;

/// <summary>
/// Items that take turns. One that enters goes next, for one turn, and then to the end. One that stops being takeable keeps its
/// place until its turn comes, so that leaving and entering again gains nothing (as in Linux' fq_codel). Not thread-safe.
/// </summary>
internal sealed class TurnRing<T>
{
    private readonly LinkedList<Seat> _entered = new();
    private readonly LinkedList<Seat> _served = new();

    /// <summary>Items that could be next.</summary>
    public int Takeable { get; private set; }

    /// <summary>Whether the item may get turns.</summary>
    public void Show(Seat seat, bool isTakeable)
    {
        if (seat.IsTakeable == isTakeable)
        {
            return;
        }

        seat.IsTakeable = isTakeable;
        Takeable += isTakeable ? 1 : -1;
        if (isTakeable && seat.Node.List is null)
        {
            _entered.AddLast(seat.Node);
        }
        else if (!isTakeable && seat.Node.List == _entered)
        {
            _entered.Remove(seat.Node);
        }
    }

    /// <summary>Takes the item out, its place as well.</summary>
    public void Remove(Seat seat)
    {
        Show(seat, isTakeable: false);
        seat.Node.List?.Remove(seat.Node);
    }

    /// <summary>The next item, which goes to the end. There must be one that is takeable.</summary>
    public T Next()
    {
        while (true)
        {
            var node = _entered.First ?? _served.First ?? throw new InvalidOperationException("No item is takeable.");
            node.List!.Remove(node);
            if (node.Value.IsTakeable)
            {
                _served.AddLast(node);
                return node.Value.Item;
            }
        }
    }

    /// <summary>An item's place in one ring.</summary>
    internal sealed class Seat
    {
        public Seat(T item) => (Item, Node) = (item, new(this));

        public T Item { get; }

        public LinkedListNode<Seat> Node { get; }

        public bool IsTakeable { get; set; }
    }
}
