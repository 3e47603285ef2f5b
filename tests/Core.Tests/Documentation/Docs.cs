using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;

namespace BitbucketOperator.Core.Tests.Documentation;

/// <summary>The pages that people read, as text.</summary>
internal static partial class Docs
{
    public static string Root { get; } = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(Here())!, "..", "..", ".."));

    /// <summary>README.md and everything below docs, relative to <see cref="Root"/>.</summary>
    public static IReadOnlyList<string> Pages { get; } =
    [
        "README.md",
        .. Directory.GetFiles(Path.Combine(Root, "docs"), "*.md", SearchOption.AllDirectories)
            .Select(f => Path.GetRelativePath(Root, f)).Order(StringComparer.Ordinal),
    ];

    public static string Read(string page) => File.ReadAllText(Path.Combine(Root, page));

    /// <summary>The text of each fenced block of a language.</summary>
    public static IEnumerable<string> Blocks(string markdown, string language) =>
        Fence().Matches(markdown).Where(m => m.Groups["language"].Value == language).Select(m => m.Groups["text"].Value);

    /// <summary>What is no fenced block.</summary>
    public static string Prose(string markdown) => Fence().Replace(markdown, "");

    /// <summary>The anchors of a page's headings, as GitHub makes them.</summary>
    public static IEnumerable<string> Anchors(string markdown) => Heading().Matches(Prose(markdown)).Select(m =>
        string.Concat(m.Groups["text"].Value.ToLowerInvariant().Where(c => char.IsLetterOrDigit(c) || c is '-' or '_' or ' ')).Replace(' ', '-'));

    [GeneratedRegex("""^```(?<language>\w+)\n(?<text>.*?)^```$""", RegexOptions.Multiline | RegexOptions.Singleline | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Fence();

    [GeneratedRegex("^#+ (?<text>.+)$", RegexOptions.Multiline | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Heading();

    private static string Here([CallerFilePath] string path = "") => path;
}
