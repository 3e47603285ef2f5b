using System.Globalization;
using System.Text;

namespace BitbucketOperator.Manifests.Cel;

/// <summary>What a token is.</summary>
internal enum CelTokenKind
{
    Identifier,
    Literal,
    Symbol,
    End,
}

/// <summary>A token: its text, or the value of a literal.</summary>
internal readonly record struct CelToken(CelTokenKind Kind, string Text, object? Value = null);

/// <summary>Cuts an expression into tokens.</summary>
internal ref struct CelLexer
{
    private static readonly string[] Symbols =
        ["&&", "||", "==", "!=", "<=", ">=", "<", ">", "!", "+", "-", "*", "/", "%", "?", ":", "(", ")", "[", "]", "{", "}", ",", "."];

    private readonly string _text;
    private int _at;

    private CelLexer(string text) => _text = text;

    /// <summary>The tokens; the last is <see cref="CelTokenKind.End"/>.</summary>
    /// <exception cref="CelException">There is something that is not a token.</exception>
    public static List<CelToken> Read(string text)
    {
        var lexer = new CelLexer(text);
        var tokens = new List<CelToken>();
        do
        {
            tokens.Add(lexer.Next());
        }
        while (tokens[^1].Kind != CelTokenKind.End);
        return tokens;
    }

    private readonly ReadOnlySpan<char> Rest => _text.AsSpan(_at);

    private CelToken Next()
    {
        SkipBlanks();
        if (_at == _text.Length)
        {
            return new CelToken(CelTokenKind.End, "the end");
        }

        var first = _text[_at];
        if (first is '"' or '\'')
        {
            return ReadText(isRaw: false);
        }

        if (char.IsAsciiDigit(first) || (first == '.' && _at + 1 < _text.Length && char.IsAsciiDigit(_text[_at + 1])))
        {
            return ReadNumber();
        }

        if (char.IsAsciiLetter(first) || first == '_')
        {
            return ReadWord();
        }

        foreach (var symbol in Symbols)
        {
            if (Rest.StartsWith(symbol, StringComparison.Ordinal))
            {
                _at += symbol.Length;
                return new CelToken(CelTokenKind.Symbol, symbol);
            }
        }

        throw new CelException($"unexpected character at {_at + 1}");
    }

    private void SkipBlanks()
    {
        while (_at < _text.Length && (char.IsWhiteSpace(_text[_at]) || Rest.StartsWith("//", StringComparison.Ordinal)))
        {
            var end = _text.IndexOf('\n', _at);
            _at = _text[_at] != '/' ? _at + 1 : end < 0 ? _text.Length : end + 1;
        }
    }

    private CelToken ReadWord()
    {
        var start = _at;
        while (_at < _text.Length && (char.IsAsciiLetterOrDigit(_text[_at]) || _text[_at] == '_'))
        {
            _at++;
        }

        var word = _text[start.._at];
        if (_at < _text.Length && _text[_at] is '"' or '\'')
        {
            return word is "r" or "R" ? ReadText(isRaw: true) : throw new CelException($"literals of the form {word}'' are not supported");
        }

        return word switch
        {
            "true" => new CelToken(CelTokenKind.Literal, word, true),
            "false" => new CelToken(CelTokenKind.Literal, word, false),
            "null" => new CelToken(CelTokenKind.Literal, word, null),
            _ when word.StartsWith("__", StringComparison.Ordinal) => throw new CelException($"escaped names such as {word} are not supported"),
            _ => new CelToken(CelTokenKind.Identifier, word),
        };
    }

    private CelToken ReadNumber()
    {
        var start = _at;
        var isHex = Rest is ['0', 'x' or 'X', ..];
        _at += isHex ? 2 : 0;
        while (_at < _text.Length && (isHex ? char.IsAsciiHexDigit(_text[_at]) : char.IsAsciiDigit(_text[_at]) || IsPartOfDecimal(start)))
        {
            _at++;
        }

        var digits = _text[start.._at];
        if (_at < _text.Length && (char.IsAsciiLetter(_text[_at]) || _text[_at] == '_'))
        {
            throw new CelException($"literals of the form {digits}{_text[_at]} are not supported");
        }

        var isWhole = isHex
            ? long.TryParse(digits.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var whole) && whole >= 0
            : long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out whole);
        if (isWhole)
        {
            return new CelToken(CelTokenKind.Literal, digits, whole);
        }

        var isDecimal = digits.AsSpan().ContainsAny('.', 'e', 'E') && !isHex;
        return isDecimal && double.TryParse(digits, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
            ? new CelToken(CelTokenKind.Literal, digits, number)
            : throw new CelException($"{digits} is not a number that is supported");
    }

    private readonly bool IsPartOfDecimal(int start)
    {
        var read = _text.AsSpan(start, _at - start);
        return _text[_at] switch
        {
            '.' => !read.ContainsAny('.', 'e', 'E') && _at + 1 < _text.Length && char.IsAsciiDigit(_text[_at + 1]),
            'e' or 'E' => !read.ContainsAny('e', 'E'),
            '+' or '-' => read is [.., 'e' or 'E'],
            _ => false,
        };
    }

    private CelToken ReadText(bool isRaw)
    {
        var quote = Rest is ['"', '"', '"', ..] or ['\'', '\'', '\'', ..] ? _text.Substring(_at, 3) : _text.Substring(_at, 1);
        _at += quote.Length;
        var value = new StringBuilder();
        while (!Rest.StartsWith(quote, StringComparison.Ordinal))
        {
            if (_at >= _text.Length || (quote.Length == 1 && _text[_at] == '\n'))
            {
                throw new CelException("a text is not closed");
            }

            if (_text[_at] == '\\')
            {
                ReadEscape(value, isRaw);
            }
            else
            {
                value.Append(_text[_at++]);
            }
        }

        _at += quote.Length;
        return new CelToken(CelTokenKind.Literal, "a text", value.ToString());
    }

    private void ReadEscape(StringBuilder value, bool isRaw)
    {
        var escaped = _at + 1 < _text.Length ? _text[_at + 1] : throw new CelException("a text is not closed");
        if (isRaw)
        {
            value.Append('\\').Append(escaped);
            _at += 2;
            return;
        }

        if (escaped is 'x' or 'X' or 'u' or 'U')
        {
            var length = escaped switch { 'u' => 4, 'U' => 8, _ => 2 };
            var digits = Rest.Length >= 2 + length ? Rest.Slice(2, length) : default;
            value.Append(int.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var code) && Rune.IsValid(code)
                ? new Rune(code).ToString()
                : throw new CelException("an escape is not a character"));
            _at += 2 + length;
            return;
        }

        value.Append(escaped switch
        {
            'a' => '\a',
            'b' => '\b',
            'f' => '\f',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'v' => '\v',
            '\\' or '\'' or '"' or '`' or '?' => escaped,
            _ => throw new CelException($"the escape \\{escaped} is not supported"),
        });
        _at += 2;
    }
}
