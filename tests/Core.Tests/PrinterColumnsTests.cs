using System.Reflection;
using BitbucketOperator.Core.Api;
using BitbucketOperator.Core.Api.V1Alpha1;

namespace BitbucketOperator.Core.Tests;

/// <summary>What <c>kubectl get bitbucketconnections</c> shows.</summary>
public sealed class PrinterColumnsTests
{
    private const int Terminal = 100;

    // Names of usual length, and the most that each column shows.
    private static readonly Dictionary<string, string> Longest = new(StringComparer.Ordinal)
    {
        ["Name"] = "payments-and-platform",
        ["Ready"] = nameof(ConditionState.Unknown),
        ["Reason"] = ReasonsOfReady.MaxBy(r => r.Length)!,
        ["Repos"] = "50000",
        ["Webhooks"] = "50000/50000",
        ["Age"] = "365d",
    };

    private static IEnumerable<string> ReasonsOfReady => typeof(Reasons).GetFields(BindingFlags.Public | BindingFlags.Static)
        .Where(f => f.FieldType == typeof(Reason)).Select(f => ((Reason)f.GetValue(null)!).Name);

    private static IReadOnlyList<AdditionalPrinterColumnAttribute> Columns { get; } =
        [.. typeof(BitbucketConnection).GetCustomAttributes<AdditionalPrinterColumnAttribute>()];

    [Fact]
    public void Columns_AreThese()
    {
        Columns.Where(c => c.Priority == 0).Select(c => c.Name).ShouldBe(["Ready", "Reason", "Repos", "Webhooks", "Age"]);
        Columns.Where(c => c.Priority > 0).Select(c => c.Name).ShouldBe(["URL", "Auth", "Version", "Message"]);
    }

    // kubectl pads each column to its longest text and three blanks more.
    [Fact]
    public void Row_FitsATerminal()
    {
        string[] names = ["Name", .. Columns.Where(c => c.Priority == 0).Select(c => c.Name)];
        var width = names.Sum(n => Math.Max(n.Length, Longest[n].Length) + 3) - 3;
        width.ShouldBeLessThanOrEqualTo(Terminal, string.Join(", ", names.Select(n => Longest[n])));
    }
}
