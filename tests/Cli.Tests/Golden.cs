using System.Runtime.CompilerServices;

namespace BitbucketOperator.Cli.Tests;

/// <summary>Expected texts next to the tests; UPDATE_GOLDEN=1 writes them anew.</summary>
internal static class Golden
{
    public static string Folder { get; } = Path.Combine(Path.GetDirectoryName(Here())!, "Cases");

    public static void Check(string actual, params string[] path)
    {
        var file = Path.Combine([Folder, .. path]);
        if (Environment.GetEnvironmentVariable("UPDATE_GOLDEN") == "1")
        {
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            File.WriteAllText(file, actual);
        }

        actual.ShouldBe(File.Exists(file) ? File.ReadAllText(file) : "", string.Join('/', path));
    }

    private static string Here([CallerFilePath] string path = "") => path;
}
