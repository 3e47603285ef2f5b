using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using BitbucketOperator.Core.Api.V1Alpha1;
using BitbucketOperator.Core.Credentials;
using k8s.Models;

namespace BitbucketOperator.Controllers;

/// <summary>Makes Secrets for webhooks. The one place of the operator that needs chance which nobody can guess.</summary>
internal static class SecretMaker
{
    /// <summary>A value of <see cref="GeneratedSecret.ValueBytes"/> random bytes, in base64url without padding.</summary>
    public static string NewValue() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(GeneratedSecret.ValueBytes));

    /// <summary>The Secret with a new value; it belongs to the connection and goes with it.</summary>
    public static V1Secret Make(GeneratedSecret desired) => new()
    {
        ApiVersion = "v1",
        Kind = "Secret",
        Type = "Opaque",
        Metadata = new V1ObjectMeta
        {
            Name = desired.Name,
            NamespaceProperty = desired.Namespace,
            Labels = new Dictionary<string, string>(desired.Labels, StringComparer.Ordinal),
            OwnerReferences =
            [
                // It stands in nobody's way: a connection that waits for its webhooks to be removed needs it no more.
                new V1OwnerReference
                {
                    ApiVersion = $"{BitbucketConnection.Group}/{BitbucketConnection.Version}",
                    Kind = BitbucketConnection.KindName,
                    Name = desired.Connection,
                    Uid = desired.ConnectionUid,
                    Controller = true,
                    BlockOwnerDeletion = false,
                },
            ],
        },
        Data = new Dictionary<string, byte[]>(StringComparer.Ordinal) { [GeneratedSecret.Key] = Encoding.UTF8.GetBytes(NewValue()) },
    };
}
