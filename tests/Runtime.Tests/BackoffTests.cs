using BitbucketOperator.Runtime.Model;

namespace BitbucketOperator.Runtime.Tests;

public sealed class BackoffTests
{
    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 2)]
    [InlineData(5, 16)]
    [InlineData(9, 256)]
    [InlineData(10, 300)]
    [InlineData(1_000_000, 300)]
    public void Delay_DoublesUpToTheCapAndNeverEnds(int failures, int seconds)
    {
        Create(random: 1).Delay(failures).ShouldBe(TimeSpan.FromSeconds(seconds));
        Create(random: 0).Delay(failures).ShouldBe(TimeSpan.FromSeconds(seconds / 2.0));
    }

    [Fact]
    public void Delay_IsSpreadAtRandom()
    {
        var backoff = new Backoff(TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(5));
        Enumerable.Range(0, 50).Select(_ => backoff.Delay(4)).Distinct().Count().ShouldBeGreaterThan(10);
    }

    private static Backoff Create(double random) => new(TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(5), () => random);
}
