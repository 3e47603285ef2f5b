using System.Reflection;
using System.Text.RegularExpressions;
using BitbucketOperator.Core.Api;
using BitbucketOperator.Core.Api.V1Alpha1;

namespace BitbucketOperator.Core.Tests.Documentation;

/// <summary>docs/troubleshooting.md explains every reason, and nothing that is none.</summary>
public sealed partial class TroubleshootingTests
{
    private static readonly List<Reason> All =
        [.. typeof(Reasons).GetFields(BindingFlags.Public | BindingFlags.Static).Select(f => (Reason)f.GetValue(null)!)];

    private static readonly List<Entry> Entries = ReadEntries(Docs.Read("docs/troubleshooting.md"));

    public static TheoryData<string> ReasonNames => [.. All.Select(r => r.Name)];

    public static TheoryData<string> EntryNames => [.. Entries.Select(e => e.Name)];

    [Theory]
    [MemberData(nameof(ReasonNames))]
    public void Reason_HasOneEntry_UnderItsCondition(string name) =>
        Entries.Where(e => e.Name == name).Select(e => e.Condition).ShouldBe([All.Find(r => r.Name == name)!.Condition]);

    [Theory]
    [MemberData(nameof(EntryNames))]
    public void Entry_ExplainsAReason(string name) => All.Select(r => r.Name).ShouldContain(name);

    [Theory]
    [MemberData(nameof(EntryNames))]
    public void Entry_SaysMeaningCausesAndCure(string name) =>
        Entries.Find(e => e.Name == name)!.Parts.ShouldBe(["Meaning", "Causes", "Cure"]);

    [Fact]
    public void PartWithoutText_IsNone() => ReadEntries("""
        ## Ready

        ### Succeeded

        - **Meaning**: all is well.
        - **Causes**:
        - **Cure**: none.
        """).ShouldHaveSingleItem().Parts.ShouldBe(["Meaning", "Cure"]);

    // A second-level heading is a condition, those of the third level below it are its reasons.
    private static List<Entry> ReadEntries(string markdown)
    {
        var entries = new List<Entry>();
        var condition = "";
        foreach (var section in Sections().Split(markdown))
        {
            var heading = section.Split('\n')[0];
            if (heading.StartsWith("## ", StringComparison.Ordinal))
            {
                condition = heading[3..];
            }
            else if (heading.StartsWith("### ", StringComparison.Ordinal))
            {
                entries.Add(new Entry(heading[4..], condition, [.. Part().Matches(section).Select(m => m.Groups["name"].Value)]));
            }
        }

        return entries;
    }

    [GeneratedRegex("^(?=##+ )", RegexOptions.Multiline | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Sections();

    [GeneratedRegex(@"^- \*\*(?<name>\w+)\*\*: \S", RegexOptions.Multiline | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Part();

    private sealed record Entry(string Name, string Condition, List<string> Parts);
}
