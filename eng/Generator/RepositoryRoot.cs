namespace BitbucketOperator.Generator;

/// <summary>Finds the folder that holds the solution, upwards from where the command runs.</summary>
internal static class RepositoryRoot
{
    public static string Find()
    {
        for (var folder = new DirectoryInfo(Environment.CurrentDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Operator.sln")))
            {
                return folder.FullName;
            }
        }

        throw new DirectoryNotFoundException("Run this inside the repository: no folder above holds Operator.sln");
    }
}
