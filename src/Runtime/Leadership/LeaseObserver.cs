using BitbucketOperator.Runtime.Model;
using k8s.Models;

namespace BitbucketOperator.Runtime.Leadership;

/// <summary>
/// Judges a Lease by our own clock alone: another holder's lease has run out when we have not seen it change for as long
/// as it says it lasts. What its times say is not compared with our time.
/// </summary>
internal sealed class LeaseObserver(LeaderElectionOptions options, TimeProvider clock)
{
    private (string? Holder, string? Version) _seen;
    private long _seenAt;

    /// <summary>Whether we may write ourselves into the lease as it was read just now.</summary>
    public bool CanTake(V1Lease lease)
    {
        var now = (lease.Spec?.HolderIdentity, lease.Metadata.ResourceVersion);
        if (_seen != now)
        {
            _seen = now;
            _seenAt = clock.GetTimestamp();
        }

        var lasts = TimeSpan.FromSeconds(lease.Spec?.LeaseDurationSeconds ?? options.LeaseDuration.TotalSeconds);
        return string.IsNullOrEmpty(lease.Spec?.HolderIdentity)
            || lease.Spec.HolderIdentity == options.Identity
            || clock.GetElapsedTime(_seenAt) >= lasts;
    }

    /// <summary>The lease with us as its holder; <paramref name="current"/> null when there is none yet.</summary>
    public V1Lease Claim(V1Lease? current)
    {
        var now = clock.GetUtcNow().UtcDateTime;
        var transitions = current?.Spec?.LeaseTransitions ?? 0;
        var changesHands = current is not null && current.Spec?.HolderIdentity != options.Identity;
        return Lease(current, new V1LeaseSpec
        {
            HolderIdentity = options.Identity,
            LeaseDurationSeconds = (int)Math.Ceiling(options.LeaseDuration.TotalSeconds),
            AcquireTime = now,
            RenewTime = now,
            LeaseTransitions = changesHands ? transitions + 1 : transitions,
        });
    }

    /// <summary>Our lease with a new renew time.</summary>
    public V1Lease Renewal(V1Lease held) =>
        Lease(held, held.Spec with { RenewTime = clock.GetUtcNow().UtcDateTime });

    /// <summary>Our lease given up, so that another may take it at once.</summary>
    public V1Lease Release(V1Lease held) => Lease(held, held.Spec with
    {
        HolderIdentity = "",
        LeaseDurationSeconds = 1,
        RenewTime = clock.GetUtcNow().UtcDateTime,
    });

    // Managed fields are the server's business, and their free form cannot be written by source-generated JSON.
    private V1Lease Lease(V1Lease? current, V1LeaseSpec spec) => new()
    {
        ApiVersion = "coordination.k8s.io/v1",
        Kind = "Lease",
        Metadata = (current?.Metadata ?? new V1ObjectMeta { Name = options.LeaseName }) with { ManagedFields = null },
        Spec = spec,
    };
}
