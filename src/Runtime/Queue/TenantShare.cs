namespace BitbucketOperator.Runtime.Queue;

/// <summary>
/// How many takers one tenant may keep busy: at most three for each that is free, so that there is one for whoever comes, and
/// half of all while another tenant waits. Alone it gets three quarters of them, two get not quite half each.
/// </summary>
/// <param name="takers">How many take turns.</param>
internal sealed class TenantShare(int takers)
{
    private const int HeldPerFree = 3;
    private readonly int _half = Math.Max(1, takers / 2);

    /// <summary>Whether a tenant may have one more turn.</summary>
    /// <param name="held">Its turns that are out.</param>
    /// <param name="allHeld">The turns of all tenants that are out.</param>
    /// <param name="othersWait">Another tenant has work that waits.</param>
    public bool MayTake(int held, int allHeld, bool othersWait) =>
        held == 0 || ((!othersWait || held < _half) && held < HeldPerFree * (long)(takers - allHeld));
}
