using System.Globalization;
using System.Text;
using BitbucketOperator.Manifests.Documents;
using BitbucketOperator.Manifests.Json;
using BitbucketOperator.Manifests.Yaml;

namespace BitbucketOperator.Manifests.Reading;

/// <summary>Turns the bytes of one file into documents.</summary>
internal static class ManifestText
{
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>The documents. Whatever the bytes are, what is wrong with them becomes a problem.</summary>
    public static List<Node> Read(string file, byte[] bytes, List<Problem> problems)
    {
        if (Decode(file, bytes, problems) is not { } text || !IsText(file, text, problems))
        {
            return [];
        }

        try
        {
            return Parse(file, text, problems);
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            // A parser's own mistake is one more way in which a text cannot be read.
            problems.Add(Problem.Error(
                new Position(file, 0, 0), "", $"cannot be read as YAML ({error.GetType().Name}): write it in a plainer way"));
            return [];
        }
    }

    private static List<Node> Parse(string file, string text, List<Problem> problems)
    {
        if (text.AsSpan().TrimStart() is not ['{', ..])
        {
            return YamlReader.Read(file, text, problems);
        }

        try
        {
            return JsonReader.Read(file, text);
        }
        catch (ManifestException error)
        {
            // kubectl tries YAML then, whose objects in braces look like JSON.
            var yamlProblems = new List<Problem>();
            var documents = YamlReader.Read(file, text, yamlProblems);
            if (!yamlProblems.Exists(p => p.Severity == Severity.Error))
            {
                problems.AddRange(yamlProblems);
                return documents;
            }

            problems.Add(error.Problem);
            return [];
        }
    }

    private static string? Decode(string file, byte[] bytes, List<Problem> problems)
    {
        try
        {
            return bytes switch
            {
                [0xEF, 0xBB, 0xBF, ..] => Utf8.GetString(bytes.AsSpan(3)),
                [0xFF, 0xFE, ..] => Utf16(bigEndian: false).GetString(bytes.AsSpan(2)),
                [0xFE, 0xFF, ..] => Utf16(bigEndian: true).GetString(bytes.AsSpan(2)),
                _ => Utf8.GetString(bytes),
            };
        }
        catch (DecoderFallbackException)
        {
            problems.Add(Problem.Error(new Position(file, 0, 0), "", "not text in UTF-8: save it in that encoding"));
            return null;
        }
    }

    private static UnicodeEncoding Utf16(bool bigEndian) => new(bigEndian, byteOrderMark: false, throwOnInvalidBytes: true);

    private static bool IsText(string file, string text, List<Problem> problems)
    {
        var (line, start) = (1, 0);
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '\n')
            {
                (line, start) = (line + 1, i + 1);
            }
            else if (IsForbidden(text[i]))
            {
                var code = ((int)text[i]).ToString("X4", CultureInfo.InvariantCulture);
                problems.Add(Problem.Error(
                    new Position(file, line, i - start + 1), "",
                    $"holds the character U+{code}, which YAML does not allow: remove it, or write it as an escape in double quotes"));
                return false;
            }
            else if (i == start && text.AsSpan(i) is ['{', '{', ..])
            {
                problems.Add(Problem.Error(
                    new Position(file, line, 1), "", "a template, not a manifest: render it first, for example with helm template"));
                return false;
            }
        }

        return true;
    }

    private static bool IsForbidden(char character) => character is not ('\t' or '\n' or '\r' or '\u0085')
        && (char.IsControl(character) || character is '\uFFFE' or '\uFFFF');
}
