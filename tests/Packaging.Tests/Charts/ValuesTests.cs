using System.Text.Json.Nodes;

namespace BitbucketOperator.Packaging.Tests.Charts;

/// <summary>What the schema of the values takes, and what a person is told of what it does not take.</summary>
public sealed class ValuesTests
{
    public static TheoryData<string, string> Mistakes => new()
    {
        { "replica=2", "additional properties 'replica' not allowed" },
        { "image.name=x", "at '/image': additional properties 'name' not allowed" },
        { "image.tag=a/b", "at '/image/tag': 'a/b' does not match pattern" },
        { "image.digest=0123", "at '/image/digest': '0123' does not match pattern" },
        { "image.repository=", "at '/image/repository': minLength: got 0, want 1" },
        { "image.pullPolicy=Sometimes", "at '/image/pullPolicy': value must be one of 'Always', 'IfNotPresent', 'Never'" },
        { "replicas=two", "at '/replicas': got string, want integer" },
        { "replicas=-1", "at '/replicas': minimum: got -1, want 0" },
        { "workers=0", "at '/workers': minimum: got 0, want 1" },
        { "workers=300", "at '/workers': maximum: got 300, want 256" },
        { "maxRequestsPerHost=1.5", "at '/maxRequestsPerHost': got string, want integer" },
        { "watchNamespaces=team-a", "at '/watchNamespaces': got string, want array" },
        { "watchNamespaces={Team_A}", "at '/watchNamespaces/0': 'Team_A' does not match pattern" },
        { "watchNamespaces={a\\,a}", "at '/watchNamespaces/0': 'a,a' does not match pattern" },
        { "allowedHosts={https://bitbucket.org}", "at '/allowedHosts/0': 'https://bitbucket.org' does not match pattern" },
        { "cloud.apiUrl=api.bitbucket.org", "at '/cloud/apiUrl': 'api.bitbucket.org' does not match pattern" },
        { "log.level=Info", "at '/log/level': value must be one of 'Verbose', 'Debug', 'Information', 'Warning', 'Error'" },
        { "log.format=json", "at '/log/format': value must be one of 'Json', 'Text'" },
        { "proxy.httpsProxy=proxy:3128", "at '/proxy/httpsProxy': 'proxy:3128' does not match pattern" },
        { "proxy.httpProxy=http://bot:pw@proxy:3128", "at '/proxy/httpProxy':" },
        { "allowHttp=\"yes\"", "at '/allowHttp': got string, want boolean" },
        { "extraArgs={run}", "at '/extraArgs/0': 'run' does not match pattern '^--'" },
        { "commonLabels.a=1", "at '/commonLabels/a': got number, want string" },
        { "health.port=80", "at '/health/port': minimum: got 80, want 1,024" },
        { "imagePullSecrets={registry}", "at '/imagePullSecrets/0': got string, want object" },
        { "podDisruptionBudget.maxUnavailable=half", "at '/podDisruptionBudget/maxUnavailable'" },
        { "metrics.serviceMonitor.interval=often", "at '/metrics/serviceMonitor/interval': 'often' does not match pattern" },
        { "replicas=2,leaderElection.enabled=false", "replicas: several replicas need leaderElection.enabled=true" },
        { "watchNamespaces={team-a}", "clusterName: set a name for this cluster when watchNamespaces is set" },
        { "metrics.port=8081", "metrics.port: must differ from health.port" },
        { "metrics.enabled=false,metrics.serviceMonitor.enabled=true", "metrics.serviceMonitor.enabled: needs metrics.enabled=true" },
        { "metrics.enabled=false,metrics.prometheusRule.enabled=true", "metrics.prometheusRule.enabled: needs metrics.enabled=true or otlp.endpoint" },
        { "otlp.endpoint=collector:4317", "at '/otlp/endpoint': 'collector:4317' does not match pattern" },
        { "otlp.endpoint=http://bot:pw@collector:4317", "at '/otlp/endpoint':" },
        { "nameOverride=My_Name", "at '/nameOverride': 'My_Name' does not match pattern" },
        { "fullnameOverride=My_Name", "at '/fullnameOverride': 'My_Name' does not match pattern" },
        { "serviceAccount.name=My_Name", "at '/serviceAccount/name': 'My_Name' does not match pattern" },
        { "priorityClassName=Very High", "at '/priorityClassName': 'Very High' does not match pattern" },
        { "commonLabels.team=our team", "at '/commonLabels/team': 'our team' does not match pattern" },
        { "podLabels.team=our team", "at '/podLabels/team': 'our team' does not match pattern" },
        { "nodeSelector.pool=a/b", "at '/nodeSelector/pool': 'a/b' does not match pattern" },
        { "metrics.dashboard.labels.grafana=a/b", "at '/metrics/dashboard/labels/grafana': 'a/b' does not match pattern" },
        { "image.registry=https://ghcr.io", "at '/image/registry': 'https://ghcr.io' does not match pattern" },
        { "image.repository=Team/Operator", "at '/image/repository': 'Team/Operator' does not match pattern" },
        { "metrics.address=localhost", "at '/metrics/address': 'localhost' does not match pattern" },
        { "health.address=abc", "at '/health/address': 'abc' does not match pattern" },
        { "podDisruptionBudget.maxUnavailable=200%", "at '/podDisruptionBudget/maxUnavailable': '200%' does not match pattern" },
        { "proxy.httpProxy=http://my proxy:3128", "at '/proxy/httpProxy': 'http://my proxy:3128' does not match pattern" },
        { "resources.limits.memory=256MB", "at '/resources/limits/memory': '256MB' does not match pattern" },
        { "generateSecret=true", "at '/generateSecret': got boolean, want object" },
        { "generateSecret.enabled=true,generateSecret.policy=false", "at '/generateSecret': additional properties 'policy' not allowed" },
        { "extraEnv[0].name=A,extraEnv[0].value=1", "at '/extraEnv/0/value': got number, want string" },
        { "extraEnv[0].name=A,extraEnv[0].valeu=b", "at '/extraEnv/0': additional properties 'valeu' not allowed" },
        { "watchSelector=the east shard", "at '/watchSelector': 'the east shard' does not match pattern" },
        { "watchSelector=shard: a", "at '/watchSelector': 'shard: a' does not match pattern" },
        { "watchSelector=shard in a", "at '/watchSelector': 'shard in a' does not match pattern" },
        { "watchSelector=shard=a\\,", "at '/watchSelector': 'shard=a,' does not match pattern" },
        { "networkPolicy.ingress[0].from=x", "at '/networkPolicy': additional properties 'ingress' not allowed" },
        { "networkPolicy.metricsFrom[0].namespaceSelektor.a=b", "at '/networkPolicy/metricsFrom/0': additional properties 'namespaceSelektor' not allowed" },
        { "networkPolicy.metricsFrom[0].podSelector.app=b", "at '/networkPolicy/metricsFrom/0/podSelector': additional properties 'app' not allowed" },
        { "networkPolicy.egress[0].from[0].ipBlock.cidr=10.0.0.0/8", "at '/networkPolicy/egress/0': additional properties 'from' not allowed" },
        { "networkPolicy.egress[0].to[0].ipBlock.cidr=10.0.0.0", "at '/networkPolicy/egress/0/to/0/ipBlock/cidr': '10.0.0.0' does not match pattern" },
        { "networkPolicy.egress[0].ports[0].number=443", "at '/networkPolicy/egress/0/ports/0': additional properties 'number' not allowed" },
        { "enabled=\"yes\"", "at '/enabled': got string, want boolean" },
        { "global.imageRegistry=https://ghcr.io", "at '/global/imageRegistry': 'https://ghcr.io' does not match pattern" },
        { "global.imagePullSecrets=registry", "at '/global/imagePullSecrets': got string, want array" },
        {
            "global.compatibility.openshift.adaptSecurityContext=yes",
            "at '/global/compatibility/openshift/adaptSecurityContext': value must be one of 'auto', 'force', 'disabled'"
        },
        { "replicaCount=2", "additional properties 'replicaCount' not allowed" },
        { "revisionHistoryLimit=-1", "at '/revisionHistoryLimit': minimum: got -1, want 0" },
        { "strategy.type=Rolling", "at '/strategy/type': value must be one of 'RollingUpdate', 'Recreate'" },
        { "strategy.rollingUpdate.maxSurge=many", "at '/strategy/rollingUpdate/maxSurge'" },
        { "leaderElection.enabled=false,strategy.type=RollingUpdate", "strategy.type: must be Recreate without leaderElection.enabled=true" },
        { "leaderElection.enabled=false,strategy.rollingUpdate.maxSurge=1", "strategy.type: must be Recreate without leaderElection.enabled=true" },
        { "deploymentAnnotations.a=1", "at '/deploymentAnnotations/a': got number, want string" },
        { "dnsPolicy=ClusterLast", "at '/dnsPolicy': value must be one of" },
        { "dnsPolicy=None", "dnsConfig: set nameservers when dnsPolicy is None" },
        { "dnsConfig.nameserver=10.0.0.1", "at '/dnsConfig': additional properties 'nameserver' not allowed" },
        { "hostAliases[0].ip=bitbucket,hostAliases[0].hostnames={a}", "at '/hostAliases/0/ip': 'bitbucket' does not match pattern" },
        { "hostNetwork=1", "at '/hostNetwork': got number, want boolean" },
        { "extraObjects={}", "at '/extraObjects/0'" },
        { "initContainers[0].name=wait", "at '/initContainers/0': missing property 'image'" },
        { "namespaceOverride=My_Name", "at '/namespaceOverride': 'My_Name' does not match pattern" },
        { "livenessProbe.httpGet.port=80", "at '/livenessProbe': additional properties 'httpGet' not allowed" },
        { "readinessProbe.periodSeconds=0", "at '/readinessProbe/periodSeconds': minimum: got 0, want 1" },
        { "metrics.service.type=NodePort", "at '/metrics/service': additional properties 'type' not allowed" },
        { "metrics.serviceMonitor.namespace=My_Name", "at '/metrics/serviceMonitor/namespace': 'My_Name' does not match pattern" },
        { "metrics.enabled=false,metrics.podMonitor.enabled=true", "metrics.podMonitor.enabled: needs metrics.enabled=true" },
        {
            "metrics.serviceMonitor.enabled=true,metrics.podMonitor.enabled=true",
            "metrics.podMonitor.enabled: cannot be combined with metrics.serviceMonitor.enabled"
        },
        { "uninstallCheck=false", "at '/uninstallCheck': got boolean, want object" },
    };

    [Theory]
    [MemberData(nameof(Mistakes))]
    public async Task Mistake_IsRefusedWithTheValueAndTheCure(string set, string message)
    {
        var result = await Chart.TemplateAsync("--set", set);
        result.ExitCode.ShouldNotBe(0, result.Output);
        result.Error.ShouldContain(message);
    }

    [Theory]
    [InlineData("metrics.enabled=false,health.port=8080")]
    [InlineData("resources.limits.memory=1.5Gi,resources.limits.cpu=500m,resources.requests.cpu=0.1")]
    [InlineData("image.registry=,image.repository=mirror/a__b/operator")]
    [InlineData("podDisruptionBudget.enabled=true,podDisruptionBudget.maxUnavailable=100%")]
    [InlineData("watchSelector=example.com/shard notin (a\\, b)\\,tier == gold\\,!legacy\\,owner")]
    [InlineData("watchSelector=shard=")]
    [InlineData("networkPolicy.metricsFrom[0].podSelector.matchLabels.app=prometheus,networkPolicy.egress[0].ports[0].port=443")]
    [InlineData("networkPolicy.egress[0].to[0].ipBlock.cidr=fd00::/8,networkPolicy.egress[0].to[0].ipBlock.except={fd00::/64}")]
    [InlineData("x-anchors.labels.team=platform")]
    [InlineData("global.storageClass=fast,global.imagePullSecrets={registry}")]
    [InlineData("strategy.rollingUpdate.maxSurge=25%")]
    public async Task UnusualValues_AreTaken(string set) => (await Chart.TemplateAsync("--set", set)).EnsureSuccess();

    [Fact]
    public async Task Schema_HasTheSameValuesAsTheDefaults()
    {
        var values = Chart.Objects(await File.ReadAllTextAsync(Path.Combine(Chart.Folder, "values.yaml")))[0];
        var schema = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(Chart.Folder, "values.schema.json")))!.AsObject();
        Compare("", values, schema);
    }

    [Fact]
    public async Task Schema_DescribesEveryValue()
    {
        var values = Chart.Objects(await File.ReadAllTextAsync(Path.Combine(Chart.Folder, "values.yaml")))[0];
        var schema = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(Chart.Folder, "values.schema.json")))!;
        Leaves("", values).Select(leaf => leaf.Path).Where(path => !IsDescribed(schema, path.Split('.'))).ShouldBeEmpty("run make generate");
    }

    [Fact]
    public async Task CaseEverything_ChangesEveryValue()
    {
        var defaults = Chart.Objects(await File.ReadAllTextAsync(Path.Combine(Chart.Folder, "values.yaml")))[0];
        var changed = Chart.Objects(await File.ReadAllTextAsync(Chart.ValuesOf("everything")))[0];
        // Each excludes another that is changed.
        string[] excluded =
        [
            "enabled", "uninstallCheck.enabled", "metrics.podMonitor.enabled", "crds.enabled", "generateSecret.admissionPolicy", "watchNamespaces",
            "replicas", "serviceAccount.create", "rbac.create", "metrics.enabled",
        ];
        Leaves("", defaults)
            .Where(leaf => !leaf.Path.Contains("ecurityContext", StringComparison.Ordinal))
            .Where(leaf => JsonNode.DeepEquals(leaf.Value, Find(changed, leaf.Path)) || Find(changed, leaf.Path) is null)
            .Select(leaf => leaf.Path).ShouldBe(excluded, ignoreOrder: true);
    }

    private static IEnumerable<(string Path, JsonNode? Value)> Leaves(string path, JsonObject map) =>
        map.SelectMany(v => v.Value is JsonObject { Count: > 0 } inner
        ? Leaves($"{path}{v.Key}.", inner)
        : [(path + v.Key, v.Value)]);

    // The description of a mapping describes what is in it, as that of resources does; global's is about other charts.
    private static bool IsDescribed(JsonNode schema, string[] path)
    {
        JsonNode? node = schema;
        foreach (var key in path)
        {
            node = node?["properties"]?[key];
            if (key != "global" && node?["description"] is not null)
            {
                return true;
            }
        }

        return false;
    }

    private static JsonNode? Find(JsonNode values, string path) => path.Split('.').Aggregate((JsonNode?)values, (node, key) => node?[key]);

    // A mapping with keys of its own in the schema is compared key by key; one that takes any key is a value as a whole.
    private static void Compare(string path, JsonObject values, JsonObject schema)
    {
        if (schema["properties"] is not JsonObject properties)
        {
            return;
        }

        if (path is not ("/resources" or "/affinity" or "/strategy" or "/dnsConfig"))
        {
            // A parent chart may share values that other charts read.
            var isOpen = path.StartsWith("/global", StringComparison.Ordinal);
            (schema["additionalProperties"]?.GetValue<bool>() ?? true).ShouldBe(isOpen, $"{path} takes misspelt values");
            properties.Select(p => p.Key).Order(StringComparer.Ordinal).ShouldBe(values.Select(v => v.Key).Order(StringComparer.Ordinal), path);
        }

        foreach (var (key, value) in values.Where(v => v.Value is JsonObject))
        {
            Compare($"{path}/{key}", value!.AsObject(), properties[key]!.AsObject());
        }
    }
}
