using System.Reflection;

namespace BitbucketOperator.Cli.Settings;

/// <summary>The version of this binary.</summary>
internal static class Versions
{
    public static string Product { get; } =
        typeof(Versions).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "0";
}
