using System.Globalization;
using System.Text.RegularExpressions;

namespace BitbucketOperator.Manifests.Cel;

/// <summary>A length of time as Go has it: nanoseconds in 64 bits.</summary>
internal readonly partial record struct CelDuration(long Nanoseconds)
{
    private static readonly Dictionary<string, decimal> Units = new(StringComparer.Ordinal)
    {
        ["ns"] = 1, ["us"] = 1_000, ["µs"] = 1_000, ["μs"] = 1_000, ["ms"] = 1_000_000, ["s"] = 1_000_000_000,
        ["m"] = 60_000_000_000, ["h"] = 3_600_000_000_000,
    };

    /// <summary>The sum with a number of nanoseconds.</summary>
    /// <exception cref="CelException">It does not fit.</exception>
    public CelDuration Plus(long nanoseconds)
    {
        var sum = (Int128)Nanoseconds + nanoseconds;
        return sum >= long.MinValue && sum <= long.MaxValue ? new CelDuration((long)sum) : throw new CelException("duration overflow");
    }

    /// <summary>Reads a duration such as 1h30m as Go's time.ParseDuration.</summary>
    /// <exception cref="CelException">It is none, or does not fit.</exception>
    public static CelDuration Parse(string text)
    {
        var match = Form().Match(text);
        if (!match.Success)
        {
            throw Invalid();
        }

        try
        {
            var total = 0m;
            for (var i = 0; i < match.Groups["number"].Captures.Count; i++)
            {
                var number = decimal.Parse(
                    match.Groups["number"].Captures[i].ValueSpan, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture);
                total += decimal.Truncate(number * Units[match.Groups["unit"].Captures[i].Value]);
            }

            return new CelDuration((long)(text[0] == '-' ? -total : total));
        }
        catch (OverflowException)
        {
            throw Invalid();
        }
    }

    private static CelException Invalid() => new("type conversion error from 'string' to 'google.protobuf.Duration'");

    [GeneratedRegex(@"^[-+]?(0|((?<number>[0-9]+(\.[0-9]*)?|\.[0-9]+)(?<unit>ns|us|µs|μs|ms|s|m|h))+)\z", RegexOptions.ExplicitCapture)]
    private static partial Regex Form();
}
