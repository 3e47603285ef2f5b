using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace BitbucketOperator.Runtime.Kubeconfig;

/// <summary>Several kubeconfig files as one: of two entries with one name the first counts, and so does the first current context.</summary>
internal sealed class KubeconfigFiles
{
    private const long LongestFile = 16 * 1024 * 1024;

    private readonly IReadOnlyList<string> _paths;
    private readonly List<KubeconfigNode> _files = [];

    /// <summary>Reads them.</summary>
    /// <param name="paths">The files.</param>
    /// <param name="mayBeMissing">Those that are not there are left out, if any is there.</param>
    /// <exception cref="KubeconfigException">One cannot be read.</exception>
    public KubeconfigFiles(IReadOnlyList<string> paths, bool mayBeMissing)
    {
        var present = paths.Where(File.Exists).ToList();
        _paths = mayBeMissing && present.Count > 0 ? present : paths;
        foreach (var path in _paths)
        {
            if (Read(path) is { } root)
            {
                _files.Add(new KubeconfigNode(path, $"kubeconfig {path}", root));
            }
        }
    }

    /// <summary>The files, for messages.</summary>
    public string Names => string.Join(", ", _paths);

    /// <summary>The current context; null when none is set.</summary>
    public string? CurrentContext => _files.Select(f => f.Text("current-context")).FirstOrDefault(c => c is not null);

    /// <summary>An entry; null when there is none of that name.</summary>
    /// <param name="kind">Such as cluster, which is also the name of the field that holds it.</param>
    /// <param name="name">Its name.</param>
    public KubeconfigNode? Find(string kind, string name)
    {
        var entry = _files.SelectMany(f => f.Maps($"{kind}s")).FirstOrDefault(e => e.Text("name") == name);
        var place = $"{kind} \"{name}\"";
        return entry is null ? null : (entry.Map(kind) ?? entry with { Fields = new YamlMappingNode() }).Named(place);
    }

    private static YamlMappingNode? Read(string path)
    {
        try
        {
            if (new FileInfo(path).Length > LongestFile)
            {
                throw new KubeconfigException($"{path} is larger than {LongestFile >> 20} MiB");
            }

            var stream = new YamlStream();
            stream.Load(new StringReader(File.ReadAllText(path)));
            return stream.Documents is not [var document, ..] ? null
                : document.RootNode switch
                {
                    YamlMappingNode map => map,
                    YamlScalarNode { Value: null or "" } => null,
                    _ => throw new KubeconfigException($"{path} is not a kubeconfig"),
                };
        }
        catch (YamlException e)
        {
            throw new KubeconfigException($"{path}, line {e.Start.Line}: {e.Message}", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new KubeconfigException($"Cannot read {path}: {e.Message}", e);
        }
    }
}
