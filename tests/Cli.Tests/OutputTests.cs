using BitbucketOperator.BitbucketSimulator.Faults;
using BitbucketOperator.Cli.Output;
using BitbucketOperator.Cli.Plugin;
using BitbucketOperator.Cli.Run;
using BitbucketOperator.Core.Api.V1Alpha1;
using BitbucketOperator.Testing;
using Serilog.Events;
using Serilog.Parsing;

namespace BitbucketOperator.Cli.Tests;

/// <summary>Nothing of others reaches a terminal, a text log or a report as it came.</summary>
public sealed class OutputTests
{
    private const string Escape = "a\u001b[31mb\u202ec\u200bd\ne";
    private const string Escaped = @"a\u001b[31mb\u202ec\u200bd\u000ae";

    public static TheoryData<string> Formats => ["table", "yaml", "json"];

    [Fact]
    public void StatusTree_EscapesWhatAStatusHolds()
    {
        using var output = new StringWriter { NewLine = "\n" };
        new StatusTree(new Screen(output), new Paint(colours: true)).Write(Connection());
        var text = output.ToString();
        text.ShouldContain($"Reason: {Escaped}");
        text.ShouldContain($"Reach: {Escaped}");
        text.ShouldContain("\e[31m", customMessage: "our own colours stay");
        text.ShouldNotContain("\u202e");
        text.ShouldNotContain("a\u001b");
    }

    [Fact]
    public void Table_EscapesItsCells()
    {
        using var output = new StringWriter { NewLine = "\n" };
        var table = new TextTable("A", "B");
        table.Add(Escape, Escape);
        table.Write(new Screen(output), new Paint(colours: false));
        output.ToString().ShouldEndWith($"{Escaped}  {Escaped}\n");
    }

    [Fact]
    public void JsonAndYaml_HoldNoHiddenCharactersAndReadTheSame()
    {
        var connection = Connection();
        var json = StatusText.Json([(connection, connection.Status!)]);
        json.ShouldContain("\n");
        Poisons.Traces(json.Replace("\n", "", StringComparison.Ordinal), longest: int.MaxValue).ShouldBeEmpty();
        System.Text.Json.Nodes.JsonNode.Parse(json)!["status"]!["conditions"]![0]!["message"]!.GetValue<string>().ShouldBe(Escape);
        var yaml = StatusText.Yaml([(connection, connection.Status!)]);
        Poisons.Traces(yaml.Replace("\n", "", StringComparison.Ordinal), longest: int.MaxValue).ShouldBeEmpty();
    }

    [Fact]
    public void TextLog_IsOneLineForEachEventAndItsException()
    {
        using var output = new StringWriter { NewLine = "\n" };
        var template = new MessageTemplateParser().Parse("webhook on {Repository}");
        var property = new LogEventProperty("Repository", new ScalarValue(Escape));
        new TextLogFormatter().Format(
            new LogEvent(DateTimeOffset.UnixEpoch, LogEventLevel.Warning, new InvalidOperationException(Escape), template, [property]), output);
        output.ToString().ShouldBe(
            $"00:00:00.000 WRN webhook on {Escaped}\nSystem.InvalidOperationException: {Escaped.Replace(@"\u000a", "\n", StringComparison.Ordinal)}\n");
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public async Task ServerThatRepeatsTheCredential_IsReportedWithoutIt(string format)
    {
        await using var world = await CheckWorld.StartAsync(readsLegacy: true);
        world.Bitbucket.Faults.Add(new Fault { Kind = FaultKind.Echo });
        var said = await world.CheckAsync("-o", format);
        said.Code.ShouldBeInRange(0, 1, said.All);
        said.Output.ShouldContain("PLAT", customMessage: said.All);
        Poisons.EchoesIn(said.All, CheckWorld.Token).ShouldBeEmpty(said.All);
    }

    [Theory]
    [MemberData(nameof(UrlsOfWebhooks))]
    public async Task SecretsInTheUrlOfAWebhook_AreShownByNoFormatAndNoProblem(string url)
    {
        await using var world = await CheckWorld.StartAsync();
        var manifest = await File.ReadAllTextAsync(world.Manifests, TestContext.Current.CancellationToken);
        var quoted = url.Replace("'", "''", StringComparison.Ordinal);
        manifest = manifest.Replace("url: https://ci.example.com/hooks/bitbucket", $"url: '{quoted}'", StringComparison.Ordinal);
        await File.WriteAllTextAsync(world.Manifests, manifest, TestContext.Current.CancellationToken);
        foreach (var format in (string[])["table", "json", "yaml"])
        {
            (await world.CheckAsync("-o", format)).All.ShouldNotContain(UrlSecrets.Secret);
        }
    }

    public static TheoryData<string> UrlsOfWebhooks =>
    [
        $"https://me:{UrlSecrets.Secret}@ci.example.com/hook?token={UrlSecrets.Secret}",
        $"ftp://me:{UrlSecrets.Secret}@ci.example.com/hook?token={UrlSecrets.Secret} and more {UrlSecrets.Secret}",
        $"https://?token={UrlSecrets.Secret}",
        $"ci.example.com/hook?token={UrlSecrets.Secret}",
        $"me:{UrlSecrets.Secret}@ci.example.com/hook",
        $"https://ci.example.com/{new string('x', 2_000)}?token={UrlSecrets.Secret}",
    ];

    private static BitbucketConnection Connection() => new()
    {
        ApiVersion = "bitbucketoperator.dev/v1alpha1",
        Kind = "BitbucketConnection",
        Metadata = new k8s.Models.V1ObjectMeta { Name = "platform", NamespaceProperty = "ci", Generation = 1 },
        Spec = new BitbucketConnectionSpec { Url = $"https://bitbucket.org/{Escape}" },
        Status = new BitbucketConnectionStatus
        {
            ObservedGeneration = 1,
            Conditions = [new Condition { Type = "Ready", Status = ConditionState.False, Reason = "Reason", Message = Escape }],
            Failures = [new FailureStatus { Reason = "Reach", Message = Escape, Count = 1, Examples = [Escape] }],
        },
    };
}
