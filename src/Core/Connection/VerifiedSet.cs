using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using BitbucketOperator.Core.Api;
using BitbucketOperator.Core.Api.V1Alpha1;

namespace BitbucketOperator.Core.Connection;

/// <summary>
/// The places of status.webhooks.verified: four bytes for each, so that ten thousand fit into a status. One in four
/// thousand million is taken for another.
/// </summary>
internal sealed class VerifiedSet
{
    private const int Width = sizeof(uint);

    private readonly SortedSet<uint> _hashes;

    private VerifiedSet(IEnumerable<uint> hashes, string wanted)
    {
        _hashes = [.. hashes];
        Wanted = wanted;
    }

    /// <summary>What was wanted of them, as <see cref="VisitSchedule.DesiredFingerprint"/> tells it.</summary>
    public string Wanted { get; }

    /// <summary>What is known of the server that spec names; nothing when status tells of another one.</summary>
    public static VerifiedSet Of(BitbucketConnection connection) => Read(KnownOf(connection));

    private static VerifiedSet Read(VerifiedStatus? status)
    {
        var bytes = new byte[status?.Set.Length ?? 0];
        var read = Convert.TryFromBase64String(status?.Set ?? "", bytes, out var length) ? length / Width : 0;
        return new VerifiedSet(
            Enumerable.Range(0, read).Select(i => BinaryPrimitives.ReadUInt32BigEndian(bytes.AsSpan(i * Width))), status?.Desired ?? "");
    }

    public bool Contains(string placeId) => _hashes.Count > 0 && _hashes.Contains(Hash(placeId));

    /// <summary>What is known to be in place after a pass; null when nothing is.</summary>
    public static VerifiedStatus? After(ConnectionPass pass, WebhookTally tally)
    {
        if (!pass.Observed.ReachesWebhooks || pass.Connection.Spec.Mode == Mode.Plan)
        {
            return Unchanged(pass);
        }

        var before = KnownOf(pass.Connection);

        PlaceCheck? CheckOf(string id) => tally.Checks.GetValueOrDefault(id);
        var (old, wanted) = (Read(before), pass.DesiredFingerprint);
        var places = tally.Levels.Wanted.ToDictionary(w => w.Place.Id, w => w.Count, StringComparer.Ordinal);
        var seen = places.Where(p => IsAsWanted(CheckOf(p.Key), p.Value)).Select(p => p.Key).ToList();
        var held = pass.Observed.Selection!.Selected.Select(r => r.Id).Concat(tally.Levels.Places.Select(p => p.Place.Id)).Where(old.Contains).ToList();

        // Webhooks of ours in a place that left the selection are known until they are seen to be gone.
        var left = pass.Plan.Places.Where(p => !p.Selected).Select(p => p.Place.Id)
            .Where(id => old.Contains(id) && CheckOf(id)?.Failures.Count > 0);
        var unseen = held.Where(r => !CouldSee(CheckOf(r))).Concat(left).ToList();
        var seenAt = seen.Select(r => CheckOf(r)!.LookedAt).DefaultIfEmpty(pass.Observed.Now).Min();
        var withheld = pass.Plan.RemovalsWithheld is not null;
        if (old.Wanted == wanted)
        {
            var members = old.With(wanted, seen.Concat(unseen), withheld);
            return members.ToStatus(members._hashes.Count > seen.Count ? before!.At : seenAt);
        }

        // What was in place for an earlier wish is not forgotten before it is seen to be as wanted now.
        return seen.Count > 0 && !unseen.Exists(r => IsDenied(CheckOf(r)))
            ? old.With(wanted, seen, keepAll: false).ToStatus(seenAt)
            : old.With(old.Wanted, pass.Observed.Desired.Count == 0 ? unseen : held.Union(unseen, StringComparer.Ordinal), withheld).ToStatus(before?.At ?? seenAt);
    }

    /// <summary>What is known after a pass that looked at no webhook: the same, as long as status goes on telling of the same server.</summary>
    public static VerifiedStatus? Unchanged(ConnectionPass pass) =>
        pass.Observed.Server?.Value is null ? pass.Connection.Status?.Webhooks?.Verified : KnownOf(pass.Connection);

    private static VerifiedStatus? KnownOf(BitbucketConnection connection) =>
        ConnectionGate.HasMoved(connection) ? null : connection.Status?.Webhooks?.Verified;

    // A listing that is not believed takes nothing away.
    private VerifiedSet With(string wanted, IEnumerable<string> ids, bool keepAll) =>
        new([.. ids.Select(Hash), .. keepAll ? _hashes : []], wanted);

    private VerifiedStatus? ToStatus(DateTimeOffset at) => _hashes.Count == 0
        ? null
        : new VerifiedStatus { At = at, Repositories = _hashes.Count, Set = ToBase64(), Desired = Wanted };

    private static bool IsAsWanted(PlaceCheck? check, int wanted) =>
        check is { VerifiedBefore: false, Failures.Count: 0, Ready: > 0 } && check.Ready == wanted;

    private static bool CouldSee(PlaceCheck? check) =>
        check is { VerifiedBefore: false } && !check.Failures.Any(f => f.Webhook is null);

    private static bool IsDenied(PlaceCheck? check) =>
        check is { VerifiedBefore: true } || check?.Failures.Any(f => f.Webhook is null && f.Fault.Reason == Reasons.WebhookPermissionDenied) == true;

    private string ToBase64()
    {
        var bytes = new byte[_hashes.Count * Width];
        var at = 0;
        foreach (var hash in _hashes)
        {
            BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(at), hash);
            at += Width;
        }

        return Convert.ToBase64String(bytes);
    }

    private static uint Hash(string placeId) =>
        BinaryPrimitives.ReadUInt32BigEndian(SHA256.HashData(Encoding.UTF8.GetBytes(placeId)));
}
