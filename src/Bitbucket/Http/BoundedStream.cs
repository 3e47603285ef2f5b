namespace BitbucketOperator.Bitbucket.Http;

/// <summary>What a server sends, up to a bound.</summary>
internal sealed class BoundedStream(Stream inner, int limit) : WrappedStream(inner)
{
    private long _read;

    public override bool CanWrite => false;

    /// <exception cref="BodyTooLargeException">There is more than the bound.</exception>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        Counted(await base.ReadAsync(buffer, cancellationToken));

    /// <exception cref="BodyTooLargeException">There is more than the bound.</exception>
    public override int Read(byte[] buffer, int offset, int count) => Counted(base.Read(buffer, offset, count));

    private int Counted(int read) => (_read += read) > limit ? throw new BodyTooLargeException(limit) : read;
}
