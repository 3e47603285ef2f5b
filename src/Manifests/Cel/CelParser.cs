namespace BitbucketOperator.Manifests.Cel;

/// <summary>Parses tokens by CEL's grammar, by recursive descent, and resolves functions and macros.</summary>
internal sealed class CelParser(List<CelToken> tokens)
{
    private const int MaxDepth = 100;

    private static readonly string[] Macros = ["all", "exists", "exists_one", "map", "filter"];

    private readonly Stack<string> _bound = new();
    private readonly HashSet<string> _variables = new(StringComparer.Ordinal);
    private int _at;
    private int _depth;

    /// <summary>The names used, but those that macros bind.</summary>
    public IReadOnlySet<string> Variables => _variables;

    private CelToken Current => tokens[_at];

    /// <summary>The expression that all tokens make.</summary>
    /// <exception cref="CelException">They make none that is supported.</exception>
    public CelExpression Parse()
    {
        var expression = ParseExpression();
        return Current.Kind == CelTokenKind.End ? expression : throw Unexpected();
    }

    private CelExpression ParseExpression()
    {
        if (++_depth > MaxDepth)
        {
            throw new CelException($"nested deeper than {MaxDepth} levels");
        }

        var condition = ParseOr();
        if (Take("?"))
        {
            var then = ParseOr();
            Expect(":");
            condition = new CelConditional(condition, then, ParseExpression());
        }

        _depth--;
        return condition;
    }

    private CelExpression ParseOr()
    {
        var left = ParseAnd();
        while (Take("||"))
        {
            left = new CelLogical(left, ParseAnd(), Decisive: true);
        }

        return left;
    }

    private CelExpression ParseAnd()
    {
        var left = ParseRelation();
        while (Take("&&"))
        {
            left = new CelLogical(left, ParseRelation(), Decisive: false);
        }

        return left;
    }

    private CelExpression ParseRelation()
    {
        var left = ParseSum();
        while (TakeAny(["==", "!=", "<=", ">=", "<", ">"]) is { } relation)
        {
            left = new CelBinary(relation, left, ParseSum());
        }

        return Current is { Kind: CelTokenKind.Identifier, Text: "in" } ? ParseIn(left) : left;
    }

    private CelBinary ParseIn(CelExpression left)
    {
        _at++;
        return new CelBinary("in", left, ParseSum());
    }

    private CelExpression ParseSum()
    {
        var left = ParseProduct();
        while (TakeAny(["+", "-"]) is { } sign)
        {
            left = new CelBinary(sign, left, ParseProduct());
        }

        return left;
    }

    private CelExpression ParseProduct()
    {
        var left = ParseUnary();
        while (TakeAny(["*", "/", "%"]) is { } sign)
        {
            left = new CelBinary(sign, left, ParseUnary());
        }

        return left;
    }

    private CelExpression ParseUnary()
    {
        if (++_depth > MaxDepth)
        {
            throw new CelException($"nested deeper than {MaxDepth} levels");
        }

        var expression = TakeAny(["!", "-"]) is { } sign ? new CelUnary(sign, ParseUnary()) : ParseMember();
        _depth--;
        return expression;
    }

    private CelExpression ParseMember()
    {
        var expression = ParsePrimary();
        while (true)
        {
            if (Take("["))
            {
                expression = new CelIndex(expression, ParseExpression());
                Expect("]");
            }
            else if (Take("."))
            {
                var name = Identifier();
                expression = Take("(") ? ParseMethod(expression, name) : new CelSelect(expression, name);
            }
            else
            {
                return expression;
            }
        }
    }

    private CelExpression ParseMethod(CelExpression receiver, string name)
    {
        if (Macros.Contains(name) && Current.Kind == CelTokenKind.Identifier && tokens[_at + 1].Text == ",")
        {
            return ParseMacro(receiver, name);
        }

        return Call(name, isMethod: true, [receiver, .. ParseList(")")]);
    }

    private static CelCall Call(string name, bool isMethod, List<CelExpression> arguments) =>
        new(CelFunctions.Find(name, isMethod, arguments.Count), arguments);

    private CelMacro ParseMacro(CelExpression range, string name)
    {
        var variable = Identifier();
        _bound.Push(variable);
        var parts = new List<CelExpression>();
        while (Take(","))
        {
            parts.Add(ParseExpression());
        }

        Expect(")");
        _bound.Pop();
        return parts.Count == 1 || (parts.Count == 2 && name == "map")
            ? new CelMacro(name, range, variable, parts.Count == 2 ? parts[0] : null, parts[^1])
            : throw new CelException($"{name} takes a name and an expression");
    }

    private CelExpression ParsePrimary()
    {
        var token = Current;
        _at++;
        switch (token)
        {
            case { Kind: CelTokenKind.Literal }:
                return new CelLiteral(token.Value);
            case { Kind: CelTokenKind.Identifier }:
                return Take("(") ? ParseCall(token.Text) : Variable(token.Text);
            case { Kind: CelTokenKind.Symbol, Text: "(" }:
                var inner = ParseExpression();
                Expect(")");
                return inner;
            case { Kind: CelTokenKind.Symbol, Text: "[" }:
                return new CelList(ParseList("]"));
            case { Kind: CelTokenKind.Symbol, Text: "{" }:
                return ParseMap();
            default:
                _at--;
                throw Unexpected();
        }
    }

    private CelVariable Variable(string name)
    {
        if (name == "in")
        {
            _at--;
            throw Unexpected();
        }

        if (!_bound.Contains(name))
        {
            _variables.Add(name);
        }

        return new CelVariable(name);
    }

    private CelExpression ParseCall(string name)
    {
        if (name != "has")
        {
            return Call(name, isMethod: false, ParseList(")"));
        }

        var field = ParseExpression() as CelSelect ?? throw new CelException("has() takes the selection of a field");
        Expect(")");
        return new CelHas(field);
    }

    private CelMap ParseMap()
    {
        var entries = new List<(CelExpression, CelExpression)>();
        while (!Take("}"))
        {
            var key = ParseExpression();
            Expect(":");
            entries.Add((key, ParseExpression()));
            if (!Take(",") && Current.Text != "}")
            {
                throw Unexpected();
            }
        }

        return new CelMap(entries);
    }

    private List<CelExpression> ParseList(string end)
    {
        var list = new List<CelExpression>();
        while (!Take(end))
        {
            list.Add(ParseExpression());
            if (!Take(",") && Current.Text != end)
            {
                throw Unexpected();
            }
        }

        return list;
    }

    private string Identifier()
    {
        if (Current.Kind != CelTokenKind.Identifier)
        {
            throw Unexpected();
        }

        return tokens[_at++].Text;
    }

    private bool Take(string symbol) => TakeAny([symbol]) is not null;

    private string? TakeAny(ReadOnlySpan<string> symbols)
    {
        if (Current.Kind != CelTokenKind.Symbol || !symbols.Contains(Current.Text))
        {
            return null;
        }

        return tokens[_at++].Text;
    }

    private void Expect(string symbol)
    {
        if (!Take(symbol))
        {
            throw Unexpected();
        }
    }

    private CelException Unexpected() => new($"unexpected {Current.Text}");
}
