namespace BitbucketOperator.Runtime.Tests.Kubeconfig;

/// <summary>A folder with kubeconfig files and what they name.</summary>
internal sealed class KubeconfigFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("kubeconfig-").FullName;

    public string Write(string name, string content)
    {
        var path = System.IO.Path.Combine(Path, name);
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
        File.WriteAllText(path, content);
        return path;
    }

    /// <summary>A program that the kubeconfig may run.</summary>
    public string WriteProgram(string name, string script)
    {
        var path = Write(name, "#!/bin/sh\n" + script);
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserExecute | UnixFileMode.UserWrite);
        return path;
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
