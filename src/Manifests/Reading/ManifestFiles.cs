using System.IO.Enumeration;
using BitbucketOperator.Manifests.Documents;

namespace BitbucketOperator.Manifests.Reading;

/// <summary>A file that was read.</summary>
/// <param name="Name">As it was written; stdin for standard input.</param>
/// <param name="Content">Its bytes.</param>
/// <param name="IsNamed">False for one that stands in a folder that was named: it need not be a manifest.</param>
public sealed record ManifestFile(string Name, byte[] Content, bool IsNamed);

/// <summary>Finds and reads the files that were named.</summary>
public static class ManifestFiles
{
    /// <summary>Stands for standard input among the paths.</summary>
    public const string StandardInput = "-";

    private const int MaxBytes = 16 << 20;

    private static readonly EnumerationOptions Everything = new()
    {
        RecurseSubdirectories = true, AttributesToSkip = FileAttributes.None, IgnoreInaccessible = false,
    };

    private static readonly string[] Endings = [".yaml", ".yml", ".json"];

    /// <summary>
    /// The content of each file in the order of the paths, by its name. A folder stands for its files that end in .yaml,
    /// .yml or .json, in those below too, sorted; hidden ones and linked folders are left out. A file named twice is read once.
    /// </summary>
    /// <param name="paths">Files, folders, and - for standard input.</param>
    /// <param name="standardInput">What - stands for.</param>
    /// <param name="problems">Gets a problem for each path that cannot be read.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public static async Task<List<ManifestFile>> ReadAsync(
        IEnumerable<string> paths, Stream standardInput, List<Problem> problems, CancellationToken cancellationToken)
    {
        var contents = new List<ManifestFile>();
        var files = paths.SelectMany(path => Expand(path, problems)).DistinctBy(file => IdOf(file.Path), StringComparer.Ordinal);
        foreach (var (path, isNamed) in files)
        {
            var name = path == StandardInput ? "stdin" : path;
            try
            {
                if (path == StandardInput)
                {
                    contents.Add(new(name, await ReadAsync(standardInput, cancellationToken), isNamed));
                    continue;
                }

                await using var file = File.OpenRead(path);
                contents.Add(new(name, await ReadAsync(file, cancellationToken), isNamed));
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
            {
                problems.Add(Of(name, error));
            }
        }

        return contents;
    }

    private static string IdOf(string path) => path is "" or StandardInput ? path : Path.GetFullPath(path);

    private static List<(string Path, bool IsNamed)> Expand(string path, List<Problem> problems)
    {
        if (!Directory.Exists(path))
        {
            return [(path, true)];
        }

        try
        {
            var files = Enumerate(path).Order(StringComparer.Ordinal).ToList();
            if (files.Count == 0)
            {
                problems.Add(Problem.Error(new Position(path, 0, 0), "", "the folder holds no file that ends in .yaml, .yml or .json"));
            }

            return files.ConvertAll(file => (file, false));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            problems.Add(Of(path, error));
            return [];
        }
    }

    private static FileSystemEnumerable<string> Enumerate(string folder) =>
        new(folder, (ref FileSystemEntry entry) => entry.ToSpecifiedFullPath(), Everything)
        {
            ShouldIncludePredicate = (ref FileSystemEntry entry) =>
                !entry.IsDirectory && !IsHidden(entry.FileName) && HasEnding(entry.FileName),
            ShouldRecursePredicate = (ref FileSystemEntry entry) =>
                !IsHidden(entry.FileName) && !entry.Attributes.HasFlag(FileAttributes.ReparsePoint),
        };

    private static bool IsHidden(ReadOnlySpan<char> name) => name is ['.', ..];

    private static bool HasEnding(ReadOnlySpan<char> name)
    {
        foreach (var ending in Endings)
        {
            if (name.EndsWith(ending, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return false;
    }

    private static async Task<byte[]> ReadAsync(Stream stream, CancellationToken cancellationToken)
    {
        using var content = new MemoryStream();
        var buffer = new byte[64 << 10];
        int read;
        while ((read = await stream.ReadAsync(buffer, cancellationToken)) > 0)
        {
            content.Write(buffer, 0, read);
            if (content.Length > MaxBytes)
            {
                throw new TooLargeException();
            }
        }

        return content.ToArray();
    }

    private static Problem Of(string name, Exception error) => Problem.Error(new Position(name, 0, 0), "", error switch
    {
        FileNotFoundException or DirectoryNotFoundException => "there is no such file or folder",
        UnauthorizedAccessException => "may not be read: permission denied",
        TooLargeException => $"larger than {MaxBytes >> 20} MiB: split it",
        _ => "cannot be read",
    });

    private sealed class TooLargeException : IOException;
}
