namespace BitbucketOperator.Manifests.Cel;

/// <summary>
/// A compiled expression of the Common Expression Language: its literals but unsigned numbers and bytes, all operators, the
/// macros has, all, exists, exists_one, map and filter, and the functions of <see cref="CelFunctions"/>. Types are checked
/// when it is evaluated; whatever is not known is an error, never a silent true.
/// </summary>
internal sealed class CelProgram
{
    private readonly CelExpression _root;

    private CelProgram(CelExpression root, IReadOnlySet<string> variables) => (_root, Variables) = (root, variables);

    /// <summary>The names that it needs, those of macros left out.</summary>
    public IReadOnlySet<string> Variables { get; }

    /// <summary>Compiles an expression.</summary>
    /// <exception cref="CelException">It is not CEL, or CEL that is not supported.</exception>
    public static CelProgram Compile(string text)
    {
        var parser = new CelParser(CelLexer.Read(text));
        return new CelProgram(parser.Parse(), parser.Variables);
    }

    /// <summary>Its value for a value of self.</summary>
    /// <exception cref="CelException">It has none.</exception>
    public object? Evaluate(object? self) => _root.Evaluate(new CelScope("self", self, Outer: null));
}

/// <summary>The variables that an expression sees.</summary>
internal sealed record CelScope(string Name, object? Value, CelScope? Outer)
{
    /// <summary>The value of a name.</summary>
    /// <exception cref="CelException">There is none.</exception>
    public object? Find(string name)
    {
        for (var scope = this; scope is not null; scope = scope.Outer)
        {
            if (scope.Name == name)
            {
                return scope.Value;
            }
        }

        throw new CelException($"undeclared reference to '{name}'");
    }
}
