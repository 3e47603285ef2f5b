using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Text;

namespace BitbucketOperator.Core.Tests.Documentation;

/// <summary>The samples with which docs/webhooks.md shows how a receiver verifies deliveries.</summary>
public sealed class SignatureTests
{
    private const string Secret = "It's a Secret to Everybody";
    private const string Header = "sha256=a4771c39fbe90f317c7824e83ddef3caae9cb3d976c214ace1f2937e133263c9";
    private static readonly byte[] Body = Encoding.UTF8.GetBytes("Hello World!");

    private static string Page { get; } = Docs.Read("docs/webhooks.md");

    [Fact]
    public void Page_ShowsTheVectorAndTheTestedSample()
    {
        var tested = File.ReadAllText(Path.Combine(Path.GetDirectoryName(Here())!, "SignatureSamples.cs"));
        Docs.Blocks(Page, "csharp").ShouldHaveSingleItem().ShouldBe(tested[(tested.IndexOf('\n', StringComparison.Ordinal) + 1)..]);
        Page.ShouldContain(Header);
        Page.ShouldContain($"`{Secret}`");
    }

    [Fact]
    public void CSharpSample_KnowsTheVectorFromOthers()
    {
        Receiver.IsSigned(Body, Header, Secret).ShouldBeTrue();
        Receiver.IsSigned(Body, Header, "new", Secret).ShouldBeTrue("while a secret is rotated, two are good");
        Receiver.IsSigned(Body, Header, "new").ShouldBeFalse();
        Receiver.IsSigned(Body, header: null, Secret).ShouldBeFalse();
        Receiver.IsSigned(Encoding.UTF8.GetBytes("Hello World"), Header, Secret).ShouldBeFalse();
    }

    [Fact]
    public async Task PythonSample_KnowsTheVectorFromOthers()
    {
        var sample = Docs.Blocks(Page, "python").ShouldHaveSingleItem();
        var (exit, said) = await PythonAsync($"""
            {sample}
            assert is_signed(b"Hello World!", "{Header}", ["new", "{Secret}"])
            assert not is_signed(b"Hello World!", "{Header}", ["new"])
            assert not is_signed(b"Hello World!", None, ["{Secret}"])
            assert not is_signed(b"Hello World", "{Header}", ["{Secret}"])
            """);
        exit.ShouldBe(0, said);
    }

    private static async Task<(int Exit, string Said)> PythonAsync(string program)
    {
        var start = new ProcessStartInfo("python3", ["-"]) { UseShellExecute = false, RedirectStandardInput = true, RedirectStandardError = true };
        try
        {
            using var python = Process.Start(start)!;
            await python.StandardInput.WriteAsync(program);
            python.StandardInput.Close();
            var said = await python.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
            await python.WaitForExitAsync(TestContext.Current.CancellationToken);
            return (python.ExitCode, said);
        }
        catch (Win32Exception)
        {
            Assert.Skip("there is no python3 here");
            throw;
        }
    }

    private static string Here([CallerFilePath] string path = "") => path;
}
