using BitbucketOperator.Bitbucket.DataCenter;
using BitbucketOperator.BitbucketSimulator.DataCenter;
using BitbucketOperator.Core.Port;

namespace BitbucketOperator.Bitbucket.Tests.DataCenter;

public sealed class PagesTests
{
    private static readonly RestCall Call = new(Operation.ListRepositories, "PLAT");

    [Theory]
    [InlineData(0, 1, 1)]
    [InlineData(100, 200, 200)]
    public void NextPage_IsWhereTheServerSays(long start, long next, long expected) => Pages.Next(Call, start, next).ShouldBe(expected);

    [Theory]
    [InlineData(0, null)]
    [InlineData(0, 0L)]
    [InlineData(100, 99L)]
    [InlineData(0, -1L)]
    public void PageWithoutSense_EndsTheListing(long start, long? next)
    {
        var fault = Should.Throw<FaultException>(() => Pages.Next(Call, start, next)).Fault;

        (fault.Class, fault.Reason.Name).ShouldBe((FaultClass.Transient, "ListingIncomplete"));
    }
}
