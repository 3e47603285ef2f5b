using System.Globalization;

namespace BitbucketOperator.BitbucketSimulator.Cloud.Api;

/// <summary>The fields of a listing's rows that a query can name, and how to read them.</summary>
internal sealed class FieldTable<T> : Dictionary<string, Func<T, object?>>
{
    public FieldTable()
        : base(StringComparer.Ordinal)
    {
    }

    public Func<T, object?> Of(string name) => GetValueOrDefault(name) ?? throw CloudErrors.BadRequest($"Invalid field name \"{name}\"");

    private Func<T, object?>? GetValueOrDefault(string name) => TryGetValue(name, out var read) ? read : null;
}

/// <summary>The filter language of <c>q</c>: comparisons, IN, AND, OR and brackets.</summary>
internal sealed class Filter<T>
{
    private readonly FieldTable<T> _fields;
    private readonly List<string> _tokens;
    private int _at;

    private Filter(string text, FieldTable<T> fields)
    {
        _fields = fields;
        _tokens = FilterTokens.Of(text);
    }

    /// <summary>Accepts everything when there is no text; 400 for what cannot be read.</summary>
    public static Func<T, bool> Parse(string? text, FieldTable<T> fields)
    {
        if (string.IsNullOrWhiteSpace(text)) return _ => true;
        var filter = new Filter<T>(text, fields);
        var result = filter.Or();
        return filter._at == filter._tokens.Count ? result : throw FilterTokens.Invalid();
    }

    private Func<T, bool> Or()
    {
        var left = And();
        while (Take("OR"))
        {
            var (first, second) = (left, And());
            left = row => first(row) || second(row);
        }

        return left;
    }

    private Func<T, bool> And()
    {
        var left = Comparison();
        while (Take("AND"))
        {
            var (first, second) = (left, Comparison());
            left = row => first(row) && second(row);
        }

        return left;
    }

    private Func<T, bool> Comparison()
    {
        if (Take("("))
        {
            var inner = Or();
            Expect(")");
            return inner;
        }

        var read = _fields.Of(Next());
        var not = Take("NOT");
        if (Take("IN")) return In(read, not);
        if (not) throw FilterTokens.Invalid();
        var (sign, value) = (Next(), Literal(Next()));
        return row => Compare(read(row), sign, value);
    }

    private Func<T, bool> In(Func<T, object?> read, bool not)
    {
        Expect("(");
        var values = new List<object?>();
        do values.Add(Literal(Next()));
        while (Take(","));
        Expect(")");
        return row => values.Exists(v => Compare(read(row), "=", v)) != not;
    }

    private static object? Literal(string token)
    {
        if (token[0] == '"') return token[1..];
        if (token is "null" or "true" or "false") return token == "null" ? null : token == "true";
        if (decimal.TryParse(token, NumberStyles.Number, CultureInfo.InvariantCulture, out var number)) return number;
        return DateTimeOffset.TryParse(token, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time : throw FilterTokens.Invalid();
    }

    private static bool Compare(object? left, string sign, object? right) => sign switch
    {
        "=" => Same(left, right),
        "!=" => !Same(left, right),
        "~" => Has(left, right),
        "!~" => !Has(left, right),
        ">" => Order(left, right) > 0,
        ">=" => Order(left, right) >= 0,
        "<" => Order(left, right) < 0,
        "<=" => Order(left, right) <= 0,
        _ => throw FilterTokens.Invalid(),
    };

    private static bool Same(object? left, object? right) => left is null || right is null ? left is null && right is null : Order(left, right) == 0;

    private static bool Has(object? left, object? right) => left is string text
        && right is string part && text.Contains(part, StringComparison.OrdinalIgnoreCase);

    private static int? Order(object? left, object? right) => (left, right) switch
    {
        (string a, string b) => string.CompareOrdinal(a, b),
        (DateTimeOffset a, DateTimeOffset b) => a.CompareTo(b),
        (DateTimeOffset a, string b) when DateTimeOffset.TryParse(b, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) =>
            a.CompareTo(time),
        (bool a, bool b) => a.CompareTo(b),
        (int a, decimal b) => ((decimal)a).CompareTo(b),
        _ => null,
    };

    private string Next() => _at < _tokens.Count ? _tokens[_at++] : throw FilterTokens.Invalid();

    private bool Take(string word)
    {
        if (_at >= _tokens.Count || !string.Equals(_tokens[_at], word, StringComparison.OrdinalIgnoreCase)) return false;
        _at++;
        return true;
    }

    private void Expect(string word)
    {
        if (!Take(word)) throw FilterTokens.Invalid();
    }
}
