namespace BitbucketOperator.Convergence.Tests.Histories;

/// <summary>The few names that histories are told with: few, so that they meet.</summary>
internal static class Words
{
    public const int Secrets = 2;

    public const int Urls = 4;

    public static readonly string[] Projects = ["PLAT", "TOOLS", "LABS", "OPS"];

    public static readonly string[] Slugs = ["api", "web", "cli", "lib", "docs", "infra", "app", "tool"];

    public static readonly string[] Entries = ["ci", "chat", "scan", "audit"];

    public static readonly string[] Includes = ["PLAT/*", "*/api", "*/*", "TOOLS/w*", "*/c*"];

    public static readonly string[] Excludes = ["*/web", "PLAT/a*", "LABS/*", "*/l*"];

    public static string Url(int number) => $"https://receiver-{number % Urls}.example.com/hook";
}
