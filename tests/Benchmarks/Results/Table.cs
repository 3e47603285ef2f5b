namespace BitbucketOperator.Benchmarks.Results;

/// <summary>The results for people.</summary>
internal static class Table
{
    private static readonly string[] Head = ["ROW", "WHAT", "MEASURED", "TARGET", "BOUND", "RATIO", "VERDICT"];

    /// <summary>Lines of aligned columns, one for each measurement, and below them the load of the machine during each row.</summary>
    public static IEnumerable<string> Lines(IReadOnlyList<RowResult> rows)
    {
        var cells = rows.SelectMany(CellsOf).Prepend(Head).ToList();
        var widths = Enumerable.Range(0, Head.Length).Select(i => cells.Max(c => c[i].Length)).ToArray();
        foreach (var line in cells)
        {
            var columns = line.Select((text, i) => i is 0 or 1 or 6 ? text.PadRight(widths[i]) : text.PadLeft(widths[i]));
            yield return string.Join("  ", columns).TrimEnd();
        }

        yield return "";
        foreach (var row in rows)
        {
            var requests = row.Requests is { } r
                ? $"; requests: {r.Requests} ({r.Listings} pages, {r.WebhookReads} webhook reads, {r.WebhookWriteAttempts} writes, "
                    + $"{r.RateLimited} answered 429)"
                : "";
            var reason = row.Reason is null ? "" : $"; {row.Reason}";
            yield return $"{row.Name}: {row.Seconds:0} s, load {row.LoadBefore} -> {row.LoadAfter}{requests}{reason}";
        }
    }

    /// <summary>The same for docs/scaling.md.</summary>
    public static IEnumerable<string> Markdown(BenchResult result)
    {
        var loads = string.Join(", ", result.Rows.Select(r => r.LoadBefore.Split(' ')[0]));
        yield return $"Measured on {result.Started:yyyy-MM-dd}: {result.Processors} processors, load before the rows {loads}.";
        yield return "";
        yield return "| Row | What | Measured | Target | Ratio to the bound |";
        yield return "| --- | --- | --- | --- | --- |";
        foreach (var cells in result.Rows.SelectMany(CellsOf))
        {
            yield return $"| `{cells[0]}` | {cells[1]} | {cells[2]} | {cells[3]} | {cells[5]} |";
        }
    }

    private static IEnumerable<string[]> CellsOf(RowResult row) => row.Measurements.Count == 0
        ? [[row.Name, row.Reason ?? "", "", "", "", "", Word(row.Verdict)]]
        : row.Measurements.Select(m => (string[])
        [
            row.Name,
            m.What,
            (m.Unfinished && m.AtMost is not null ? "> " : "") + Text(m.Value, m.Unit),
            m.AtMost is { } most ? $"<= {Text(most, m.Unit)}" : m.AtLeast is { } least ? $">= {Text(least, m.Unit)}" : "",
            m.Bound is { } bound ? Text(bound, m.Unit) : "",
            m.Ratio is { } ratio ? $"{ratio:0.00}x" : "",
            Word(m.Verdict),
        ]);

    private static string Text(double value, string unit) => unit switch
    {
        "" => $"{value:0}",
        "s" when value < 10 => $"{value:0.00} s",
        _ => $"{value:0.#} {unit}",
    };

    private static string Word(Verdict verdict) => verdict switch
    {
        Verdict.None => "",
        Verdict.Met => "met",
        Verdict.Missed => "MISSED",
        Verdict.NotRun => "not run",
        Verdict.Failed => "FAILED",
    };
}
