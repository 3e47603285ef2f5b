using BitbucketOperator.Manifests.Documents;
using YamlDotNet.Core;

namespace BitbucketOperator.Manifests.Yaml;

/// <summary>
/// Says in plain words what a YAML parser stumbles over. The parser's own words are not passed on: they may hold a part of
/// the text, which may be a Secret's.
/// </summary>
internal static class YamlErrors
{
    private const string Quoting = "put the value in quotes";
    private const string Mapping =
        "a mapping cannot begin here: the line is indented too far, its value holds ': ' and needs quotes, "
        + "or the line above lacks the blank after its colon";

    private static readonly (string Part, string Words)[] Table =
    [
        ("found unexpected end of stream", "the quote that opens here is never closed"),
        ("unexpected document indicator", "the quote that opens here is not closed before the document ends"),
        ("unknown escape character",
            @"a backslash in double quotes begins an escape that YAML does not know: write \\ for a backslash, or use single quotes"),
        ("hexadecimal number", @"an escape in double quotes is incomplete: write \\ for a backslash, or use single quotes"),
        ("Unicode", @"an escape in double quotes is not a character: write \\ for a backslash, or use single quotes"),
        ("cannot start any token", $"a value cannot begin with this character (@, ` or %): {Quoting}"),
        ("Mapping values are not allowed", Mapping),
        ("found invalid mapping", Mapping),
        ("could not find expected ':'", "the line has no ': ' after its key, or is indented differently from the lines around it"),
        ("did not find expected key",
            "the line is indented differently from the fields beside it: fields of one object begin in the same column"),
        ("did not find expected '-' indicator",
            "the line is indented differently from the entries beside it: entries of one list begin with - in the same column"),
        ("flow sequence, did not find", "the list that opens with [ is not closed with ], or a comma is missing"),
        ("flow mapping", "the object that opens with { is not closed with }, or a comma is missing; a value that begins with { needs quotes"),
        ("Block sequence entries are not allowed",
            "a list entry (-) cannot begin here: it is indented differently from the list, or stands behind a value"),
        ("wrong indentation", "the quote that opens here is not closed, or its next line is indented less than its first"),
        ("block scalar", "the text after | or > is indented differently in its first lines: indent all of it alike"),
        ("anchor", $"& and * begin an anchor and an alias, and this is none: {Quoting}"),
        ("tag", $"! begins a tag, and this is none: {Quoting}"),
        ("comment", "a comment needs a space before #, and cannot stand inside of a value"),
        ("document start", "the text before this line is not a document: is a line indented differently, or a directive (%) left over?"),
        ("directive", "a line that begins with % is a directive, and this is none: is a template not rendered?"),
        ("expected node content", "a value is missing or cannot begin here"),
    ];

    /// <summary>The problem of a parser's error in a document whose lines are given.</summary>
    /// <param name="error">The error; its marks count from the document's first line.</param>
    /// <param name="file">The file.</param>
    /// <param name="lines">The document's lines.</param>
    /// <param name="offset">How many lines of the file stand before the document.</param>
    public static Problem Of(YamlException error, string file, string[] lines, int offset)
    {
        var line = Math.Clamp((int)error.Start.Line, 1, Math.Max(lines.Length, 1));
        var at = new Position(file, line + offset, Math.Max((int)error.Start.Column, 1));
        if (FindTab(lines) is { } tab)
        {
            return Problem.Error(
                new Position(file, tab.Line + offset, tab.Column), "", "indented with a tab: YAML takes spaces only, replace it by spaces");
        }

        var words = Array.Find(Table, entry => error.Message.Contains(entry.Part, StringComparison.OrdinalIgnoreCase)).Words;
        words ??= "something is missing or too much here; look at the indentation and the quotes";
        return Problem.Error(at, "", $"not valid YAML: {words}");
    }

    /// <summary>The problem of an error in the parser itself, which it makes of some texts that end too early.</summary>
    public static Problem OfParser(Position last) =>
        Problem.Error(last, "", "not valid YAML after this: look for a bracket or a quote that is not closed");

    // Whatever the parser makes of a tab before a line's first word, it is what is wrong.
    private static (int Line, int Column)? FindTab(string[] lines)
    {
        for (var i = 0; i < lines.Length; i++)
        {
            var column = lines[i].AsSpan().IndexOfAnyExcept(' ');
            if (column >= 0 && lines[i][column] == '\t' && !string.IsNullOrWhiteSpace(lines[i]))
            {
                return (i + 1, column + 1);
            }
        }

        return null;
    }
}
