using System.Globalization;
using BitbucketOperator.Chaos.World;

namespace BitbucketOperator.Chaos.Rules;

/// <summary>What a replica has of the machine at the moment.</summary>
/// <param name="MiB">Resident memory.</param>
/// <param name="Handles">Open files and sockets.</param>
/// <param name="Threads">Of the kernel.</param>
/// <param name="Watches">Open at the API server.</param>
internal sealed record Figures(double MiB, int Handles, int Threads, int Watches)
{
    public static Figures Of(Replica replica)
    {
        var process = $"/proc/{replica.Current.Id.ToString(CultureInfo.InvariantCulture)}";
        var status = File.ReadAllLines($"{process}/status");
        return new Figures(
            Number(status, "VmRSS:") / 1024.0,
            Directory.GetFiles($"{process}/fd").Length,
            Number(status, "Threads:"),
            replica.Proxy.OpenWatches);
    }

    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{MiB:0} MiB, {Handles} handles, {Threads} threads, {Watches} watches");

    private static int Number(string[] status, string field)
    {
        var line = Array.Find(status, l => l.StartsWith(field, StringComparison.Ordinal))!;
        return int.Parse(line[field.Length..].Replace("kB", "", StringComparison.Ordinal).Trim(), CultureInfo.InvariantCulture);
    }
}
