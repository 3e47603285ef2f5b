using System.Globalization;
using System.Text.RegularExpressions;

namespace BitbucketOperator.Manifests.Schemas;

/// <summary>Formats of texts.</summary>
internal static partial class TextFormats
{
    /// <summary>Whether a text is of a format. Formats of numbers say nothing about texts.</summary>
    /// <exception cref="NotSupportedException">The format is not known here.</exception>
    public static bool IsValid(string format, string text) => format switch
    {
        "" or "int32" or "int64" or "float" or "double" => true,
        "date" => IsDate(text),
        "date-time" => IsDateTime(text),
        _ => throw new NotSupportedException($"format {format} is not supported"),
    };

    /// <summary>How to write a text of a format.</summary>
    public static string Cure(string format) => format == "date" ? "write it as in 2027-01-31" : "write it as in 2027-01-31T00:00:00Z";

    private static bool IsDate(string text) =>
        DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out _);

    private static bool IsDateTime(string text)
    {
        var parts = text.ToLowerInvariant().Split('t');
        if (parts.Length < 2 || !IsDate(parts[0]))
        {
            return false;
        }

        var time = Time().Match(parts[1]);
        return time.Success
            && string.CompareOrdinal(time.Groups["hour"].Value, "23") <= 0
            && string.CompareOrdinal(time.Groups["minute"].Value, "59") <= 0
            && string.CompareOrdinal(time.Groups["second"].Value, "59") <= 0;
    }

    [GeneratedRegex(
        @"^(?<hour>[0-9]{2}):(?<minute>[0-9]{2}):(?<second>[0-9]{2})(.[0-9]+)?(z|([+-][0-9]{2}:[0-9]{2}))\z", RegexOptions.ExplicitCapture)]
    private static partial Regex Time();
}
