using System.Text;
using System.Text.RegularExpressions;
using BitbucketOperator.Core.Api.V1Alpha1;
using BitbucketOperator.Manifests.Documents;
using BitbucketOperator.Manifests.Reading;
using BitbucketOperator.Manifests.Schemas;
using BitbucketOperator.Manifests.Yaml;

namespace BitbucketOperator.Manifests.Tests;

/// <summary>Every rule of the definition is there, is evaluated, and has a case that breaks it.</summary>
public sealed partial class RuleTests
{
    private const string Head = """
        apiVersion: bitbucketoperator.dev/v1alpha1
        kind: BitbucketConnection
        metadata: { name: platform }
        spec:

        """;

    // For each message's beginning, a spec that breaks its rule alone.
    private static readonly Dictionary<string, string> Breaking = new(StringComparer.Ordinal)
    {
        ["url must be an absolute"] = "{url: /bitbucket, auth: {type: Basic, secretRef: {name: a}}}",
        ["url must hold no user name"] = "{url: 'https://x.example.com?a', auth: {type: Basic, secretRef: {name: a}}}",
        ["url must be the server's root"] = "{url: https://x.example.com/rest, auth: {type: Basic, secretRef: {name: a}}}",
        ["discovery.repositories is"] =
            "{url: https://x.example.com, auth: {type: Basic, secretRef: {name: a}}, discovery: {include: [a], repositories: [a/b]}}",
        ["interval must lie"] = "{url: https://x.example.com, auth: {type: Basic, secretRef: {name: a}}, interval: 25h}",
        ["webhookInterval must lie"] = "{url: https://x.example.com, auth: {type: Basic, secretRef: {name: a}}, webhookInterval: 59s}",
        ["proxy.url must be"] = "{url: https://x.example.com, auth: {type: Basic, secretRef: {name: a}}, proxy: {url: proxy}}",
        ["webhooks[].url must be"] = "{url: https://x.example.com, auth: {type: Basic, secretRef: {name: a}}, webhooks: [{name: a, url: a}]}",
        ["two entries of spec.webhooks have"] =
            "{url: https://x.example.com, auth: {type: Basic, secretRef: {name: a}}, webhooks: [{name: a, url: https://a}, {name: b, url: https://a}]}",
        ["set secretRef or generateSecret"] = "{url: https://x.example.com, auth: {type: Basic, secretRef: {name: a}}, webhooks: [{name: a, url: https://a,"
            + " generateSecret: true, secretRef: {name: a}}]}",
        ["hosting does not fit url"] = "{url: https://x.example.com, hosting: Cloud, auth: {type: Basic, secretRef: {name: a}}}",
        ["auth.type does not exist"] = "{url: https://x.example.com, auth: {type: OAuth2, secretRef: {name: a}}}",
        ["webhookAuth.type does not exist"] =
            "{url: https://x.example.com, auth: {type: Basic, secretRef: {name: a}}, webhookAuth: {type: OAuth2, secretRef: {name: a}}}",
        ["workspace is required"] = "{url: https://bitbucket.org, auth: {type: OAuth2, secretRef: {name: a}}}",
        ["url and workspace name"] = "{url: https://bitbucket.org/a, workspace: b, auth: {type: OAuth2, secretRef: {name: a}}}",
        ["workspace exists on"] = "{url: https://x.example.com, workspace: b, auth: {type: Basic, secretRef: {name: a}}}",
        ["webhooks[].level does not"] =
            "{url: https://x.example.com, auth: {type: Basic, secretRef: {name: a}}, webhooks: [{name: a, url: https://a, level: Workspace}]}",
        ["webhooks[].url ends"] = "{url: https://x.example.com, auth: {type: Basic, secretRef: {name: a}}, webhooks: [{name: a, url: 'https://a/b '}]}",
        ["url is that of a clone"] = "{url: https://x.example.com/a.git, auth: {type: Basic, secretRef: {name: a}}}",
    };

    private static Schema Root => Given.Definition.Schema;

    [Fact]
    public void EveryRuleOfTheDefinition_IsCompiled()
    {
        var written = RuleLine().Count(Given.DefinitionText);
        var rules = Rules(Root).ToList();
        rules.Count.ShouldBe(written);
        rules.ShouldAllBe(rule => rule.Program != null, "no rule is a transition rule");
    }

    [Fact]
    public void EveryRule_IsBrokenByItsCaseAlone()
    {
        foreach (var rule in Rules(Root))
        {
            var (_, spec) = Breaking.Single(b => rule.Message.StartsWith(b.Key, StringComparison.Ordinal));
            var set = Given.Reader.Read("x.yaml", Encoding.UTF8.GetBytes($"{Head}  {spec}"));
            set.Problems.ShouldHaveSingleItem().Message.ShouldEndWith(rule.Message);
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("a: [")]
    [InlineData("spec: { group: example.com }")]
    public void Text_ThatIsNoDefinition_IsRefused(string text) =>
        Should.Throw<InvalidOperationException>(() => ResourceDefinition.Parse(text, "v1"));

    [Fact]
    public void UnknownKeyword_IsRefusedRatherThanLeftOut()
    {
        var schema = (MapNode)YamlReader.Read("x", "type: object\noneOf: []\n", []).Single();
        Should.Throw<NotSupportedException>(() => SchemaReader.Read(schema)).Message.ShouldContain("oneOf in line 2");
    }

    [Fact]
    public void TransitionRule_IsLeftToTheCluster()
    {
        var schema = SchemaReader.Read((MapNode)YamlReader.Read("x", "type: string\nx-kubernetes-validations:\n- rule: self == oldSelf\n", []).Single());
        var problems = new List<Problem>();
        new RuleChecks(new MapNode(default), problems).Check(new ScalarNode(default, "a"), schema, "spec");
        problems.ShouldBeEmpty();
        schema.Rules.ShouldHaveSingleItem().Program.ShouldBeNull();
    }

    private static IEnumerable<ValidationRule> Rules(Schema? schema) => schema is null
        ? []
        : schema.Rules.Concat(schema.Properties.Values.SelectMany(Rules)).Concat(Rules(schema.Items)).Concat(Rules(schema.AdditionalProperties));

    [GeneratedRegex("^ *- rule: ", RegexOptions.Multiline)]
    private static partial Regex RuleLine();
}
