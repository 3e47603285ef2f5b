using System.Text.Json.Nodes;
using BitbucketOperator.Cli.Output;
using YamlDotNet.RepresentationModel;

namespace BitbucketOperator.Cli.Tests;

/// <summary>YAML that every reader takes for what it was.</summary>
public sealed class YamlTextTests
{
    [Theory]
    [InlineData("yes")]
    [InlineData("No")]
    [InlineData("null")]
    [InlineData("12")]
    [InlineData("1e3")]
    [InlineData("0x10")]
    [InlineData("2026-01-31T00:00:00Z")]
    [InlineData("")]
    [InlineData(" padded ")]
    [InlineData("key: value")]
    [InlineData("- item")]
    [InlineData("# comment")]
    [InlineData("a # comment")]
    [InlineData("it's \"quoted\"\nand broken\t")]
    [InlineData("*alias &anchor !tag %x @y `z`")]
    [InlineData("ünïcode ✓")]
    public void Text_IsReadAsTheSameTextAndPlainOnlyWhereItIsSafe(string text)
    {
        var yaml = YamlText.Of(
            new JsonObject { ["list"] = new JsonArray(text, new JsonObject { ["deep"] = text, ["empty"] = new JsonArray() }), ["last"] = text });
        var stream = new YamlStream();
        stream.Load(new StringReader(yaml));
        var root = (YamlMappingNode)stream.Documents[0].RootNode;
        var leaf = (YamlScalarNode)root["last"];
        leaf.Value.ShouldBe(text);
        leaf.Style.ShouldBe(YamlDotNet.Core.ScalarStyle.DoubleQuoted);
        ((YamlScalarNode)root["list"][0]).Value.ShouldBe(text);
        ((YamlScalarNode)root["list"][1]["deep"]).Value.ShouldBe(text);
    }

    [Fact]
    public void Words_ArePlain() =>
        YamlText.Of(new JsonObject { ["reason"] = "a text, as people write it", ["count"] = 3, ["on"] = true })
            .ShouldBe("reason: a text, as people write it\ncount: 3\n\"on\": true\n");
}
