using System.Runtime.CompilerServices;
using System.Text;
using CsCheck;

namespace BitbucketOperator.Manifests.Tests;

/// <summary>Whatever the bytes are, they end in problems, in bounded time.</summary>
public sealed class RobustnessTests
{
    private static readonly byte[][] Inputs =
    [
        .. Directory.GetFiles(Path.Combine(Path.GetDirectoryName(Here())!, "Cases"), "input.yaml", SearchOption.AllDirectories)
            .Order(StringComparer.Ordinal).Select(File.ReadAllBytes),
    ];

    private static readonly string[] Marks =
        ["a", "b: ", "- ", "\n", "  ", "\t", "{", "}", "[", "]", ",",
            ":", "\"", "'", "|", ">", "&a ", "*a", "<<: ", "!x ", "!!int ", "#", "---\n", "...\n", "%Y 1\n", "? ", "\\", "\r", "é", "1", "@"];

    [Fact]
    public void RandomBytes_EndInProblems() => Gen.Byte.Array[0, 200].Sample(Read, iter: 5_000);

    [Fact]
    public void RandomMarks_EndInProblems() =>
        Gen.Int[0, Marks.Length - 1].Select(i => Marks[i])
            .Array[0, 40].Select(string.Concat).Sample(text => Read(Encoding.UTF8.GetBytes(text)), iter: 30_000);

    [Fact]
    public void TruncatedManifests_EndInProblems() =>
        Gen.Select(Gen.Int[0, Inputs.Length - 1], Gen.Double.Unit).Sample((i, part) => Read(Inputs[i][..(int)(Inputs[i].Length * part)]), iter: 3_000);

    [Fact]
    public void FlippedManifests_EndInProblems() =>
        Gen.Select(Gen.Int[0, Inputs.Length - 1], Gen.Double.Unit, Gen.Byte).Sample(
            (i, at, value) =>
            {
                var bytes = (byte[])Inputs[i].Clone();
                bytes[(int)(bytes.Length * at)] = value;
                Read(bytes);
            },
            iter: 5_000);

    [Theory]
    [InlineData("aliases", "comes to more than")]
    [InlineData("texts", "comes to more than")]
    [InlineData("deep lists", "nested deeper than 100 levels")]
    [InlineData("deep blocks", "nested deeper than 100 levels")]
    [InlineData("deep json", "nested deeper than 100 levels")]
    [InlineData("deep aliases", "nested deeper than 100 levels")]
    [InlineData("many values", "comes to more than 200000 values")]
    public async Task Bomb_EndsInAnError(string bomb, string message)
    {
        var text = bomb switch
        {
            "aliases" => "a: &a0 [x, x, x, x, x, x, x, x, x]\n"
                + string.Concat(Enumerable.Range(1, 20).Select(i => $"a{i}: &a{i} [{string.Join(", ", Enumerable.Repeat($"*a{i - 1}", 9))}]\n")),
            "texts" => $"a: &a {new string('x', 1_000_000)}\nb: [{string.Join(", ", Enumerable.Repeat("*a", 100))}]\n",
            "deep lists" => new string('[', 100_000),
            "deep blocks" => string.Concat(Enumerable.Range(0, 1_000).Select(i => $"{new string(' ', i)}a:\n")),
            "deep json" => string.Concat(Enumerable.Repeat("{\"a\":", 100_000)),
            "deep aliases" => "a0: &a0 [x]\n" + string.Concat(Enumerable.Range(1, 200).Select(i => $"a{i}: &a{i} [*a{i - 1}]\n")),
            _ => $"a: [{string.Join(",", Enumerable.Repeat("x", 300_000))}]\n",
        };
        var read = await Eventually.EndsAsync("the end of reading", Task.Run(() => Given.Reader.Read("x.yaml", Encoding.UTF8.GetBytes(text))));
        read.Problems.ShouldContain(p => p.Message.Contains(message));
    }

    private static void Read(byte[] bytes)
    {
        var set = Given.Reader.Read("x.yaml", bytes);
        set.Problems.ShouldAllBe(p => p.At.File == "x.yaml" && p.Message.Length > 0);
        set.Problems.ShouldNotContain(p => p.Message.Contains("plainer way"), "an exception that is not known");
    }

    private static string Here([CallerFilePath] string path = "") => path;
}
