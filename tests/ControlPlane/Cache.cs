namespace BitbucketOperator.ControlPlane;

/// <summary>Where what is downloaded and built is kept, and where the scripts lie.</summary>
internal static class Cache
{
    /// <summary><c>BITBUCKET_OPERATOR_CACHE</c>, or <c>bitbucket-operator</c> in the user's cache folder. The scripts find the same.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>The path of a script or data file of this project.</summary>
    public static string Script(string name) => Path.Combine(AppContext.BaseDirectory, "controlplane", name);

    /// <summary>Waits until no other process holds the file, and holds it until disposed.</summary>
    public static async Task<IDisposable> LockAsync(string file, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        FileStream? held = null;
        await Eventually.IsTrueWithinAsync(TimeSpan.MaxValue, () => Task.FromResult((held = TryOpen(file)) is not null), cancellationToken);
        return held!;
    }

    private static FileStream? TryOpen(string file)
    {
        try
        {
            return new FileStream(file, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException)
        {
            return null;
        }
    }

    private static string FindRoot()
    {
        if (Environment.GetEnvironmentVariable("BITBUCKET_OPERATOR_CACHE") is { Length: > 0 } own)
            return Path.GetFullPath(own);
        var folder = Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { Length: > 0 } xdg
            ? xdg
            : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache");
        return Path.Combine(folder, "bitbucket-operator");
    }
}
