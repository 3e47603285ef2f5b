using BitbucketOperator.Core.Port;

namespace BitbucketOperator.Core.Tests;

public sealed class VisibleTextTests
{
    public static TheoryData<string> AllPoisons => [.. Poisons.All.Keys.Except(Poisons.Echoes.Keys)];

    [Theory]
    [MemberData(nameof(AllPoisons))]
    public void NoPoison_IsLeftHidden(string poison)
    {
        Hidden(VisibleText.Escape(Poisons.All[poison])).ShouldBeEmpty();
        Hidden(VisibleText.OneLine(Poisons.All[poison])).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("plain text", "plain text")]
    [InlineData("Müller 山田 🚀", "Müller 山田 🚀")]
    [InlineData("a\u001b[31mb", "a\\u001b[31mb")]
    [InlineData("a\r\nb", "a\\u000d\\u000ab")]
    [InlineData("a\u202eb", "a\\u202eb")]
    [InlineData("a\u200bb", "a\\u200bb")]
    [InlineData("a\U000e0041b", "a\\udb40\\udc41b")]
    public void Escape_WritesHiddenCharactersAsJsonDoes(string text, string escaped) => VisibleText.Escape(text).ShouldBe(escaped);

    private static IEnumerable<string> Hidden(string text) =>
        Poisons.Traces(text, longest: int.MaxValue).Where(t => t.StartsWith("U+", StringComparison.Ordinal));
}
