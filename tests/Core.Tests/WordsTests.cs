using System.Text.RegularExpressions;

namespace BitbucketOperator.Core.Tests;

/// <summary>What people read has no phrase that Kubernetes' own docs would not have, in texts and in comments.</summary>
public sealed partial class WordsTests
{
    private static readonly string[] Folders = ["src", "charts", "config", "docs"];
    private static readonly string[] Files = ["Makefile", "README.md"];
    private static readonly string[] Endings = [".cs", ".csproj", ".md", ".yaml", ".yml", ".json", ".lua", ".tpl", ".txt", "Makefile"];

    [Fact]
    public void Texts_HaveNoneOfThePhrases()
    {
        var found =
            from file in Files.Select(f => SourceTree.PathOf(f)).Concat(Folders.SelectMany(FilesBelow))
            from line in File.ReadLines(file).Index()
            let phrase = Phrases().Match(line.Item)
            where phrase.Success
            select $"{Path.GetRelativePath(SourceTree.Root, file)}:{line.Index + 1}: \"{phrase.Value}\" in: {line.Item.Trim()}";
        found.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("a key that is no text")]
    [InlineData("tokens are no passwords")]
    [InlineData("It is told once")]
    [InlineData("Rights are told for each capability")]
    [InlineData("they can be told apart")]
    [InlineData("The network is not the matter")]
    [InlineData("made as wanted")]
    [InlineData("the key stands twice")]
    [InlineData("written anew")]
    [InlineData("the variables are heeded")]
    [InlineData("the fault is mended")]
    [InlineData("the step yields a value")]
    [InlineData("the listing is believed")]
    [InlineData("a played Bitbucket")]
    [InlineData("what a person sees")]
    [InlineData("the webhook is no longer there")]
    [InlineData("There is no repository PLAT/api")]
    public void Phrase_IsFound(string text) => Phrases().IsMatch(text).ShouldBeTrue();

    [Theory]
    [InlineData("there is no such flag")]
    [InlineData("where there are no webhooks")]
    [InlineData("yield return")]
    [InlineData("a personal project")]
    public void OtherText_IsNot(string text) => Phrases().IsMatch(text).ShouldBeFalse();

    private static IEnumerable<string> FilesBelow(string folder) =>
        Directory.EnumerateFiles(SourceTree.PathOf(folder), "*", SearchOption.AllDirectories)
            .Where(f => Endings.Any(e => f.EndsWith(e, StringComparison.Ordinal)))
            .Where(f => !f.Split(Path.DirectorySeparatorChar).Any(p => p is "obj" or "bin") && !f.EndsWith("packages.lock.json", StringComparison.Ordinal));

    // The field status.repositories.believed has its name for good.
    [GeneratedRegex(
        @"(?<!\b[Tt]here |\b[Ww]here )\b(is|are) no (?!such\b|more than\b)|\b(is|are) told\b|\btold apart\b|\bthe matter\b|\bas wanted\b|\bstands? twice\b"
        + @"|\banew\b|\bheeded\b|\bmended\b|\byields\b|\byielded\b|(?<!repositories\.)\bbelieved\b(?!:)|\bplayed\b|\ba person\b|\bno longer\b"
        + @"|\b[Tt]here is no (repository|project|personal project|workspace)\b",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex Phrases();
}
