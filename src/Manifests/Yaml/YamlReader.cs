using BitbucketOperator.Manifests.Documents;
using YamlDotNet.Core;

namespace BitbucketOperator.Manifests.Yaml;

/// <summary>
/// Reads the documents of a YAML text as kubectl does: it is cut at the lines that begin with ---, so that a document with
/// a mistake does not hide those after it.
/// </summary>
internal static class YamlReader
{
    /// <summary>The documents that can be read; empty ones are left out. What cannot be read becomes a problem.</summary>
    public static List<Node> Read(string file, string text, List<Problem> problems)
    {
        var documents = new List<Node>();

        // kubectl ends every line, so that a block that ends with the file has its line break.
        var lines = (text.EndsWith('\n') ? text : $"{text}\n").Split('\n');
        var start = 0;
        for (var i = 0; i <= lines.Length; i++)
        {
            if (i < lines.Length && !lines[i].StartsWith("---", StringComparison.Ordinal))
            {
                continue;
            }

            if (i < lines.Length && lines[i][3..].Trim() is [not '#', ..])
            {
                problems.Add(Problem.Error(
                    new Position(file, i + 1, 4), "",
                    "nothing but a comment may follow --- on its line: kubectl refuses the file; begin the document on the next line"));
            }

            var content = string.Join('\n', lines[start..i]) + (i < lines.Length ? "\n" : "");
            if (ReadDocument(file, content, start, problems) is { } document)
            {
                documents.Add(document);
            }

            start = i + 1;
        }

        return documents;
    }

    private static Node? ReadDocument(string file, string text, int offset, List<Problem> problems)
    {
        var document = new YamlDocument(file, offset, problems);
        try
        {
            return document.Read(text);
        }
        catch (YamlException error)
        {
            problems.Add(YamlErrors.Of(error, file, text.TrimEnd().Split('\n'), offset));
        }
        catch (ManifestException error)
        {
            problems.Add(error.Problem);
        }
        catch (Exception error) when (error
            is InvalidOperationException or ArgumentException or OverflowException or FormatException or EndOfStreamException)
        {
            problems.Add(YamlErrors.OfParser(document.Last));
        }

        return null;
    }
}
