using System.Reflection;
using BitbucketOperator.Runtime.Tests.NamespaceFixtures.Lower;
using BitbucketOperator.Runtime.Tests.NamespaceFixtures.Upper;
using BitbucketOperator.Testing;

namespace BitbucketOperator.Runtime.Tests;

public sealed class NamespaceRulesTests : IDisposable
{
    private const string Root = "BitbucketOperator.Runtime.Tests.NamespaceFixtures";
    private static readonly Assembly Fixtures = typeof(NamespaceFixtures.Lower.Ground).Assembly;
    private readonly string _folder = Directory.CreateTempSubdirectory("namespaces").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void AllowedUse_IsNoViolation() =>
        Rules(("Upper", ["Lower"]), ("Lower", [])).Violations(Fixtures).ShouldBeEmpty();

    [Theory]
    [InlineData("InBase -> Ground")]
    [InlineData("InConstraint -> Ground")]
    [InlineData("InMember -> Ground")]
    [InlineData("InSignature -> Ground")]
    [InlineData("InAttribute -> GroundAttribute")]
    [InlineData("InBody -> Ground")]
    [InlineData("InGenericCall -> Ground")]
    [InlineData("InTypeOf -> Ground")]
    [InlineData("InCatch -> GroundException")]
    [InlineData("InLambda -> Ground")]
    [InlineData("InAsync -> Ground")]
    [InlineData("InIterator -> Ground")]
    [InlineData("AfterSwitch -> Ground")]
    public void ForbiddenUse_IsNamedWithItsTypes(string example)
    {
        var violation = Rules(("Upper", []), ("Lower", [])).Violations(Fixtures).ShouldHaveSingleItem();

        violation.ShouldStartWith("NamespaceFixtures.Upper must not use NamespaceFixtures.Lower (");
        violation.TrimEnd(')').Split('(')[1].Split(", ").ShouldContain(example);
    }

    [Fact]
    public void NamespaceWithoutEntry_IsReported() =>
        Rules(("Upper", ["Lower", "Middle"])).Violations(Fixtures).ShouldBe(
        [
            "NamespaceFixtures.Lower has no entry in the table",
            "NamespaceFixtures.Middle has no entry in the table",
        ]);

    [Fact]
    public void CycleInTable_IsReportedOnce() =>
        Rules(("Upper", ["Middle"]), ("Middle", ["Lower"]), ("Lower", ["Upper"])).Violations(Fixtures)
            .Where(v => v.Contains("cycle"))
            .ShouldBe(
            [
                "the table contains a cycle: NamespaceFixtures.Lower -> NamespaceFixtures.Upper"
                    + " -> NamespaceFixtures.Middle -> NamespaceFixtures.Lower",
            ]);

    [Theory]
    [InlineData($"using {Root}.Upper;")]
    [InlineData($"using static {Root}.Upper.InBody;")]
    [InlineData($"using Alias = {Root}.Upper.InBody;")]
    [InlineData($"global using global::{Root}.Upper.Deep;")]
    public void ForbiddenUsing_IsNamedWithItsFile(string line)
    {
        Write("Lower/Constants.cs", $"using System;\n{line}\n\nnamespace {Root}.Lower;\n");

        Rules(("Upper", ["Lower"]), ("Lower", [])).Violations(Fixtures, _folder).ShouldBe(
            ["NamespaceFixtures.Lower must not use NamespaceFixtures.Upper (Lower/Constants.cs)"]);
    }

    [Fact]
    public void NamespaceThatIsNotItsFolder_IsReported()
    {
        Write("Program.cs", "Console.WriteLine();\n");
        Write("Root.cs", $"namespace {Root};\n");
        Write("Upper/Deep/Right.cs", $"namespace {Root}.Upper.Deep;\n");
        Write("Upper/Wrong.cs", $"namespace {Root};\n");
        Write("obj/Generated.cs", "namespace Generated;\n");

        Rules().FolderViolations(_folder).ShouldBe([$"Upper/Wrong.cs has namespace {Root}, its folder says {Root}.Upper"]);
    }

    private static NamespaceRules Rules(params (string Namespace, string[] Uses)[] table) =>
        new(Root, table.ToDictionary(t => t.Namespace, t => t.Uses));

    private void Write(string file, string text)
    {
        var path = Path.Combine(_folder, file);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
    }
}
