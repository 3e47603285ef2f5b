using System.Text.RegularExpressions;

namespace BitbucketOperator.Core.Tests.Documentation;

/// <summary>docs/reliability.md promises what tests show: each that it names exists.</summary>
public sealed partial class ReliabilityTests
{
    private static readonly Lazy<string> Sources = new(() => string.Join('\n', Directory
        .EnumerateFiles(Path.Combine(Docs.Root, "tests"), "*Tests.cs", SearchOption.AllDirectories).Select(File.ReadAllText)));

    public static TheoryData<string> Named =>
        [.. Test().Matches(Docs.Read("docs/reliability.md")).Select(m => m.Groups["name"].Value).Distinct(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Named))]
    public void NamedTest_Exists(string name)
    {
        var parts = name.Split('.');
        Sources.Value.ShouldContain($"class {parts[0]}", Case.Sensitive);
        if (parts.Length > 1) Sources.Value.ShouldContain($" {parts[1]}(", Case.Sensitive);
    }

    [GeneratedRegex(@"`(?<name>\w+Tests(\.\w+)?)`", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Test();
}
