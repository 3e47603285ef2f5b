using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using BitbucketOperator.ControlPlane;
using BitbucketOperator.Controllers;
using BitbucketOperator.Core.Credentials;
using BitbucketOperator.Manifests.Cel;
using BitbucketOperator.Runtime.Client;
using BitbucketOperator.Testing;

namespace BitbucketOperator.Packaging.Tests.Charts;

/// <summary>
/// The right to create Secrets, and the policy that narrows it. The development API server heeds no policies, so that the
/// expressions are evaluated by the product's own CEL, and by the API server as rules of a definition.
/// </summary>
public sealed partial class GenerateSecretTests(PackagingFixture fixture)
{
    private const string Operator = "system:serviceaccount:bitbucket-operator-system:bitbucket-operator";
    private static readonly string[] Enabled = ["--set", "generateSecret.enabled=true"];

    public static TheoryData<string, string> Stolen => new()
    {
        { "a ServiceAccount's token", """{ "type": "kubernetes.io/service-account-token" }""" },
        { "a bootstrap token", """{ "type": "bootstrap.kubernetes.io/token" }""" },
        { "no type", """{ "type": null }""" },
        { "no labels", """{ "metadata": { "labels": null } }""" },
        { "another's label", """{ "metadata": { "labels": { "app.kubernetes.io/managed-by": "Helm" } } }""" },
        { "no connection's label", """{ "metadata": { "labels": { "bitbucketoperator.dev/connection": null } } }""" },
        { "no owner", """{ "metadata": { "ownerReferences": null } }""" },
        { "another owner", """{ "metadata": { "ownerReferences": [{ "apiVersion": "apps/v1", "kind": "BitbucketConnection", "name": "a", "uid": "u" }] } }""" },
        { "another key", """{ "data": { "server": "aHR0cHM6Ly9ldmls" } }""" },
        { "no data", """{ "data": null }""" },
    };

    [Theory]
    [InlineData("default")]
    [InlineData("ha")]
    public async Task ByDefault_TheOperatorCreatesNoSecrets(string name)
    {
        var objects = await Chart.ObjectsAsync(name);
        RulesOnSecrets(objects).SelectMany(r => r["verbs"]!.AsArray()).Select(v => v!.GetValue<string>()).Distinct(StringComparer.Ordinal)
            .ShouldBe(["get", "list", "watch"], ignoreOrder: true);
        objects.ShouldNotContain(o => o.Kind().StartsWith("ValidatingAdmissionPolicy", StringComparison.Ordinal));
    }

    [Fact]
    public async Task WhereItMay_ThePolicyLetsTheOperatorsOwnSecretsPass()
    {
        var (policy, binding) = await PolicyAsync();
        Refusals(policy, SecretOf(new GeneratedSecret("ci", "ci", "platform-ci", "platform", "u"))).ShouldBeEmpty();
        binding["spec"]!["policyName"]!.GetValue<string>().ShouldBe(policy.Name());
        binding["spec"]!["validationActions"]!.AsArray().Select(a => a!.GetValue<string>()).ShouldBe(["Deny"]);
        policy["spec"]!["failurePolicy"]!.GetValue<string>().ShouldBe("Fail");
    }

    [Theory]
    [MemberData(nameof(Stolen))]
    public async Task WhereItMay_ThePolicyRefusesEveryOther(string what, string patch)
    {
        var (policy, _) = await PolicyAsync();
        var secret = SecretOf(new GeneratedSecret("ci", "ci", "platform-ci", "platform", "u"));
        Merge(secret, JsonNode.Parse(patch)!.AsObject());
        Refusals(policy, secret).ShouldNotBeEmpty(what);
    }

    [Fact]
    public async Task ApiServer_JudgesByTheSameExpressionsInTheSameWay()
    {
        var (policy, _) = await PolicyAsync();
        await fixture.ApplyAsync(DefinitionWithRulesOf(policy).ToJsonString());
        await fixture.KubectlAsync("wait", "--for=condition=Established", "--timeout=180s", "crd/secretlikes.policies.example.com");
        var own = SecretOf(new GeneratedSecret("ci", "ci", "platform-ci", "platform", "u"));
        (await CreateAsync(own)).ShouldBe("");
        foreach (var row in Stolen)
        {
            var secret = own.DeepClone().AsObject();
            Merge(secret, JsonNode.Parse(row.Data.Item2)!.AsObject());
            var said = await CreateAsync(secret);
            Refusals(policy, secret).ShouldAllBe(message => said.Contains(message, StringComparison.Ordinal), $"{row.Data.Item1}: {said}");
        }

        await fixture.KubectlAsync("delete", "crd", "secretlikes.policies.example.com");

        async Task<string> CreateAsync(JsonObject secret)
        {
            var manifest = new JsonObject
            {
                ["apiVersion"] = "policies.example.com/v1",
                ["kind"] = "SecretLike",
                ["metadata"] = new JsonObject { ["name"] = "a", ["namespace"] = "default" },
                ["object"] = secret.DeepClone(),
            };
            return (await fixture.Cluster.KubectlAsync(["create", "--dry-run=server", "--validate=strict", "-f", "-"], manifest.ToJsonString())).Error;
        }
    }

    [Theory]
    [InlineData("chart", Operator, true)]
    [InlineData("chart", "system:serviceaccount:elsewhere:bitbucket-operator", false)]
    [InlineData("chart", "system:serviceaccount:bitbucket-operator-system:bitbucket-operator2", false)]
    [InlineData("chart", "alice", false)]
    [InlineData("component", Operator, true)]
    [InlineData("component", "system:serviceaccount:elsewhere:bitbucket-operator", true)]
    [InlineData("component", "system:serviceaccount:bitbucket-operator-system:my-bitbucket-operator", false)]
    [InlineData("component", "bitbucket-operator", false)]
    public async Task Policy_IsForTheOperatorAlone(string source, string user, bool applies)
    {
        var (policy, _) = source == "chart" ? await PolicyAsync() : PolicyOf(Chart.Objects(await File.ReadAllTextAsync(
            SourceTree.PathOf("config", "components", "generate-secret", "generate_secret.yaml"))));
        var condition = policy["spec"]!["matchConditions"]!.AsArray().ShouldHaveSingleItem()!["expression"]!.GetValue<string>();
        var request = new JsonObject { ["request"] = new JsonObject { ["userInfo"] = new JsonObject { ["username"] = user } } };
        Evaluate(condition, request).ShouldBe(applies);
    }

    [Fact]
    public async Task Policy_IsOfTheAccountThatTheOperatorHas()
    {
        var (policy, _) = await PolicyAsync("--set", "serviceAccount.create=false,serviceAccount.name=mine");
        policy["spec"]!["matchConditions"]![0]!["expression"]!.GetValue<string>().ShouldContain("\"system:serviceaccount:bitbucket-operator-system:mine\"");
    }

    [Fact]
    public async Task BeforeKubernetes130_ItIsRefusedWithTheCure()
    {
        var refused = await Chart.TemplateAsync([.. Enabled, "--kube-version", "1.29.14"]);
        refused.ExitCode.ShouldNotBe(0);
        refused.Error.ShouldContain("generateSecret.enabled: needs Kubernetes 1.30");
        (await Chart.TemplateAsync([.. Enabled, "--kube-version", "1.30.0-gke.1"])).EnsureSuccess();
        (await Chart.TemplateAsync([.. Enabled, "--set", "generateSecret.admissionPolicy=false", "--kube-version", "1.29.14"])).EnsureSuccess();
    }

    [Fact]
    public async Task Component_AddsToTheKustomizeBaseWhatTheValueAddsToTheChart()
    {
        var folder = Directory.CreateTempSubdirectory("kustomize-").FullName;
        string Below(params string[] path) => Path.GetRelativePath(folder, SourceTree.PathOf(path));
        await File.WriteAllTextAsync(Path.Combine(folder, "kustomization.yaml"), $"""
            apiVersion: kustomize.config.k8s.io/v1beta1
            kind: Kustomization
            namespace: elsewhere
            resources: ["{Below("config")}"]
            components: ["{Below("config", "components", "generate-secret")}"]
            """);
        var built = Chart.Objects((await (await Tools.EnsureAsync()).KubectlAsync(["kustomize", folder])).EnsureSuccess().Output);
        Directory.Delete(folder, recursive: true);
        var chart = Chart.Objects((await Chart.TemplateAsync(Enabled)).EnsureSuccess().Output);
        var added = Added(built);
        added.Select(o => $"{o.Kind()} {o.Name()}").ShouldBe(Added(chart).Select(o => $"{o.Kind()} {o.Name()}"));
        added.Count.ShouldBe(4);
        added.The("ClusterRoleBinding")["subjects"]![0]!["namespace"]!.GetValue<string>().ShouldBe("elsewhere");
    }

    private static List<JsonObject> Added(IEnumerable<JsonObject> objects) =>
        [.. objects.Where(o => o.Name().EndsWith("-generate-secret", StringComparison.Ordinal)).OrderBy(o => o.Kind(), StringComparer.Ordinal)];

    private static IEnumerable<JsonNode> RulesOnSecrets(IEnumerable<JsonObject> objects) => objects.Where(o => o.Kind() is "Role" or "ClusterRole")
        .SelectMany(o => o["rules"]!.AsArray()).OfType<JsonNode>().Where(r => r["resources"]!.AsArray().Any(x => x!.GetValue<string>() == "secrets"));

    private static async Task<(JsonObject Policy, JsonObject Binding)> PolicyAsync(params string[] more) =>
        PolicyOf(Chart.Objects((await Chart.TemplateAsync([.. Enabled, .. more])).EnsureSuccess().Output));

    private static (JsonObject Policy, JsonObject Binding) PolicyOf(IReadOnlyList<JsonObject> objects) =>
        (objects.The("ValidatingAdmissionPolicy"), objects.The("ValidatingAdmissionPolicyBinding"));

    private static JsonObject SecretOf(GeneratedSecret desired) =>
        JsonNode.Parse(System.Text.Json.JsonSerializer.Serialize(SecretMaker.Make(desired), KindsJson.Default.V1Secret))!.AsObject();

    private static List<string> Refusals(JsonObject policy, JsonObject secret) =>
        [.. policy["spec"]!["validations"]!.AsArray()
            .Where(v => !Evaluate(v!["expression"]!.GetValue<string>(), new JsonObject { ["object"] = secret.DeepClone() }))
            .Select(v => v!["message"]!.GetValue<string>())];

    private static JsonNode DefinitionWithRulesOf(JsonObject policy)
    {
        const string Text = """{ "type": "string", "maxLength": 400 }""";
        const string Texts = $$"""{ "type": "object", "maxProperties": 20, "additionalProperties": {{Text}} }""";
        var definition = JsonNode.Parse($$"""
            {
              "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition", "metadata": { "name": "secretlikes.policies.example.com" },
              "spec": {
                "group": "policies.example.com", "scope": "Namespaced", "names": { "plural": "secretlikes", "singular": "secretlike", "kind": "SecretLike" },
                "versions": [{ "name": "v1", "served": true, "storage": true, "schema": { "openAPIV3Schema": { "type": "object", "properties": { "object": {
                  "type": "object",
                  "properties": {
                    "apiVersion": {{Text}}, "kind": {{Text}}, "type": {{Text}}, "data": {{Texts}},
                    "metadata": { "type": "object", "properties": {
                      "name": {{Text}}, "namespace": {{Text}}, "labels": {{Texts}}, "annotations": {{Texts}},
                      "ownerReferences": { "type": "array", "maxItems": 5, "items": { "type": "object", "properties": {
                        "apiVersion": {{Text}}, "kind": {{Text}}, "name": {{Text}}, "uid": {{Text}},
                        "controller": { "type": "boolean" }, "blockOwnerDeletion": { "type": "boolean" }
                      } } }
                    } }
                  }
                } } } } }]
              }
            }
            """)!;
        var schema = definition["spec"]!["versions"]![0]!["schema"]!["openAPIV3Schema"]!;
        schema["properties"]!["object"]!["x-kubernetes-validations"] = new JsonArray(
            [.. policy["spec"]!["validations"]!.AsArray().Select(v => new JsonObject
            {
                ["rule"] = v!["expression"]!.GetValue<string>().Replace("object.", "self.", StringComparison.Ordinal),
                ["message"] = v["message"]!.GetValue<string>(),
            })]);
        return definition;
    }

    // Our CEL knows one variable.
    private static bool Evaluate(string expression, JsonObject variables) =>
        CelProgram.Compile(Variable().Replace(expression, "self.$0")).Evaluate(Plain(variables)).ShouldBeOfType<bool>();

    private static object? Plain(JsonNode? node) => node switch
    {
        null => null,
        JsonObject map => map.ToDictionary(e => e.Key, e => Plain(e.Value), StringComparer.Ordinal),
        JsonArray list => list.Select(Plain).ToList(),
        JsonValue value => value.GetValueKind() == System.Text.Json.JsonValueKind.String ? value.GetValue<string>() : value.ToJsonString() == "true",
        _ => throw new NotSupportedException(node.ToJsonString()),
    };

    // As a JSON merge patch.
    private static void Merge(JsonObject target, JsonObject patch)
    {
        foreach (var (key, value) in patch)
        {
            if (value is JsonObject inner && target[key] is JsonObject own)
            {
                Merge(own, inner);
            }
            else if (value is null)
            {
                target.Remove(key);
            }
            else
            {
                target[key] = value.DeepClone();
            }
        }
    }

    [GeneratedRegex(@"\b(?:object|request)\.", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Variable();
}
