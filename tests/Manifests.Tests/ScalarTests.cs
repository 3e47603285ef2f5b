using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using BitbucketOperator.Manifests.Documents;
using BitbucketOperator.Manifests.Yaml;
using CsCheck;

namespace BitbucketOperator.Manifests.Tests;

/// <summary>Unquoted scalars mean what they mean to kubectl, which is asked. The random ones are the same in every run, unless CsCheck_Iter is set.</summary>
public sealed class ScalarTests(ClusterFixture fixture)
{
    private static readonly string[] Known =
    [
        "yes", "Yes", "YES", "yEs", "no", "on", "On", "off", "y", "Y", "n", "N", "true", "True", "TRUE", "tRUE", "false", "null", "Null", "~", "NULL", "nULL",
        "0", "1", "-1", "+1", "00", "007", "08", "09", "0o17", "0O17", "0x1F", "0X1f", "-0x1F", "0b101", "-0b101", "0b2",
        "0b+1", "0b-1", "-0b+1", "-0b-1", "0x+1", "0o+7", "0+7", "1_000", "1__0", "_1", "1_", "0_7", "0x", "0o", "0b",
        "9223372036854775807", "9223372036854775808", "-9223372036854775808", "18446744073709551615", "18446744073709551616", "+18446744073709551615",
        "1.0", "1.5", ".5", "+.5", "-.5", "5.", ".", "..", "1e3", "1E3", "1e+3", "1e-3", ".5e1", "1e400",
        "1.5.5", "1e", "e1", "1_0.5", "._5", "0.1e1", ".835_33", ".8__3", ".83_", ".5e1_0", ".5_e1", ".5e_1", "._", "-0", "-0.0", "+", "-a", "1a", "0xg",
        "2027-01-31", "2027-1-1", "2027-01-31T00:00:00Z", "12:30:45",
        "190:20:30", "1:20", "10m", "1h30m", "v1", "a b", "=", "0.0.0.0", "1.2.3", "1,000", "<<x", "a<<",
    ];

    [Fact]
    public async Task KnownScalars_MeanWhatTheyMeanToKubectl() => await CompareAsync(Known);

    [Fact]
    public async Task RandomScalars_MeanWhatTheyMeanToKubectl()
    {
        var some = Gen.Char["0123456789+-._eExXoObByYnNtT"].Array[1, 7].Select(c => new string(c)).Array[400];
        await Samples.CheckAsync(some, 2, CompareAsync);
    }

    [Fact]
    public async Task BlocksAndQuotes_MeanWhatTheyMeanToKubectl()
    {
        string[] values =
        [
            "|\n    a\n    b\n", "|-\n    a\n\n", "|+\n    a\n\n", ">\n    a\n    b\n\n    c\n",
            ">-\n    a\n      b\n    c\n", "|2\n      a\n", "|\n    a: b # c\n", "|\n    a\ttab\n",
            "'it''s'\n", "\"a\\tb\\x41\\u00e9\\U0001F600\\\"\"\n", "\"a\n    b\"\n", "'a\n\n    b'\n",
            "a\n    b\n", "\"a\\\n    b\"\n", "a#b #c\n", "a:b\n", "[a, 'b', {c: d}]\n", "{a: , b: }\n", "\n    - a\n", "\n  - a\n", "\n", "# x\n",
            "|\r\n    a\r\n    b\r\n", "&x a\n  w: *x\n", "\n    ? a\n    : b\n", "|\n    a",
        ];
        var texts = values.Select(value => $"apiVersion: v1\nkind: ConfigMap\nmetadata: {{ name: a }}\nvalues:\n  v: {value}");
        var yaml = string.Join("---\n", texts);
        var result = await fixture.KubectlAsync(yaml, "create", "--dry-run=client", "--validate=ignore", "-o", "json", "-f", "-");
        var kubectl = JsonNode.Parse($"[{result.EnsureSuccess().Output.Replace("}\n{", "},{", StringComparison.Ordinal)}]")!.AsArray();
        var problems = new List<Problem>();
        var ours = YamlReader.Read("x", yaml, problems);
        problems.ShouldBeEmpty();
        ours.Select(node => Json(node)!["values"]!.ToJsonString()).ShouldBe(kubectl.Select(node => node!["values"]!.ToJsonString()));
    }

    [Theory]
    [InlineData("\"yes\"", "\"yes\"")]
    [InlineData("'1'", "\"1\"")]
    [InlineData("!!str yes", "\"yes\"")]
    [InlineData("!!int \"7\"", "7")]
    [InlineData("!!float 7", "7")]
    [InlineData("! 7", "\"7\"")]
    [InlineData("|\n  a\n  b\n", "\"a\\nb\\n\"")]
    [InlineData(">-\n  a\n  b\n", "\"a b\"")]
    [InlineData("a\n  b", "\"a b\"")]
    public void QuotesTagsAndBlocks_DecideTheType(string yaml, string json)
    {
        var problems = new List<Problem>();
        var node = YamlReader.Read("x", $"a: {yaml}", problems).ShouldHaveSingleItem();
        problems.ShouldBeEmpty();
        Json(node)!["a"].ShouldNotBeNull().ToJsonString().ShouldBe(json);
    }

    [Theory]
    [InlineData(".inf")]
    [InlineData("-.INF")]
    [InlineData(".NaN")]
    public void NumbersThatJsonDoesNotKnow_AreErrors(string text)
    {
        var problems = new List<Problem>();
        YamlReader.Read("x", $"a: {text}", problems).ShouldBeEmpty();
        problems.ShouldHaveSingleItem().ToString().ShouldStartWith("x:1:4: error: infinity");
    }

    private async Task CompareAsync(string[] texts)
    {
        var yaml = new StringBuilder("apiVersion: v1\nkind: ConfigMap\nmetadata: { name: scalars }\nvalues:\n");
        var plain = texts.Where(t => t is not ("-" or "---")).Distinct(StringComparer.Ordinal).ToList();
        plain.ForEach(text => yaml.Append("- ").Append(text).Append('\n'));
        var result = await fixture.KubectlAsync(yaml.ToString(), "create", "--dry-run=client", "--validate=ignore", "-o", "json", "-f", "-");
        var kubectl = JsonNode.Parse(result.EnsureSuccess().Output)!["values"]!.AsArray();
        var problems = new List<Problem>();
        var ours = Json(YamlReader.Read("x", yaml.ToString(), problems).ShouldHaveSingleItem())!["values"]!.AsArray();
        problems.ShouldBeEmpty();
        ours.Select((value, i) => $"{plain[i]} = {Text(value)}").ShouldBe(kubectl.Select((value, i) => $"{plain[i]} = {Text(value)}"));
    }

    // Go and .NET write large numbers differently.
    private static string Text(JsonNode? value) => value?.GetValueKind() == JsonValueKind.Number && !long.TryParse(value.ToJsonString(), out _)
        ? value.GetValue<double>().ToString("R")
        : value?.ToJsonString() ?? "null";

    private static JsonNode? Json(Node node)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream))
        {
            node.Write(writer);
        }

        return JsonNode.Parse(stream.ToArray());
    }
}
