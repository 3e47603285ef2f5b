using System.Text;
using System.Text.Json.Nodes;

namespace BitbucketOperator.ControlPlane;

/// <summary>Writes and reads kubeconfig files. They hold tokens: only their owner may read them.</summary>
internal static class Kubeconfig
{
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    public static Task WriteAsync(string path, Uri server, byte[] ca, string user, string token, string ns, CancellationToken cancellationToken) =>
        WritePrivateAsync(path, $"""
            apiVersion: v1
            kind: Config
            current-context: {user}
            clusters:
              - name: cluster
                cluster:
                  server: {server.GetLeftPart(UriPartial.Authority)}
                  certificate-authority-data: {Convert.ToBase64String(ca)}
            users:
              - name: {user}
                user:
                  token: {token}
            contexts:
              - name: {user}
                context: {"{"} cluster: cluster, user: {user}, namespace: {ns} {"}"}

            """, cancellationToken);

    /// <summary>Writes a file that appears whole or not at all, for its owner alone.</summary>
    public static async Task WritePrivateAsync(string path, string content, CancellationToken cancellationToken)
    {
        var draft = path + ".new";
        File.Delete(draft);
        await using (var file = new FileStream(draft, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = Private }))
            await file.WriteAsync(Encoding.UTF8.GetBytes(content), cancellationToken);
        File.Move(draft, path, overwrite: true);
    }

    /// <summary>
    /// Reads address, certificates and (if it has one) token of the current context from what <c>kubectl config view --raw --minify
    /// --flatten -o json</c> prints.
    /// </summary>
    public static (Uri Server, byte[] Ca, string? Token) Read(string json)
    {
        var config = JsonNode.Parse(json)!;
        var cluster = config["clusters"]![0]!["cluster"]!;
        var ca = cluster["certificate-authority-data"]?.GetValue<string>();
        var token = config["users"]?[0]?["user"]?["token"]?.GetValue<string>();
        return (new Uri(cluster["server"]!.GetValue<string>()), Convert.FromBase64String(ca ?? ""), token);
    }
}
