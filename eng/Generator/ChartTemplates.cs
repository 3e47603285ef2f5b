using BitbucketOperator.Core.Api.V1Alpha1;
using BitbucketOperator.Runtime.Model;

namespace BitbucketOperator.Generator;

/// <summary>The chart's templates that say what the code says.</summary>
internal static class ChartTemplates
{
    private const string Head = "{{- /* Written by `make generate` from the code. Do not edit. */}}\n";

    /// <summary>The definitions with the chart's labels, and with the switches of the value <c>crds</c>.</summary>
    public static string Crd(params string[] definitions) =>
        Head + "{{- if and .Values.enabled .Values.crds.enabled }}\n" + string.Join("---\n", definitions.Select(Templated)) + "{{- end }}\n";

    private static string Templated(string crd)
    {
        const string Labels = "  labels:\n    app.kubernetes.io/name: bitbucket-operator\n";
        var body = crd[(crd.IndexOf("---\n", StringComparison.Ordinal) + 4)..].Replace("{{", "{{ \"{{\" }}", StringComparison.Ordinal);
        if (!body.Contains(Labels, StringComparison.Ordinal))
        {
            throw new InvalidOperationException("The definition's labels are not as the chart expects them");
        }

        return body.Replace(
            Labels,
            """
              {{- if .Values.crds.keep }}
              annotations:
                helm.sh/resource-policy: keep
              {{- end }}
              labels:
                {{- include "bitbucket-operator.labels" . | nindent 4 }}

            """,
            StringComparison.Ordinal);
    }

    /// <summary>Lists of rules to include in roles.</summary>
    public static string Rules() => Head
        + Define("watchedNamespaces", RbacRules.Of(RbacScope.WatchedNamespaces))
        + Define("generatedSecrets", RbacRules.Of(RbacScope.GeneratedSecrets))
        + Define("cluster", RbacRules.Of(RbacScope.Cluster))
        + Define("ownNamespace", RbacRules.Of(RbacScope.OwnNamespace))
        + Define("uninstall", RbacRules.Of(RbacScope.Uninstall))
        + Define("viewer", [ForUsers("get,list,watch", BitbucketConnection.Plural, BitbucketInventory.Plural)])
        + Define("editor", [ForUsers("create,delete,deletecollection,get,list,patch,update,watch", BitbucketConnection.Plural)]);

    private static YamlMap ForUsers(string verbs, params string[] resources) => RbacRules.Rule(BitbucketConnection.Group, resources, "", verbs);

    private static string Define(string name, List<object> rules) =>
        $"{{{{- define \"bitbucket-operator.rules.{name}\" -}}}}\n{Yaml.List(rules)}{{{{- end }}}}\n";
}
