using BitbucketOperator.Generator;

const string Usage = "usage: generator write|verify";
if (args is not [("write" or "verify") and var verb])
{
    await Console.Error.WriteLineAsync(Usage);
    return 2;
}

var root = RepositoryRoot.Find();
var stale = new List<string>();
await foreach (var (path, text) in GeneratedFiles.AllAsync(root))
{
    var file = Path.Combine(root, path);
    if (File.Exists(file) && await File.ReadAllTextAsync(file) == text)
    {
        continue;
    }

    stale.Add(path);
    if (verb == "write")
    {
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        await File.WriteAllTextAsync(file, text);
    }
}

stale.ForEach(path => Console.WriteLine(verb == "write" ? $"wrote {path}" : $"{path} is not what the code says: run make generate and commit it"));
return verb == "verify" && stale.Count > 0 ? 1 : 0;
