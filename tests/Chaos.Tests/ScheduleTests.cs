using BitbucketOperator.Chaos.Runs;
using BitbucketOperator.Chaos.Schedules;

namespace BitbucketOperator.Chaos.Tests;

public sealed class ScheduleTests
{
    [Fact]
    public void SameSeed_MakesTheSameSchedule() => ScheduleMaker.Make(17).ToString().ShouldBe(ScheduleMaker.Make(17).ToString());

    [Fact]
    public void Seeds_MakeEveryKindOfStep()
    {
        var kinds = typeof(Step).Assembly.GetTypes().Where(t => t.IsSubclassOf(typeof(Step)) && !t.IsAbstract).Select(t => t.Name);
        var made = Enumerable.Range(1, 500).SelectMany(seed => ScheduleMaker.Make(seed).Steps).Select(s => s.GetType().Name).Distinct();
        made.ShouldBe(kinds, ignoreOrder: true);
    }

    [Fact]
    public void Length_IsWhenTheLastTroubleIsOver() =>
        new Schedule(1, [new Kill(0) { At = Seconds(1), For = Seconds(9) }, new Kill(1) { At = Seconds(5), For = Seconds(2) }], Asks: false)
            .Length.ShouldBe(Seconds(10));

    [Fact]
    public async Task Reducer_LeavesWhatItTakes()
    {
        var schedule = ScheduleMaker.Make(Enumerable.Range(1, 100).First(s => ScheduleMaker.Make(s).Steps.Count > 10));
        Step[] culprits = [schedule.Steps[2], schedule.Steps[7]];
        var reducer = new Reducer(s => Task.FromResult(Array.TrueForAll(culprits, s.Steps.Contains) ? FailureOf(s) : null), atOnce: 3);
        (await reducer.ReduceAsync(schedule, FailureOf(schedule)!)).Kept.ShouldBe([2, 7]);
    }

    private static Failure? FailureOf(Schedule schedule) =>
        new(schedule, "broken", "", new Dictionary<string, string>(StringComparer.Ordinal));

    private static TimeSpan Seconds(int count) => TimeSpan.FromSeconds(count);
}
