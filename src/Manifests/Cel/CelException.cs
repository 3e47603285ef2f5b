namespace BitbucketOperator.Manifests.Cel;

/// <summary>An expression cannot be compiled or evaluated. The message is for people and shows no value.</summary>
internal sealed class CelException(string message) : Exception(message)
{
    /// <summary>An operator or function does not exist for values of these types.</summary>
    public static CelException NoOverload() => new("no such overload");
}
