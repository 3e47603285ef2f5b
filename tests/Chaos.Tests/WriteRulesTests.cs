using BitbucketOperator.Chaos.Rules;

namespace BitbucketOperator.Chaos.Tests;

public sealed class WriteRulesTests
{
    private const string Leads = """{"@t":"2026-01-01T10:00:00.0000000Z","EventId":{"Id":41,"Name":"LeaseAcquired"}}""";

    [Fact]
    public void Tenure_IsFromTheFirstWriteToTheLast_ByWhenTheyWereSent()
    {
        var tenure = WriteRules.TenuresOf("a", [Leads, Write("10:00:02", 500), Write("10:00:05", 1000)]).ShouldHaveSingleItem();
        tenure.ToString().ShouldBe("a, who wrote from 10:00:01.500 to 10:00:04.000,");
    }

    [Fact]
    public void LeadingAgain_IsAnotherTenure() =>
        WriteRules.TenuresOf("a", [Leads, Write("10:00:02", 0), Leads, Write("10:01:00", 0), Write("10:01:01", 0)]).Count.ShouldBe(2);

    [Fact]
    public void ReadsAndHalfLines_DoNotCount() =>
        WriteRules.TenuresOf("a", [Leads, Write("10:00:02", 0, "GET"), Write("10:00:02", 0)[..40]]).ShouldBeEmpty();

    private static string Write(string ended, int milliseconds, string method = "PUT") =>
        $$$"""{"@t":"2026-01-01T{{{ended}}}.0000000Z","Method":"{{{method}}}","Path":"/projects/PLAT/webhooks/1",""" +
        $$$""" "Milliseconds":{{{milliseconds}}},"EventId":{"Id":1,"Name":"Answered"}}""";
}
