using System.Globalization;
using System.Text.RegularExpressions;

namespace BitbucketOperator.Core.Api;

/// <summary>Durations as Kubernetes writes them, such as 90s, 10m or 1h30m.</summary>
public static partial class GoDuration
{
    /// <summary>What the schema accepts: hours, minutes, seconds and milliseconds.</summary>
    public const string Pattern = "^([0-9]+(\\.[0-9]+)?(ms|s|m|h))+$";

    /// <summary>Reads a duration; <paramref name="otherwise"/> for a text of another form, which the schema keeps out of the cluster.</summary>
    public static TimeSpan ParseOr(string text, TimeSpan otherwise) => Whole().IsMatch(text) ? Parse(text) : otherwise;

    /// <summary>Reads a duration.</summary>
    /// <exception cref="FormatException">The text is not of that form. The schema keeps such texts out of the cluster.</exception>
    public static TimeSpan Parse(string text)
    {
        if (!Whole().IsMatch(text))
        {
            throw new FormatException($"'{text}' is not a duration such as 90s, 10m or 1h30m");
        }

        var total = TimeSpan.Zero;
        foreach (Match part in Part().Matches(text))
        {
            var number = double.Parse(part.Groups[1].ValueSpan, CultureInfo.InvariantCulture);
            total += part.Groups[3].Value switch
            {
                "h" => TimeSpan.FromHours(number),
                "m" => TimeSpan.FromMinutes(number),
                "s" => TimeSpan.FromSeconds(number),
                _ => TimeSpan.FromMilliseconds(number),
            };
        }

        return total;
    }

    /// <summary>Writes a duration in hours, minutes and seconds, such as 1h15m; parts of a second are left out.</summary>
    public static string Format(TimeSpan duration)
    {
        var text = Of((long)duration.TotalHours, "h") + Of(duration.Minutes, "m") + Of(duration.Seconds, "s");
        return text.Length > 0 ? text : "0s";

        static string Of(long number, string unit) => number == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $"{number}{unit}");
    }

    [GeneratedRegex(Pattern)]
    private static partial Regex Whole();

    [GeneratedRegex(@"([0-9]+(\.[0-9]+)?)(ms|s|m|h)")]
    private static partial Regex Part();
}
