namespace BitbucketOperator.Generator;

/// <summary>A part of a hand-written file that is written from the code: what stands between two comments.</summary>
internal static class Region
{
    /// <summary>The file's text with the region's lines replaced.</summary>
    /// <exception cref="InvalidOperationException">The file lacks the comments.</exception>
    public static async Task<string> ReplaceAsync(string file, string name, IEnumerable<string> lines)
    {
        var text = await File.ReadAllTextAsync(file);
        var (begin, end) = ($"<!-- {name} -->\n", $"<!-- /{name} -->\n");
        var from = text.IndexOf(begin, StringComparison.Ordinal);
        var to = text.IndexOf(end, StringComparison.Ordinal);
        return from < 0 || to < from
            ? throw new InvalidOperationException($"{file} needs the lines <!-- {name} --> and <!-- /{name} -->, in this order")
            : text[..(from + begin.Length)] + string.Concat(lines.Select(l => l + '\n')) + text[to..];
    }
}
