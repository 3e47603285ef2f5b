using System.Globalization;
using System.Runtime.InteropServices;

namespace BitbucketOperator.BitbucketSimulator.State;

/// <summary>A server version such as <c>9.4.2</c>, compared number by number.</summary>
[StructLayout(LayoutKind.Auto)]
public readonly record struct ServerVersion(int Major, int Minor, int Patch) : IComparable<ServerVersion>
{
    /// <summary>The build number as the server reports it: <c>9.4.2</c> is <c>9004002</c>.</summary>
    public string BuildNumber => ((Major * 1_000_000) + (Minor * 1_000) + Patch).ToString(CultureInfo.InvariantCulture);

    /// <summary>Reads two or three numbers with dots between them. Throws <see cref="FormatException"/> otherwise.</summary>
    public static ServerVersion Parse(string text)
    {
        var parts = text.Split('.');
        if (parts.Length is 2 or 3 && parts.All(p => int.TryParse(p, NumberStyles.None, CultureInfo.InvariantCulture, out _)))
        {
            var numbers = Array.ConvertAll(parts, p => int.Parse(p, CultureInfo.InvariantCulture));
            return new(numbers[0], numbers[1], numbers.Length > 2 ? numbers[2] : 0);
        }

        throw new FormatException($"\"{text}\" is not a version: two or three numbers are expected, as in 9.4.2");
    }

    public int CompareTo(ServerVersion other) => (Major, Minor, Patch).CompareTo((other.Major, other.Minor, other.Patch));

    /// <summary>Whether this is the given version or a later one.</summary>
    public bool AtLeast(int major, int minor, int patch = 0) => CompareTo(new(major, minor, patch)) >= 0;

    public override string ToString() => $"{Major}.{Minor}.{Patch}";

    public static bool operator <(ServerVersion left, ServerVersion right) => left.CompareTo(right) < 0;

    public static bool operator >(ServerVersion left, ServerVersion right) => left.CompareTo(right) > 0;

    public static bool operator <=(ServerVersion left, ServerVersion right) => left.CompareTo(right) <= 0;

    public static bool operator >=(ServerVersion left, ServerVersion right) => left.CompareTo(right) >= 0;
}
