using BitbucketOperator.Core.Api.V1Alpha1;

namespace BitbucketOperator.Generator;

/// <summary>Argo CD's ConfigMap with the health check, as a patch.</summary>
internal static class ArgoCdHealth
{
    public static async Task<string> OfAsync(string root)
    {
        var script = await File.ReadAllLinesAsync(Path.Combine(root, "config", "argocd", "health.lua"));
        return $"""
            # Written by `make generate` from health.lua. Do not edit.
            apiVersion: v1
            kind: ConfigMap
            metadata:
              name: argocd-cm
              namespace: argocd
            data:
              resource.customizations.health.{BitbucketConnection.Group}_{BitbucketConnection.KindName}: |

            """ + string.Concat(script.Select(l => (l.Length == 0 ? "" : "    " + l) + '\n'));
    }
}
