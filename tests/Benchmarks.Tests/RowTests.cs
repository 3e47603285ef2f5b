using BitbucketOperator.Benchmarks.Results;
using BitbucketOperator.Benchmarks.World;

namespace BitbucketOperator.Benchmarks.Tests;

public sealed class RowTests
{
    [Fact]
    public void NoWords_AllRowsAreChosen() => Names().ShouldBe(
    [
        "repositories-10000", "limits-data-center", "limits-cloud", "unchanged", "restart", "rest", "connections-distinct-urls",
        "connections-one-url", "stalls-tarpits", "stalls-black-holes", "paused-leader",
    ]);

    [Fact]
    public void Words_ChooseTheRowsThatTheyBegin()
    {
        Names("limits", "restart").ShouldBe(["limits-data-center", "limits-cloud", "restart"]);
        Names("rest").ShouldBe(["rest"]);
        Should.Throw<ArgumentException>(() => Names("nonsense")).Message.ShouldContain("paused-leader");
    }

    [Fact]
    public void Full_Has50000Repositories() => Bench.Choose(["repositories-50000"], full: true).ShouldHaveSingleItem();

    [Fact]
    public void EveryRow_SaysWhatItDoes() => Bench.Choose([], full: true).ShouldAllBe(r => r.Target.Length > 10 && r.Setup.Length > 10);

    [Theory]
    [InlineData(110, 100, false, true, 1.1)]
    [InlineData(130, 100, false, false, 1.3)]
    [InlineData(90, 100, true, false, 0.9)]
    public void Measurement_IsJudgedByItsBound(double value, double bound, bool unfinished, bool met, double ratio)
    {
        var verdict = met ? Verdict.Met : Verdict.Missed;
        var measurement = Measurement.Within(1.2, "time", value, bound, "s") with { Unfinished = unfinished };
        measurement.Verdict.ShouldBe(verdict);
        measurement.Ratio!.Value.ShouldBe(ratio, 0.001);
        Bench.VerdictOf([new Measurement("x", 1), measurement]).ShouldBe(verdict);
    }

    [Fact]
    public void ProcessFigures_AreReadAsTheKernelWritesThem()
    {
        const string Stat = "42 (a (strange) name) S 1 42 42 0 -1 4194560 1 0 0 0 250 50 0 0 20 0 12 0 100 1000 300";
        ProcessFigures.Parse("Name:\tx\nVmHWM:\t  20480 kB\nVmRSS:\t 10240 kB\n", Stat).ShouldBe(new ProcessFigures(10, 20, 3));
    }

    private static IEnumerable<string> Names(params string[] words) => Bench.Choose(words, full: false).Select(r => r.Name);
}
