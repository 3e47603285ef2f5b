using System.Runtime.CompilerServices;

namespace BitbucketOperator.Operator.Tests;

/// <summary>Files of this repository, for tests that read them in place.</summary>
internal static class SourceTree
{
    public static string Root { get; } = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(Here())!, "..", ".."));

    public static string PathOf(params string[] parts) => Path.Combine([Root, .. parts]);

    private static string Here([CallerFilePath] string path = "") => path;
}
