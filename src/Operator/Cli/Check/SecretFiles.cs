using System.Text;
using System.Text.RegularExpressions;
using System.Text.Unicode;
using BitbucketOperator.Manifests.Documents;
using BitbucketOperator.Manifests.Reading;

namespace BitbucketOperator.Cli.Check;

/// <summary>Reads the files of --secret-file: NAME=FILE, with lines of key=value, as kubectl create secret --from-env-file takes them.</summary>
internal static partial class SecretFiles
{
    /// <summary>The values of each file, by the Secret's name. What is wrong becomes a problem; none shows a value.</summary>
    public static async Task<Dictionary<string, IReadOnlyDictionary<string, byte[]>>> ReadAsync(
        IEnumerable<string> arguments, List<Problem> problems, CancellationToken cancellationToken)
    {
        var secrets = new Dictionary<string, IReadOnlyDictionary<string, byte[]>>(StringComparer.Ordinal);
        foreach (var argument in arguments)
        {
            var (name, path) = argument.Split('=', 2) is [{ Length: > 0 } first, { Length: > 0 } second] ? (first, second) : ("", "");
            if (name.Length == 0)
            {
                problems.Add(Problem.Error(
                    new Position("--secret-file", 0, 0), "",
                    "must be of the form NAME=FILE, such as bitbucket-token=token.env; Secret manifests are read with -f"));
                continue;
            }

            var files = await ManifestFiles.ReadAsync([path], Stream.Null, problems, cancellationToken);
            files.ForEach(file => secrets[name] = Parse(path, file.Content, problems));
        }

        return secrets;
    }

    private static Dictionary<string, byte[]> Parse(string path, ReadOnlySpan<byte> content, List<Problem> problems)
    {
        var data = new Dictionary<string, byte[]>(StringComparer.Ordinal);
        var number = 0;
        content = content.StartsWith(Encoding.UTF8.Preamble) ? content[Encoding.UTF8.Preamble.Length..] : content;
        foreach (var range in content.Split((byte)'\n'))
        {
            number++;
            var line = content[range];
            if (Problem(line.EndsWith("\r"u8) ? line[..^1] : line) is { } problem)
            {
                problems.Add(Manifests.Documents.Problem.Error(new Position(path, number, 1), "", problem));
            }
        }

        return data;

        string? Problem(ReadOnlySpan<byte> line)
        {
            if (!Utf8.IsValid(line))
            {
                return "not UTF-8: save the file as UTF-8";
            }

            var text = Encoding.UTF8.GetString(line).TrimStart();
            if (text.Length == 0 || text[0] == '#')
            {
                return null;
            }

            var end = text.IndexOf('=', StringComparison.Ordinal);
            var key = end < 0 ? text : text[..end];
            if (!Key().IsMatch(key))
            {
                return "not of the form key=value; a key has letters, digits, -, _ and .";
            }

            // A key alone takes its value from the environment.
            var value = end < 0 ? Environment.GetEnvironmentVariable(key) ?? "" : text[(end + 1)..];
            return data.TryAdd(key, Encoding.UTF8.GetBytes(value)) ? null : $"the key {key} is there twice";
        }
    }

    [GeneratedRegex("^[-._a-zA-Z][-._a-zA-Z0-9]*$", RegexOptions.None, 1000)]
    private static partial Regex Key();
}
