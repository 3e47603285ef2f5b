namespace BitbucketOperator.Manifests.Cel;

/// <summary>
/// A part of an expression. Values are null, bool, long, double, string, <see cref="CelDuration"/>, DateTimeOffset,
/// <see cref="GoUrl"/>, lists and dictionaries.
/// </summary>
internal abstract record CelExpression
{
    /// <summary>Its value.</summary>
    /// <exception cref="CelException">It has none.</exception>
    public abstract object? Evaluate(CelScope scope);

    /// <summary>Its value, which must be true or false.</summary>
    /// <exception cref="CelException">It is neither.</exception>
    public bool IsTrue(CelScope scope) => Evaluate(scope) is bool value ? value : throw CelException.NoOverload();
}

internal sealed record CelLiteral(object? Value) : CelExpression
{
    public override object? Evaluate(CelScope scope) => Value;
}

internal sealed record CelVariable(string Name) : CelExpression
{
    public override object? Evaluate(CelScope scope) => scope.Find(Name);
}

internal sealed record CelSelect(CelExpression Object, string Field) : CelExpression
{
    public override object? Evaluate(CelScope scope) => Object.Evaluate(scope) is IReadOnlyDictionary<string, object?> map
        ? map.TryGetValue(Field, out var value) ? value : throw new CelException($"no such key: {Field}")
        : throw CelException.NoOverload();
}

internal sealed record CelHas(CelSelect Select) : CelExpression
{
    public override object? Evaluate(CelScope scope) => Select.Object.Evaluate(scope) is IReadOnlyDictionary<string, object?> map
        ? map.ContainsKey(Select.Field)
        : throw CelException.NoOverload();
}

internal sealed record CelIndex(CelExpression Object, CelExpression Index) : CelExpression
{
    public override object? Evaluate(CelScope scope) => (Object.Evaluate(scope), Index.Evaluate(scope)) switch
    {
        (IReadOnlyList<object?> list, long index) => index >= 0 && index < list.Count
            ? list[(int)index]
            : throw new CelException($"index out of bounds: {index}"),
        (IReadOnlyDictionary<string, object?> map, string key) => map.TryGetValue(key, out var value)
            ? value
            : throw new CelException($"no such key: {key}"),
        _ => throw CelException.NoOverload(),
    };
}

internal sealed record CelConditional(CelExpression Condition, CelExpression Then, CelExpression Otherwise) : CelExpression
{
    public override object? Evaluate(CelScope scope) => (Condition.IsTrue(scope) ? Then : Otherwise).Evaluate(scope);
}

/// <summary>|| (decided by true) and &amp;&amp; (decided by false): a side that decides makes an error of the other not matter.</summary>
internal sealed record CelLogical(CelExpression Left, CelExpression Right, bool Decisive) : CelExpression
{
    public override object? Evaluate(CelScope scope)
    {
        CelException? error = null;
        try
        {
            if (Left.IsTrue(scope) == Decisive)
            {
                return Decisive;
            }
        }
        catch (CelException left)
        {
            error = left;
        }

        var right = Right.IsTrue(scope);
        return right == Decisive || error is null ? right : throw error;
    }
}

internal sealed record CelUnary(string Sign, CelExpression Operand) : CelExpression
{
    public override object? Evaluate(CelScope scope) => (Sign, Operand.Evaluate(scope)) switch
    {
        ("!", bool value) => !value,
        ("-", long and not long.MinValue and var value) => -value,
        ("-", long) => throw new CelException("integer overflow"),
        ("-", double value) => -value,
        _ => throw CelException.NoOverload(),
    };
}

internal sealed record CelBinary(string Sign, CelExpression Left, CelExpression Right) : CelExpression
{
    public override object? Evaluate(CelScope scope) => CelOperators.Apply(Sign, Left.Evaluate(scope), Right.Evaluate(scope));
}

internal sealed record CelList(List<CelExpression> Items) : CelExpression
{
    public override object? Evaluate(CelScope scope) => Items.ConvertAll(item => item.Evaluate(scope));
}

internal sealed record CelMap(List<(CelExpression Key, CelExpression Value)> Entries) : CelExpression
{
    public override object? Evaluate(CelScope scope)
    {
        var map = new Dictionary<string, object?>(StringComparer.Ordinal);
        foreach (var (key, value) in Entries)
        {
            var name = key.Evaluate(scope) as string ?? throw new CelException("only texts are supported as keys of maps");
            if (!map.TryAdd(name, value.Evaluate(scope)))
            {
                throw new CelException("duplicate key in a map");
            }
        }

        return map;
    }
}

internal sealed record CelCall(CelFunction Function, IReadOnlyList<CelExpression> Arguments) : CelExpression
{
    public override object? Evaluate(CelScope scope) => Function([.. Arguments.Select(argument => argument.Evaluate(scope))]);
}

/// <summary>A macro over a list or the keys of a map.</summary>
/// <param name="Name">all, exists, exists_one, filter or map.</param>
/// <param name="Range">Over what.</param>
/// <param name="Variable">The name of each entry.</param>
/// <param name="Filter">What an entry must fulfil to be mapped; null for all, and for the other macros.</param>
/// <param name="Body">What is evaluated for each entry.</param>
internal sealed record CelMacro(string Name, CelExpression Range, string Variable, CelExpression? Filter, CelExpression Body) : CelExpression
{
    public override object? Evaluate(CelScope scope)
    {
        var entries = Range.Evaluate(scope) switch
        {
            IReadOnlyList<object?> list => list,
            IReadOnlyDictionary<string, object?> map => [.. map.Keys],
            _ => throw CelException.NoOverload(),
        };
        var scopes = entries.Select(entry => new CelScope(Variable, entry, scope));
        return Name switch
        {
            "all" => !Decide(scopes, decisive: false),
            "exists" => Decide(scopes, decisive: true),
            "exists_one" => scopes.Count(Body.IsTrue) == 1,
            "filter" => scopes.Where(Body.IsTrue).Select(s => s.Value).ToList(),
            _ => scopes.Where(s => Filter?.IsTrue(s) ?? true).Select(Body.Evaluate).ToList(),
        };
    }

    // An entry that decides makes the errors of others not matter.
    private bool Decide(IEnumerable<CelScope> scopes, bool decisive)
    {
        CelException? error = null;
        foreach (var scope in scopes)
        {
            try
            {
                if (Body.IsTrue(scope) == decisive)
                {
                    return true;
                }
            }
            catch (CelException inner)
            {
                error ??= inner;
            }
        }

        return error is null ? false : throw error;
    }
}
