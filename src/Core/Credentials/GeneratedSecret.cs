using System.Security.Cryptography;
using System.Text;
using BitbucketOperator.Core.Api;
using BitbucketOperator.Core.Model;

namespace BitbucketOperator.Core.Credentials;

/// <summary>The Secret that an entry with generateSecret has: made once, never overwritten, and gone with its connection.</summary>
/// <param name="Webhook">Name of the entry in spec.webhooks.</param>
/// <param name="Namespace">The connection's namespace.</param>
/// <param name="Name">Its name.</param>
/// <param name="Connection">The connection that owns it.</param>
/// <param name="ConnectionUid">The connection's UID.</param>
public sealed record GeneratedSecret(string Webhook, string Namespace, string Name, string Connection, string ConnectionUid)
{
    /// <summary>The key that holds the value.</summary>
    public const string Key = "secret";

    /// <summary>How many random bytes the value has. In base64url they are 43 characters, fewer than Bitbucket Cloud's limit of 128.</summary>
    public const int ValueBytes = 32;

    /// <summary>The label that names the connection.</summary>
    public const string ConnectionLabel = ApiGroup.Name + "/connection";

    private const int NameLimit = 253;
    private const int LabelLimit = 63;

    /// <summary>The Secret of an entry; null where the entry has none of this kind.</summary>
    public static GeneratedSecret? Of(Connection connection, WebhookEntry webhook)
    {
        return IsDesired(webhook)
            ? new(webhook.Name, connection.Namespace, NameOf(connection.Name, webhook.Name), connection.Name, connection.Uid)
            : null;
    }

    /// <summary>
    /// What the Secret is called: <c>connection-webhook</c>, such as <c>platform-ci</c>; where that is longer than a name may
    /// be, its beginning and a hash of it.
    /// </summary>
    public static string NameOf(string connection, string webhook) => Cut($"{connection}-{webhook}", NameLimit);

    /// <summary>The labels of the Secret.</summary>
    public IReadOnlyDictionary<string, string> Labels => new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["app.kubernetes.io/managed-by"] = "bitbucket-operator",
        [ConnectionLabel] = Cut(Connection, LabelLimit),
        [Api.Labels.Credential] = Api.Labels.True,
    };

    // A secretRef beside it is refused when the resource is written; in an older resource it says more.
    private static bool IsDesired(WebhookEntry webhook) => webhook is { GenerateSecret: true, Secret: null };

    private static string Cut(string text, int limit)
    {
        if (text.Length <= limit)
        {
            return text;
        }

        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)).AsSpan(0, 5));
        return $"{text[..(limit - hash.Length - 1)].TrimEnd('-', '.')}-{hash}";
    }
}
