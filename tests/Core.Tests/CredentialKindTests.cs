using System.Reflection;
using System.Text;
using System.Text.RegularExpressions;
using BitbucketOperator.Core.Api;
using BitbucketOperator.Core.Api.V1Alpha1;
using BitbucketOperator.Core.Credentials;
using BitbucketOperator.Core.Mapping;
using BitbucketOperator.Core.Model;
using BitbucketOperator.Core.Port;
using BitbucketOperator.Testing;
using YamlDotNet.RepresentationModel;

namespace BitbucketOperator.Core.Tests;

/// <summary>Every place that lists the kinds of credential lists those that have a descriptor.</summary>
public sealed partial class CredentialKindTests
{
    private static readonly string[] Names = [.. CredentialDescriptors.All.Select(d => d.Kind.ToString())];

    public static TheoryData<CredentialKind> Kinds => [.. Enum.GetValues<CredentialKind>()];

    public static TheoryData<CredentialKind> UsableKinds => [.. CredentialDescriptors.All.Where(d => !d.IsRemoved).Select(d => d.Kind)];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Descriptor_IsOfItsKind(CredentialKind kind) => CredentialDescriptors.Of(kind).Kind.ShouldBe(kind);

    [Theory]
    [MemberData(nameof(Kinds))]
    public void SecretWithTheUsualKeys_GivesACredentialOfTheKind(CredentialKind kind)
    {
        var data = CredentialDescriptors.Of(kind).Keys.ToDictionary(k => k.Usual, _ => "a@b"u8.ToArray(), StringComparer.Ordinal);
        SecretReader.ReadCredential(new CredentialSource(kind, "s"), Secret(data), "spec.auth", SecretRules.Default)
            .Value.ShouldNotBeNull().Type.ShouldBe(kind);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Keys_HaveEachTheirOwnInASecretOfTypeBasicAuth(CredentialKind kind) =>
        CredentialDescriptors.Of(kind).Keys.Select(k => k.InBasicAuth).ShouldBeUnique();

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Keys_CanBeNamedInTheResource(CredentialKind kind)
    {
        var keys = new CredentialKeys();
        foreach (var property in typeof(CredentialKeys).GetProperties())
        {
            property.SetValue(keys, "mine");
        }

        var auth = new AuthSpec { SecretRef = new CredentialSecretReference { Name = "s", Keys = keys } }.ToModel();
        CredentialDescriptors.Of(kind).Keys.Select(k => k.Usual).Except(auth.Keys.Keys)
            .ShouldBeEmpty("spec.auth.secretRef.keys (CredentialKeys and ConnectionMapping) cannot rename them");
    }

    [Fact]
    public void SignsOfAKind_PointToOne()
    {
        var cloud = CredentialDescriptors.All.OfType<CloudDescriptor>().ToList();
        cloud.SelectMany(d => d.ReportedAs).ShouldBeUnique();
        cloud.Select(d => d.TokenPrefix).OfType<string>().ShouldBeUnique();
    }

    [Fact]
    public void Enumeration_HasTheKinds()
    {
        Enum.GetNames<AuthType>().ShouldBe(Names, ignoreOrder: true);
        Enum.GetValues<AuthType>().Where(t => t.ToModel().ToString() != t.ToString()).ShouldBeEmpty("EnumMapping joins them with another");
    }

    [Theory]
    [InlineData("auth")]
    [InlineData("webhookAuth")]
    public void Rule_ListsTheKindsOfEachFlavour(string field)
    {
        var rule = typeof(BitbucketConnectionSpec).GetCustomAttributes<ValidationRuleAttribute>()
            .Single(r => r.FieldPath == $".{field}.type");
        var listed = List().Matches(rule.Rule).Select(m => m.Groups["kinds"].Value.Split(", ").Select(k => k.Trim('\'')).ToList()).ToList();
        listed.Count.ShouldBe(2, rule.Rule);
        listed[0].ShouldBe(NamesOf(Flavour.Cloud), ignoreOrder: true);
        listed[1].ShouldBe(NamesOf(Flavour.DataCenter), ignoreOrder: true);

        var told = rule.Message.Split("Bitbucket Cloud knows ");
        WordsOf(told[0]).Intersect(Names).ShouldBe(NamesOf(Flavour.DataCenter), ignoreOrder: true, rule.Message);
        WordsOf(told[1]).Intersect(Names).ShouldBe(NamesOf(Flavour.Cloud), ignoreOrder: true, rule.Message);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Description_NamesTheKindWithItsKeys(CredentialKind kind)
    {
        var keys = string.Join(", ", CredentialDescriptors.Of(kind).Keys.Select(k => k.Usual));
        var described = Described().Match(Read("config/crd/bitbucketconnections.yaml")).Value;
        Regex.IsMatch(described, $@"\b{kind} \((keys? )?{keys}\)", RegexOptions.None, TimeSpan.FromSeconds(1))
            .ShouldBeTrue($"AuthSpec.Type does not name {kind} with {keys}: {described}");
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Page_HasASectionAndRowsOnTheKind(CredentialKind kind)
    {
        var lines = Read("docs/credentials.md").Split('\n');
        lines.ShouldContain($"## {kind}", "docs/credentials.md has no such section");
        lines.ShouldContain(
            l => l.StartsWith($"| `{kind}` |", StringComparison.Ordinal), $"docs/credentials.md, Which kind, has no row on {kind}");
        lines.ShouldContain(
            l => l.StartsWith("| Capability |", StringComparison.Ordinal) && l.Contains($"`{kind}`", StringComparison.Ordinal),
            $"docs/credentials.md has no column of rights for {kind}");
    }

    [Fact]
    public void Page_HasSectionsOnNoOtherKind()
    {
        var kinds = Read("docs/credentials.md").Split('\n').SkipWhile(l => l != "## Into a Secret").Skip(1)
            .TakeWhile(l => l != "## Try it by hand").Where(l => l.StartsWith("## ", StringComparison.Ordinal)).Select(l => l[3..]);
        kinds.ShouldBe(Names, ignoreOrder: true);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Readme_HasARowWithTheKeys(CredentialKind kind)
    {
        var keys = string.Join(", ", CredentialDescriptors.Of(kind).Keys.Select(k => $"`{k.Usual}`"));
        Read("README.md").Split('\n').ShouldContain(
            l => l.StartsWith($"| `{kind}` |", StringComparison.Ordinal) && l.Contains($"| {keys} |", StringComparison.Ordinal),
            $"README.md, Credentials, has no row on {kind} with {keys}");
    }

    [Theory]
    [MemberData(nameof(UsableKinds))]
    public void Samples_HaveOneWithASecretOfItsKeys(CredentialKind kind)
    {
        var samples = Directory.GetFiles(SourceTree.PathOf("config", "samples"), "*.yaml").Select(f => Yaml.Documents(File.ReadAllText(f)));
        var secrets = samples.Select(documents => SecretFor(kind, documents)).OfType<ReferencedData>().ToList();
        secrets.ShouldNotBeEmpty($"config/samples has none of the kind {kind}, with its Secret");
        foreach (var secret in secrets)
        {
            var fault = SecretReader.ReadCredential(new CredentialSource(kind, "s"), secret, "spec.auth", SecretRules.Default).Fault;
            fault.ShouldNotBeNull().Message.ShouldContain("is a placeholder", customMessage: "and nothing else is wrong with it");
        }
    }

    // Samples on other subjects leave the Secret to the one on its kind.
    private static ReferencedData? SecretFor(CredentialKind kind, IReadOnlyList<YamlMappingNode> documents)
    {
        var auth = documents.Select(AuthOf).OfType<CredentialSource>().FirstOrDefault(a => a.Kind == kind);
        var secret = documents.FirstOrDefault(
            d => Text(d, "kind") == "Secret" && Text((YamlMappingNode)d["metadata"], "name") == auth?.SecretName);
        return secret is null ? null : Secret(DataOf(secret), Text(secret, "type"));
    }

    private static CredentialSource? AuthOf(YamlMappingNode document) =>
        Text(document, "kind") == "BitbucketConnection" ? Yaml.ToConnection(document).Spec.Auth.ToModel() : null;

    private static Dictionary<string, byte[]> DataOf(YamlMappingNode secret) => ((YamlMappingNode)secret["stringData"]).Children
        .ToDictionary(c => c.Key.ToString(), c => Encoding.UTF8.GetBytes(c.Value.ToString()), StringComparer.Ordinal);

    private static string? Text(YamlMappingNode map, string key) => map.Children.TryGetValue(key, out var value) ? value.ToString() : null;

    private static ReferencedData Secret(IReadOnlyDictionary<string, byte[]> data, string? type = null) =>
        new("Secret", "ci", "s", data) { Type = type };

    private static List<string> NamesOf(Flavour flavour) =>
        [.. CredentialDescriptors.All.Where(d => d.Flavour == flavour).Select(d => d.Kind.ToString())];

    private static string[] WordsOf(string text) => text.Split([' ', ',', ';'], StringSplitOptions.RemoveEmptyEntries);

    private static string Read(string file) => File.ReadAllText(SourceTree.PathOf(file.Split('/')));

    [GeneratedRegex(@" in \[(?<kinds>[^\]]*)\]", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex List();

    [GeneratedRegex("description: \"The kind of credential\\. .*", RegexOptions.None, 1000)]
    private static partial Regex Described();
}
