using System.Text;
using BitbucketOperator.Manifests.Documents;
using BitbucketOperator.Manifests.Reading;

namespace BitbucketOperator.Cli.Check;

/// <summary>Reads the files of --secret-file: NAME=FILE, with lines of key=value, as kubectl create secret --from-env-file takes them.</summary>
internal static class SecretFiles
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
            files.ForEach(file => secrets[name] = Parse(path, Encoding.UTF8.GetString(file.Content), problems));
        }

        return secrets;
    }

    private static Dictionary<string, byte[]> Parse(string path, string text, List<Problem> problems)
    {
        var data = new Dictionary<string, byte[]>(StringComparer.Ordinal);
        var number = 0;
        foreach (var line in text.Split('\n').Select(l => l.TrimEnd('\r')))
        {
            number++;
            var key = line.AsSpan().TrimStart();
            if (key.Length == 0 || key[0] == '#')
            {
                continue;
            }

            if (key.IndexOf('=') is var end && end > 0)
            {
                data[key[..end].ToString()] = Encoding.UTF8.GetBytes(key[(end + 1)..].ToString());
            }
            else
            {
                problems.Add(Problem.Error(new Position(path, number, 1), "", "not of the form key=value"));
            }
        }

        return data;
    }
}
