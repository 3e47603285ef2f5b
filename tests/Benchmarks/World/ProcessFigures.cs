using System.Globalization;

namespace BitbucketOperator.Benchmarks.World;

/// <summary>What the kernel says of a process.</summary>
/// <param name="ResidentMiB">Memory that it has now (VmRSS).</param>
/// <param name="PeakMiB">The most that it ever had (VmHWM).</param>
/// <param name="CpuSeconds">Processor time, its own and the kernel's for it.</param>
internal sealed record ProcessFigures(double ResidentMiB, double PeakMiB, double CpuSeconds)
{
    // USER_HZ, which is 100 on every architecture that Linux runs .NET on.
    private const double TicksPerSecond = 100;

    public static ProcessFigures Of(int pid) =>
        Parse(File.ReadAllText($"/proc/{pid}/status"), File.ReadAllText($"/proc/{pid}/stat"));

    public static ProcessFigures Parse(string status, string stat)
    {
        // The second field is the program's name in brackets, which may hold spaces.
        var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        return new ProcessFigures(MiB(status, "VmRSS:"), MiB(status, "VmHWM:"), (Number(fields[11]) + Number(fields[12])) / TicksPerSecond);
    }

    private static double MiB(string status, string field)
    {
        var line = status.Split('\n').First(l => l.StartsWith(field, StringComparison.Ordinal));
        return Number(line[field.Length..].Replace("kB", "", StringComparison.Ordinal).Trim()) / 1024;
    }

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);
}
