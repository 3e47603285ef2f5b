using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace BitbucketOperator.Manifests.Cel;

/// <summary>A function over evaluated arguments; a method's first is its receiver.</summary>
/// <exception cref="CelException">It does not exist for these values, or fails.</exception>
internal delegate object? CelFunction(object?[] arguments);

/// <summary>The functions: CEL's standard ones over the types that are supported, and Kubernetes' for URLs, texts and lists.</summary>
internal static class CelFunctions
{
    // To make a regular expression takes milliseconds; the patterns are literals of the definition's rules, and so are few.
    private static readonly ConcurrentDictionary<string, Regex> Patterns = new(StringComparer.Ordinal);

    private static readonly string[] TimeForms = ["yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK"];

    private static readonly Dictionary<(string Name, bool IsMethod, int Count), CelFunction> All = new()
    {
        [("size", false, 1)] = a => Size(a[0]),
        [("size", true, 1)] = a => Size(a[0]),
        [("dyn", false, 1)] = a => a[0],
        [("string", false, 1)] = a => ToText(a[0]),
        [("int", false, 1)] = a => ToInteger(a[0]),
        [("double", false, 1)] = a => ToDouble(a[0]),
        [("bool", false, 1)] = a => a[0] switch { bool b => b, "true" => true, "false" => false, _ => throw Conversion("bool") },
        [("duration", false, 1)] = a => a[0] is CelDuration duration ? duration : CelDuration.Parse(Text(a[0])),
        [("timestamp", false, 1)] = a => a[0] is DateTimeOffset time ? time : ToTime(Text(a[0])),
        [("getHours", true, 1)] = a => Duration(a[0]) / 3_600_000_000_000,
        [("getMinutes", true, 1)] = a => Duration(a[0]) / 60_000_000_000,
        [("getSeconds", true, 1)] = a => Duration(a[0]) / 1_000_000_000,
        [("matches", true, 2)] = a => Matches(Text(a[0]), Text(a[1])),
        [("matches", false, 2)] = a => Matches(Text(a[0]), Text(a[1])),
        [("startsWith", true, 2)] = a => Text(a[0]).StartsWith(Text(a[1]), StringComparison.Ordinal),
        [("endsWith", true, 2)] = a => Text(a[0]).EndsWith(Text(a[1]), StringComparison.Ordinal),
        [("contains", true, 2)] = a => Text(a[0]).Contains(Text(a[1]), StringComparison.Ordinal),
        [("lowerAscii", true, 1)] = a => ChangeCase(Text(a[0]), char.IsAsciiLetterUpper, char.ToLowerInvariant),
        [("upperAscii", true, 1)] = a => ChangeCase(Text(a[0]), char.IsAsciiLetterLower, char.ToUpperInvariant),
        [("trim", true, 1)] = a => Text(a[0]).Trim(),
        [("split", true, 2)] = a => Split(Text(a[0]), Text(a[1])),
        [("join", true, 1)] = a => string.Concat(List(a[0]).Select(Text)),
        [("join", true, 2)] = a => string.Join(Text(a[1]), List(a[0]).Select(Text)),
        [("replace", true, 3)] = a => Replace(Text(a[0]), Text(a[1]), Text(a[2])),
        [("isSorted", true, 1)] = a => List(a[0]).Zip(List(a[0]).Skip(1)).All(pair => CelOperators.Compare(pair.First, pair.Second) <= 0),
        [("min", true, 1)] = a => Extreme(List(a[0]), -1),
        [("max", true, 1)] = a => Extreme(List(a[0]), 1),
        [("isURL", false, 1)] = a => GoUrl.TryParse(Text(a[0]), out _),
        [("url", false, 1)] = a => GoUrl.TryParse(Text(a[0]), out var url)
            ? url
            : throw new CelException("URL parse error during conversion from string"),
        [("getScheme", true, 1)] = a => Url(a[0]).Scheme,
        [("getHost", true, 1)] = a => Url(a[0]).Host,
        [("getHostname", true, 1)] = a => Url(a[0]).Hostname,
        [("getPort", true, 1)] = a => Url(a[0]).Port,
        [("getEscapedPath", true, 1)] = a => Url(a[0]).EscapedPath,
    };

    /// <summary>The function of a name for a number of arguments, a receiver included.</summary>
    /// <exception cref="CelException">There is none.</exception>
    public static CelFunction Find(string name, bool isMethod, int count) => All.TryGetValue((name, isMethod, count), out var function)
        ? function
        : throw new CelException($"the function {name} with {count - (isMethod ? 1 : 0)} arguments is not supported");

    private static long Size(object? value) => value switch
    {
        string text => (long)text.EnumerateRunes().Count(),
        IReadOnlyList<object?> list => (long)list.Count,
        IReadOnlyDictionary<string, object?> map => (long)map.Count,
        _ => throw CelException.NoOverload(),
    };

    private static bool Matches(string text, string pattern)
    {
        try
        {
            return Patterns.GetOrAdd(pattern, Re2.ToRegex).IsMatch(text);
        }
        catch (ArgumentException error)
        {
            throw new CelException(error.Message);
        }
    }

    private static string ToText(object? value) => value switch
    {
        string text => text,
        bool boolean => boolean ? "true" : "false",
        long whole => whole.ToString(CultureInfo.InvariantCulture),
        _ => throw new CelException("string() of this type is not supported"),
    };

    private static long ToInteger(object? value) => value switch
    {
        long whole => whole,
        double number when Math.Abs(number) < 9.2e18 => (long)number,
        double => throw new CelException("integer overflow"),
        string text => long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole)
            ? whole
            : throw Conversion("int"),
        DateTimeOffset time => time.ToUnixTimeSeconds(),
        CelDuration duration => duration.Nanoseconds,
        _ => throw CelException.NoOverload(),
    };

    private static double ToDouble(object? value) => value switch
    {
        long whole => whole,
        double number => number,
        string text => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw Conversion("double"),
        _ => throw CelException.NoOverload(),
    };

    private static DateTimeOffset ToTime(string text) =>
        DateTimeOffset.TryParseExact(text, TimeForms, CultureInfo.InvariantCulture, DateTimeStyles.None, out var time)
            ? time
            : throw Conversion("google.protobuf.Timestamp");

    private static string ChangeCase(string text, Predicate<char> changes, Func<char, char> change)
    {
        var changed = new StringBuilder(text.Length);
        foreach (var character in text)
        {
            changed.Append(changes(character) ? change(character) : character);
        }

        return changed.ToString();
    }

    private static List<object?> Split(string text, string separator) => separator.Length == 0
        ? text.EnumerateRunes().Select(rune => (object?)rune.ToString()).ToList()
        : text.Split(separator).Select(part => (object?)part).ToList();

    private static string Replace(string text, string old, string replacement) => old.Length == 0
        ? throw new CelException("replace() of an empty text is not supported")
        : text.Replace(old, replacement, StringComparison.Ordinal);

    private static object? Extreme(IReadOnlyList<object?> list, int sign) => list.Count == 0
        ? throw new CelException("min and max of an empty list do not exist")
        : list.Aggregate((best, item) => Math.Sign(CelOperators.Compare(item, best)) == sign ? item : best);

    private static string Text(object? value) => value as string ?? throw CelException.NoOverload();

    private static GoUrl Url(object? value) => value as GoUrl ?? throw CelException.NoOverload();

    private static long Duration(object? value) => value is CelDuration duration ? duration.Nanoseconds : throw CelException.NoOverload();

    private static IReadOnlyList<object?> List(object? value) => value as IReadOnlyList<object?> ?? throw CelException.NoOverload();

    private static CelException Conversion(string type) => new($"type conversion error to '{type}'");
}
