using System.Security.Cryptography;
using System.Text;
using BitbucketOperator.Core.Model;

namespace BitbucketOperator.Core.Ownership;

/// <summary>Who a webhook's owner is: one BitbucketConnection of one cluster.</summary>
/// <param name="Id">16 hexadecimal digits; the same when the resource is made again from its manifest in the same cluster.</param>
/// <param name="Namespace">The resource's namespace, for people.</param>
/// <param name="Name">The resource's name, for people.</param>
public sealed record WebhookOwner(string Id, string Namespace, string Name)
{
    private const int IdBytes = 8;
    private const int ClusterBytes = 4;

    /// <summary>Tells the cluster from others in markers: 8 hexadecimal digits; null where the cluster is not known.</summary>
    public string? Cluster { get; init; }

    /// <summary>The owner that a connection's webhooks have: of its annotation, else derived.</summary>
    public static WebhookOwner Of(string cluster, Connection connection)
    {
        var derived = Of(cluster, connection.Namespace, connection.Name);
        return connection.OwnerId is { } id && IsId(id) ? derived with { Id = id } : derived;
    }

    /// <summary>True for 16 hexadecimal digits, in lower case as the operator writes them.</summary>
    public static bool IsId(string text) => text.Length == IdBytes * 2 && text.All(char.IsAsciiHexDigitLower);

    /// <summary>Derives the id from the cluster's name and the resource's.</summary>
    public static WebhookOwner Of(string cluster, string @namespace, string name)
    {
        var digest = SHA256.HashData(Encoding.UTF8.GetBytes($"{cluster}\n{@namespace}\n{name}"));
        return new WebhookOwner(Convert.ToHexStringLower(digest.AsSpan(0, IdBytes)), @namespace, name) { Cluster = ClusterWord(cluster) };
    }

    private static string? ClusterWord(string cluster) =>
        cluster.Length == 0 ? null : Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(cluster)).AsSpan(0, ClusterBytes));
}
