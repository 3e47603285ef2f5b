namespace BitbucketOperator.Manifests.Cel;

/// <summary>CEL's operators over values.</summary>
internal static class CelOperators
{
    /// <summary>Applies a binary operator.</summary>
    /// <exception cref="CelException">It does not exist for these values, or overflows.</exception>
    public static object Apply(string sign, object? left, object? right) => sign switch
    {
        "==" => AreEqual(left, right),
        "!=" => !AreEqual(left, right),
        "<" => Compare(left, right) < 0,
        "<=" => Compare(left, right) <= 0,
        ">" => Compare(left, right) > 0,
        ">=" => Compare(left, right) >= 0,
        "in" => IsIn(left, right),
        _ => Calculate(sign, left, right),
    };

    /// <summary>Whether two values are equal; those of different types are not, but numbers.</summary>
    /// <exception cref="CelException">They are lists that the schema has as sets or maps, whose equality is not supported.</exception>
    public static bool AreEqual(object? left, object? right) => (left, right) switch
    {
        (CelUnorderedList, _) or (_, CelUnorderedList) => throw new CelException("comparing lists of type set or map is not supported"),
        (IReadOnlyList<object?> a, IReadOnlyList<object?> b) => a.Count == b.Count && a.Zip(b).All(pair => AreEqual(pair.First, pair.Second)),
        (IReadOnlyDictionary<string, object?> a, IReadOnlyDictionary<string, object?> b) =>
            a.Count == b.Count && a.All(entry => b.TryGetValue(entry.Key, out var other) && AreEqual(entry.Value, other)),
        (long a, double b) => ((double)a).Equals(b),
        (double a, long b) => a.Equals((double)b),
        (double a, double b) => !double.IsNaN(a) && a.Equals(b),
        _ => Equals(left, right),
    };

    /// <summary>The order of two values.</summary>
    /// <exception cref="CelException">They have none.</exception>
    public static int Compare(object? left, object? right) => (left, right) switch
    {
        (bool a, bool b) => a.CompareTo(b),
        (long a, long b) => a.CompareTo(b),
        (long or double, long or double) => ToDouble(left).CompareTo(ToDouble(right)),
        (string a, string b) => string.CompareOrdinal(a, b),
        (CelDuration a, CelDuration b) => a.Nanoseconds.CompareTo(b.Nanoseconds),
        (DateTimeOffset a, DateTimeOffset b) => a.CompareTo(b),
        _ => throw CelException.NoOverload(),
    };

    private static bool IsIn(object? value, object? range) => range switch
    {
        IReadOnlyList<object?> list => list.Any(item => AreEqual(item, value)),
        IReadOnlyDictionary<string, object?> map => value is string key && map.ContainsKey(key),
        _ => throw CelException.NoOverload(),
    };

    private static object Calculate(string sign, object? left, object? right) => (sign, left, right) switch
    {
        (_, long a, long b) => Whole(sign, a, b),
        ("+", double a, double b) => a + b,
        ("-", double a, double b) => a - b,
        ("*", double a, double b) => a * b,
        ("/", double a, double b) => a / b,
        ("+", string a, string b) => a + b,
        ("+", CelUnorderedList, _) or ("+", _, CelUnorderedList) => throw new CelException("adding lists of type set or map is not supported"),
        ("+", IReadOnlyList<object?> a, IReadOnlyList<object?> b) => a.Concat(b).ToList(),
        ("+", CelDuration a, CelDuration b) => a.Plus(b.Nanoseconds),
        ("-", CelDuration a, CelDuration b) => a.Plus(-b.Nanoseconds),
        _ => throw CelException.NoOverload(),
    };

    private static long Whole(string sign, long left, long right)
    {
        try
        {
            return sign switch
            {
                "+" => checked(left + right),
                "-" => checked(left - right),
                "*" => checked(left * right),
                "/" => left / right,
                "%" => left % right,
                _ => throw CelException.NoOverload(),
            };
        }
        catch (DivideByZeroException)
        {
            throw new CelException(sign == "/" ? "division by zero" : "modulus by zero");
        }
        catch (OverflowException)
        {
            throw new CelException("integer overflow");
        }
    }

    private static double ToDouble(object? value) => value is long whole ? whole : (double)value!;
}
