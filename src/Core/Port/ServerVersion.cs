using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.RegularExpressions;

namespace BitbucketOperator.Core.Port;

/// <summary>
/// A Bitbucket version. Compares as numbers, so that 8.19 is newer than 8.8; suffixes such as <c>-SNAPSHOT</c> or
/// <c>-eap1</c> do not count, because such builds have the endpoints of the release they lead to.
/// </summary>
[System.Runtime.InteropServices.StructLayout(System.Runtime.InteropServices.LayoutKind.Auto)]
public readonly partial record struct ServerVersion(int Major, int Minor, int Patch) : IComparable<ServerVersion>
{
    /// <summary>The oldest version that the operator works with.</summary>
    public static ServerVersion Minimum { get; } = new(7, 14, 0);

    /// <summary>Reads <c>9.4.2</c>, <c>9.0</c> or <c>10.0.0-eap1</c>.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out ServerVersion version)
    {
        version = default;
        if (text is null || Form().Match(text) is not { Success: true } match
            || !TryNumber(match.Groups["major"], out var major) || !TryNumber(match.Groups["minor"], out var minor))
        {
            return false;
        }

        var patch = 0;
        if (match.Groups["patch"].Success && !TryNumber(match.Groups["patch"], out patch))
        {
            return false;
        }

        version = new ServerVersion(major, minor, patch);
        return true;
    }

    /// <summary>Whether the left version is older.</summary>
    public static bool operator <(ServerVersion left, ServerVersion right) => left.CompareTo(right) < 0;

    /// <summary>Whether the left version is newer.</summary>
    public static bool operator >(ServerVersion left, ServerVersion right) => left.CompareTo(right) > 0;

    /// <summary>Whether the left version is not newer.</summary>
    public static bool operator <=(ServerVersion left, ServerVersion right) => left.CompareTo(right) <= 0;

    /// <summary>Whether the left version is not older.</summary>
    public static bool operator >=(ServerVersion left, ServerVersion right) => left.CompareTo(right) >= 0;

    /// <inheritdoc/>
    public int CompareTo(ServerVersion other) => (Major, Minor, Patch).CompareTo((other.Major, other.Minor, other.Patch));

    /// <summary><c>7.14</c>, or <c>9.4.2</c> where there is a patch number.</summary>
    public override string ToString() => Patch == 0 ? $"{Major}.{Minor}" : $"{Major}.{Minor}.{Patch}";

    private static bool TryNumber(Group group, out int number) =>
        int.TryParse(group.ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out number);

    [GeneratedRegex(@"^(?<major>\d+)\.(?<minor>\d+)(\.(?<patch>\d+))?([.-].*)?$", RegexOptions.ExplicitCapture)]
    private static partial Regex Form();
}
