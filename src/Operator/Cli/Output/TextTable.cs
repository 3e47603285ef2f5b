using BitbucketOperator.Core.Port;

namespace BitbucketOperator.Cli.Output;

/// <summary>Columns that are as wide as what is in them; the last one is never filled up.</summary>
internal sealed class TextTable(params string[] headings)
{
    private const string Gap = "  ";
    private readonly List<string[]> _rows = [];

    /// <summary>True when it has no rows.</summary>
    public bool IsEmpty => _rows.Count == 0;

    /// <summary>Adds a row: one text for each heading, escaped.</summary>
    public void Add(params string[] row) => _rows.Add(Array.ConvertAll(row, VisibleText.Escape));

    /// <summary>Writes it.</summary>
    /// <param name="screen">Where to.</param>
    /// <param name="paint">For the headings.</param>
    /// <param name="colour">Colours the text of a cell, given its column; null for none.</param>
    public void Write(Screen screen, Paint paint, Func<int, string, Painted>? colour = null)
    {
        var widths = headings.Select((heading, column) => Math.Max(heading.Length, _rows.Max(row => row[column].Length))).ToArray();
        WriteRow(screen, headings, widths, (_, text) => paint.Bold(text));
        foreach (var row in _rows)
        {
            WriteRow(screen, row, widths, colour ?? ((_, text) => Painted.Quoted(text)));
        }
    }

    private static void WriteRow(Screen screen, string[] row, int[] widths, Func<int, string, Painted> colour)
    {
        var line = Painted.Of($"");
        var last = Array.FindLastIndex(row, cell => cell.Length > 0);
        for (var column = 0; column <= last; column++)
        {
            var filling = column == last ? "" : new string(' ', widths[column] - row[column].Length) + Gap;
            line = Painted.Of($"{line}{colour(column, row[column])}{filling}");
        }

        screen.Line(line);
    }
}
