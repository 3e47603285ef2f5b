namespace BitbucketOperator.Runtime.Tests.NamespaceFixtures.Lower;

internal class Ground
{
    public static int Depth => 1;
}

[AttributeUsage(AttributeTargets.All)]
internal sealed class GroundAttribute : Attribute;

internal sealed class GroundException : Exception;
