using BitbucketOperator.Runtime.Tests.NamespaceFixtures.Lower;

namespace BitbucketOperator.Runtime.Tests.NamespaceFixtures.Upper;

internal sealed class InBase : Ground;

internal sealed class InConstraint<T>
    where T : Ground;

internal sealed class InMember
{
    public Ground? Ground { get; init; }
}

internal sealed class InSignature
{
    public static int Count(IEnumerable<Ground[]> all) => all.Count();
}

[Ground]
internal sealed class InAttribute;

internal sealed class InBody
{
    public static int Depth() => Ground.Depth;
}

internal sealed class InGenericCall
{
    public static object Make() => Enumerable.Empty<Ground>();
}

internal sealed class InTypeOf
{
    public static string Name() => typeof(Ground).Name;
}

internal sealed class InCatch
{
    public static void Run(Action action)
    {
        try
        {
            action();
        }
        catch (GroundException)
        {
            action();
        }
    }
}

internal sealed class InLambda
{
    public static Func<int, int> Deeper(int by) => depth => depth + by + Ground.Depth;
}

internal sealed class InAsync
{
    public static async Task<int> DepthAsync()
    {
        await Task.Yield();
        return Ground.Depth;
    }
}

internal sealed class InIterator
{
    public static IEnumerable<int> Depths()
    {
        yield return Ground.Depth;
    }
}

internal sealed class AfterSwitch
{
    public static int Depth(int place) => place switch
    {
        0 => 10,
        1 => 21,
        2 => 35,
        3 => 47,
        _ => Ground.Depth,
    };
}
